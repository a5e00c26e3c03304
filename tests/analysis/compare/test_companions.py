"""What is printed beside VAAR: distributions, response style, equivalence."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from numpy.typing import NDArray

from analysis.compare.data.distribution import item_fidelity, jensen_shannon, wasserstein
from analysis.compare.data.samples import GroupSample, mean_score, read_samples
from analysis.compare.data.style import acquiescence, longest_run, orthogonality, straight_lining
from analysis.compare.errors import ComparisonDataError
from analysis.compare.models.equivalence import (
    cohen_q,
    independent_difference,
    profile_icc,
    r2_ratio,
    tost,
    wald,
)
from analysis.compare.results import Construct, Indicator, ItemSpec, PathSpec, Plan, SignSource
from surveys.instrument_files import (
    bundled_instruments,
    bundled_study,
    instruments_by_block,
    item_ref,
    questionnaire_of,
)
from surveys.presentation import present
from surveys.scoring import oriented
from surveys.simulation import (
    PROFILES,
    SimulatedRespondent,
    TraitProfile,
    check_keys,
    item_keys,
)

ITEM = ItemSpec("a", 1, 5)
Array = NDArray[np.float64]


def style_plan(reverse: tuple[int, ...] = (2, 4)) -> Plan:
    names = [f"a{i}" for i in (1, 2, 3, 4)]
    return Plan(
        constructs=(
            Construct("A", "A", tuple(Indicator(n, (n,)) for n in names)),
            Construct("Y", "Y", (Indicator("y", ("y",)),)),
        ),
        paths=(PathSpec("Y", "A", 1, SignSource.THEORY, "f"),),
        items=(
            *(ItemSpec(n, 1, 5, int(n[1]) in reverse) for n in names),
            ItemSpec("y", 1, 5),
        ),
        reference_group="people",
    )


def sample(raw: list[list[float]], plan: Plan) -> GroupSample:
    """Raw answers to a1..a4, oriented as the platform hands them over; y is 3 throughout."""
    values = np.array(raw, dtype=float)
    reverse = [item.reverse_keyed for item in plan.items[:4]]
    oriented = np.where(reverse, 6 - values, values)
    table = np.column_stack([oriented, np.full(len(values), 3.0)])
    return GroupSample("m", ("a1", "a2", "a3", "a4", "y"), table, np.arange(len(values)))


def test_wasserstein_is_one_between_opposite_ends_and_zero_between_equals() -> None:
    low, high = np.ones(10), np.full(10, 5.0)
    assert wasserstein(low, high, ITEM) == pytest.approx(1.0)
    assert wasserstein(low, low, ITEM) == 0.0
    assert wasserstein(low, low + 1, ITEM) == pytest.approx(0.25)


def test_jensen_shannon_stays_below_one_bit_though_no_category_is_shared() -> None:
    value = jensen_shannon(np.ones(100), np.full(100, 5.0), ITEM)
    assert 0.9 < value < 1.0


def test_a_constant_item_has_no_skew_and_no_entropy() -> None:
    people = GroupSample("p", ("a",), np.array([[1.0], [3.0], [5.0], [2.0]]), np.arange(4))
    model = GroupSample("m", ("a",), np.full((4, 1), 5.0), np.arange(4))
    row = item_fidelity(model, people, ITEM)
    assert (row.entropy, row.skewness, row.variance_ratio) == (0.0, None, 0.0)
    assert (row.ceiling_share, row.floor_share, row.distinct) == (1.0, 0.0, 1)


def test_an_item_nobody_answered_gives_no_number_at_all() -> None:
    people = GroupSample("p", ("a",), np.array([[1.0], [3.0]]), np.arange(2))
    row = item_fidelity(
        GroupSample("m", ("a",), np.full((2, 1), np.nan), np.arange(2)), people, ITEM
    )
    assert row.n == 0
    assert row.mean is None


def test_saying_yes_to_an_item_and_its_opposite_is_acquiescence() -> None:
    plan = style_plan()
    assert acquiescence(sample([[5, 5, 5, 5]], plan), plan) == (1.0, 2)
    assert acquiescence(sample([[5, 1, 5, 1]], plan), plan) == (0.0, 2)
    assert acquiescence(sample([[1, 1, 1, 1]], plan), plan) == (-1.0, 2)


def test_people_who_agree_to_everything_show_it() -> None:
    agreeing = replace(PROFILES["people"], name="agreeing", acquiescence_mean=0.8)
    assert 0 < simulated_acquiescence(PROFILES["people"]) < 0.15
    assert simulated_acquiescence(agreeing) > 0.3


def simulated_acquiescence(profile: TraitProfile) -> float:
    """The index of 150 simulated people who answer the bundled study."""
    study, instruments = bundled_study("privacy-prosocial"), bundled_instruments()
    by_block = instruments_by_block(study, instruments)
    scales = {
        item_ref(block, item.key): instrument.response_scale(item.response_scale).values
        for block, instrument in by_block.items()
        for item in instrument.items
    }
    keys = item_keys(by_block)
    items = tuple(
        ItemSpec(ref, scale[0], scale[-1], keys[ref].reverse_keyed) for ref, scale in scales.items()
    )
    plan = Plan(
        constructs=tuple(
            Construct(key, key, tuple(Indicator(r, (r,)) for r in keys if keys[r].construct == key))
            for key in ("privacy", "prosocial", "sharing")
        ),
        paths=(PathSpec("sharing", "privacy", -1, SignSource.THEORY, "f"),),
        items=items,
        reference_group="people",
    )
    shown = present(questionnaire_of(study, instruments, "en"), seed=1)
    table = np.full((150, len(items)), np.nan)
    for seed, row in enumerate(table):
        codes = SimulatedRespondent(profile, seed).answers(shown, keys | check_keys(study))
        for column, item in enumerate(items):
            if item.name in codes:
                row[column] = oriented(
                    shown.question(item.name).value_of(codes[item.name]),
                    reverse_keyed=item.reverse_keyed,
                    minimum=item.minimum,
                    maximum=item.maximum,
                )
    index, _ = acquiescence(GroupSample("m", tuple(scales), table, np.arange(len(table))), plan)
    assert index is not None
    return index


def test_acquiescence_cannot_be_seen_without_reverse_keyed_items() -> None:
    plan = style_plan(reverse=())
    assert acquiescence(sample([[5, 5, 5, 5]], plan), plan) == (None, 0)


def test_straight_lines_are_found_in_the_answers_as_given() -> None:
    plan = style_plan()
    answers = sample([[4, 4, 4, 4], [4, 2, 4, 2]], plan)
    assert straight_lining(answers, plan) == 0.5
    assert longest_run(answers, plan) == pytest.approx((1.0 + 0.25) / 2)


def test_answers_that_move_as_one_use_one_dimension() -> None:
    plan = style_plan(reverse=())
    trait = np.arange(1, 6, dtype=float)[:, None].repeat(4, axis=1)
    assert orthogonality(sample(trait.tolist(), plan), plan) == pytest.approx(0.25)


def test_tost_agrees_with_pingouin_in_large_samples() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.normal(0, 1, 4000), rng.normal(0.02, 1, 4000)
    se = float(np.sqrt(first.var(ddof=1) / 4000 + second.var(ddof=1) / 4000))
    ours = tost(float(first.mean() - second.mean()), se, 0.1)
    theirs = float(pg.tost(first, second, bound=0.1)["pval"].iloc[0])
    assert ours == pytest.approx(theirs, abs=1e-3)


def test_the_difference_of_two_samples_has_both_their_errors() -> None:
    difference = independent_difference((0.5, 0.03), (0.1, 0.04))
    assert difference == pytest.approx((0.4, 0.05))
    assert wald(*difference)[0] == pytest.approx(64.0)


def test_cohens_q_is_the_difference_of_fisher_z() -> None:
    answer = cohen_q(0.5, 0.3, 103, 103)
    assert answer is not None
    assert answer[0] == pytest.approx(0.2398, abs=1e-4)
    assert answer[1].upper - answer[1].lower == pytest.approx(2 * 1.96 * np.sqrt(0.02), abs=1e-3)
    assert cohen_q(1.0, 0.3, 103, 103) is None


def test_the_r2_ratio_is_undefined_where_people_explain_nothing() -> None:
    assert r2_ratio(0.3, 0.0, 100, 100) is None
    answer = r2_ratio(0.6, 0.3, 200, 500)
    assert answer is not None
    assert answer[0] == pytest.approx(2.0)
    assert answer[1] is not None
    assert answer[1].lower < 2.0 < answer[1].upper


@pytest.mark.filterwarnings("ignore")  # pingouin warns of pandas' future
def test_profile_icc_is_pingouins_absolute_agreement_of_single_ratings() -> None:
    people = np.array([0.2, 0.5, 0.4, 0.9, 0.7])
    model = people + np.array([0.05, -0.02, 0.04, -0.05, 0.02])
    long = pd.DataFrame(
        {
            "target": np.tile(np.arange(5), 2),
            "rater": np.repeat(["m", "p"], 5),
            "rating": np.concatenate([model, people]),
        }
    )
    table = pg.intraclass_corr(long, targets="target", raters="rater", ratings="rating")
    expected = float(table.loc[table["Type"] == "ICC(A,1)", "ICC"].iloc[0])
    answer = profile_icc(model, people)
    assert answer is not None
    assert answer[0] == pytest.approx(expected)


def test_a_shifted_profile_agrees_less_than_an_equal_one() -> None:
    people = np.array([0.2, 0.5, 0.4, 0.9])
    equal, shifted = profile_icc(people + 1e-6, people), profile_icc(people + 0.3, people)
    assert equal is not None
    assert shifted is not None
    assert equal[0] > 0.99
    assert shifted[0] < 0.7
    assert profile_icc(people[:2], people[:2]) is None


@pytest.mark.parametrize(
    ("values", "score"),
    [
        ([2, 4, 6], 4.0),
        ([2, None, 6], 4.0),
        ([2, None, None], None),
        ([2, 4, 6, None, None, 5], 4.25),
        ([2, 4, None, None, None, 5], None),
        ([2, None], None),
        ([None, None], None),
    ],
)
def test_a_score_is_the_mean_of_what_was_answered_unless_too_much_is_missing(
    values: list[float | None], score: float | None
) -> None:
    row = np.array([[np.nan if one is None else one for one in values]])
    found = mean_score(row)[0]
    assert (None if np.isnan(found) else found) == score


def test_samples_keep_the_order_of_appearance_and_combine_cluster_columns() -> None:
    plan = style_plan()
    data: dict[str, object] = {name: np.arange(1.0, 5.0) for name in ("a1", "a2", "a3", "a4", "y")}
    data |= {"group": ["people", "m", "m", "m"], "persona": [0, 1, 1, 2], "wording": list("aaab")}
    samples = read_samples(data, plan, group="group", cluster=("persona", "wording"))  # type: ignore[arg-type]
    assert list(samples) == ["people", "m"]
    assert len(np.unique(samples["m"].clusters)) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"a1": None}, "unknown_column"),
        ({"a1": ["x", "y"]}, "not_numeric"),
        ({"group": ["m", "m"]}, "no_reference_group"),
    ],
)
def test_data_that_do_not_fit_the_plan_are_refused_with_a_code(
    changes: dict[str, object], code: str
) -> None:
    data: dict[str, object] = {name: [1.0, 2.0] for name in ("a1", "a2", "a3", "a4", "y")}
    data = {**data, "group": ["people", "m"], **changes}
    data = {name: column for name, column in data.items() if column is not None}
    with pytest.raises(ComparisonDataError) as caught:
        read_samples(data, style_plan(), group="group")  # type: ignore[arg-type]
    assert caught.value.code == code
