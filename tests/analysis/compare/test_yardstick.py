"""People are checked before models are measured by them; what is wrong is said with its names."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.compare import compare
from analysis.compare.codes import Reason
from analysis.compare.comparison import analyse, scores
from analysis.compare.data.copies import copies_of
from analysis.compare.data.keying import keying_rows, twins
from analysis.compare.data.samples import GroupSample
from analysis.compare.data.style import response_style, straight_liners
from analysis.compare.model_fit import ModelFit, fit_words, model_fit
from analysis.compare.models.attempt import FitOptions, attempt
from analysis.compare.models.groups import fit_summaries, keying_of
from analysis.compare.notices.withholding import notices, with_notices
from analysis.compare.plan import ItemSpec, PathSpec, Plan, Rung, SignSource
from analysis.compare.results import Comparison
from analysis.compare.vaar.score import signs_disagree
from tests.analysis.compare.datasets import Data, german_people, items_of, read_table, stacked

SCALES = {"PRV": "p", "PRO": "s", "SHR": "a"}


def plan(items: int = 3, **changes: object) -> Plan:
    """Three scales of a few five-point items each, and two paths."""
    parts: dict[str, object] = {
        "constructs": tuple(
            items_of(key, [f"{letter}{i}" for i in range(1, items + 1)])
            for key, letter in SCALES.items()
        ),
        "paths": (
            PathSpec("SHR", "PRV", -1, SignSource.THEORY, "privacy"),
            PathSpec("SHR", "PRO", 1, SignSource.THEORY, "prosocial"),
        ),
        "items": tuple(
            ItemSpec(f"{letter}{i}", 1, 5)
            for letter in SCALES.values()
            for i in range(1, items + 1)
        ),
        "reference_group": "people",
    }
    return Plan(**{**parts, **changes})  # type: ignore[arg-type]


def answers(n: int = 300, items: int = 3, *, seed: int = 0, alike: float = 0.2) -> Data:
    """Sound answers; `alike` is the correlation of the two predictors."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=n)
    second = alike * first + np.sqrt(1.0 - alike**2) * rng.normal(size=n)
    third = -0.4 * first + 0.35 * second + 0.8 * rng.normal(size=n)
    return {
        f"{letter}{i}": np.clip(np.rint(3.0 + 0.8 * trait + 0.7 * rng.normal(size=n)), 1.0, 5.0)
        for letter, trait in zip("psa", (first, second, third), strict=True)
        for i in range(1, items + 1)
    }


def sample(data: Data) -> GroupSample:
    values = np.column_stack(list(data.values()))
    return GroupSample("people", tuple(data), values, np.arange(len(values)))


def beside_a_model(people: Data, items: int = 3, **changes: object) -> Comparison:
    """The people and a sound model of as many items, without joint fits, which take long."""
    data, labels = stacked(people=people, model=answers(200, items, seed=99))
    sources = analyse(data, plan(items, **changes), group=labels)
    everyone = (sources.people, *sources.models)
    return with_notices(
        replace(
            scores(sources),
            fits=tuple(row for one in everyone for row in fit_summaries(one)),
            keying=tuple(row for one in everyone for row in keying_of(one, sources.plan)),
            styles=tuple(response_style(one.sample, sources.plan) for one in everyone),
        )
    )


def said(comparison: Comparison, code: str, group: str = "people") -> str:
    return " ".join(
        one.sentence for one in comparison.notices if (one.code, one.group) == (code, group)
    )


def standing(comparison: Comparison) -> tuple[Rung, Reason | None, str]:
    row = next(row for row in comparison.estimability if row.group == "people")
    return row.rung, row.reason, row.detail


# ---------------------------------------------------------------- copies


def each_again(times: int, *, changed: bool = False) -> Callable[[Data], Data]:
    def make(data: Data) -> Data:
        again = {name: np.repeat(values, times) for name, values in data.items()}
        if changed:  # one answer of every second row is another
            rng = np.random.default_rng(1)
            for row in range(0, len(next(iter(again.values()))), 2):
                again[str(rng.choice(list(again)))][row] = float(rng.integers(1, 6))
        return again

    return make


@pytest.mark.parametrize(
    ("people", "items", "make", "worth"),
    [
        (60, 3, each_again(6), 60),
        (150, 3, each_again(2), 150),
        (150, 5, each_again(2, changed=True), 150),
    ],
)
def test_people_who_were_counted_again_are_found(people, items, make, worth):
    found = copies_of(sample(make(answers(people, items))), plan(items).items)
    assert found is not None
    assert found.worth == pytest.approx(worth, rel=0.1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("items", "top"), [(3, 5.0), (3, 3.0), (4, 2.0)])
def test_coarse_answers_that_are_equal_by_chance_are_no_copies(seed, items, top):
    coarse = {name: np.minimum(values, top) for name, values in answers(seed=seed).items()}
    assert copies_of(sample(coarse), plan().items) is None


def test_real_people_on_a_short_scale_are_no_copies(shared_dir):
    data, plan_of_people = german_people(shared_dir)
    rows = sample({item.name: data[item.name] for item in plan_of_people.items})
    assert copies_of(rows, plan_of_people.items) is None


def test_copies_of_people_have_no_p_values_and_count_once():
    comparison = beside_a_model(each_again(6)(answers(60)))
    assert "300 of the 360 rows of people repeat another row" in said(comparison, "copied_rows")
    assert comparison.groups[0].effective_n == pytest.approx(60, abs=3)
    assert {row.pvalue for row in comparison.paths if row.group == "people"} == {None}


# ---------------------------------------------------------------- keys


def test_items_keyed_the_wrong_way_round_are_named_below_half_of_a_scale():
    people = answers(items=5)
    for name in ("p2", "p4"):
        people[name] = 6.0 - people[name]
    rows = keying_rows(sample(people), plan(5).construct("PRV"))
    assert [row.item for row in rows if row.against] == ["p2", "p4"]
    assert not any(row.half for row in rows)


def test_a_wrongly_keyed_marker_is_named_and_not_the_items_beside_it():
    people = answers()
    people["a1"] = 6.0 - people["a1"]
    comparison = beside_a_model(people)
    sentence = said(comparison, "items_against_key")
    assert sentence.startswith("a1 (item–rest r = −0.")
    assert "loading = −0." in sentence
    assert not said(comparison, "orientation_unclear")


def test_of_two_items_that_run_against_each_other_neither_is_blamed():
    people = answers(items=2)
    people["p2"] = 6.0 - people["p2"]
    rows = keying_rows(sample(people), plan(2).construct("PRV"))
    assert [row.half for row in rows if row.against] == [True]


def test_sound_scales_have_no_item_against_their_key():
    people = sample(answers(items=5))
    assert not any(row.against for one in plan(5).constructs for row in keying_rows(people, one))
    assert twins(people, people.names) == {}


def test_a_nearly_copied_item_is_named():
    people = answers()
    people["p2"] = np.where(np.arange(300) < 3, 6.0 - people["p1"], people["p1"])
    assert "p1 and p2 (0.9" in said(beside_a_model(people), "items_alike")


# ---------------------------------------------------------------- straight lines


def test_straight_lines_are_measured_against_chance():
    people = answers()
    lines = np.random.default_rng(2).integers(1, 6, size=60)
    for values in people.values():
        values[:60] = lines
    found = straight_liners(sample(people), plan())
    assert found is not None
    assert found[0] > 0.19
    assert found[1] < 0.03
    assert copies_of(sample(people), plan().items) is None
    assert "gave one option throughout" in said(beside_a_model(people), "straight_lining")


# ---------------------------------------------------------------- size, collinearity, fit


def test_predictors_that_cannot_be_told_apart_are_named_with_their_paths():
    rng = np.random.default_rng(4)
    trait, other = rng.normal(size=(2, 300))
    near = trait + 0.1 * other
    outcome = 5.0 * (near - trait) + 0.2 * rng.normal(size=300)
    people = {
        f"{letter}{i}": 3.0 + value + 0.1 * rng.normal(size=300)
        for letter, value in zip("psa", (trait, near, outcome), strict=True)
        for i in (1, 2, 3)
    }
    sentence = said(beside_a_model(people), "collinear_predictors")
    assert sentence.startswith("PRV and PRO correlate ")
    assert "beyond ±1: PRV->SHR = −" in sentence


def test_few_rows_are_said_with_the_parameters_they_have_to_bear():
    sentence = said(beside_a_model(answers(60)), "small_sample")
    assert "60 rows for 21 free parameters, 2.9 a parameter" in sentence


def test_a_model_that_does_not_fit_is_not_called_the_full_model():
    people, style = answers(400, 4), np.random.default_rng(7).normal(size=400)
    for name in ("p1", "s1", "a1", "p2"):
        people[name] = np.clip(np.rint(people[name] + 1.2 * style), 1.0, 5.0)
    comparison = beside_a_model(people, 4)
    rung, reason, detail = standing(comparison)
    assert (rung, reason) == (Rung.FIT_NOT_SHOWN, Reason.FIT_NOT_SHOWN)
    assert "does not fit acceptably: CFI = ." in detail
    assert comparison.path_estimate("people", "PRV->SHR").rung is Rung.FIT_NOT_SHOWN
    assert "planned model does not fit acceptably" in said(comparison, "poor_fit")


@pytest.mark.parametrize(
    ("indices", "verdict", "words"),
    [
        ({"df": 0, "cfi": 1.0, "rmsea": 0.0}, ModelFit.NOT_TESTABLE, "fit cannot be tested"),
        ({"df": 24}, ModelFit.NOT_COMPUTED, "is not known"),
        (
            {"df": 24, "cfi": 0.951, "rmsea": 0.04, "pvalue": 0.01},
            ModelFit.ACCEPTABLE,
            "fits acceptably with CFI = .951, RMSEA = .040",
        ),
        ({"df": 24, "cfi": 0.6, "rmsea": 0.2, "pvalue": 0.0}, ModelFit.POOR, "does not fit"),
        (
            {"df": 24, "cfi": 0.88, "rmsea": 0.05, "pvalue": 0.2},
            ModelFit.UNCLEAR,
            "cannot be told at this n",
        ),
        (
            {"df": 24, "cfi": 0.95, "cfi.robust": 0.85, "rmsea": 0.05, "pvalue": 0.0},
            ModelFit.POOR,
            "CFI = .850",
        ),
    ],
)
def test_fits_is_said_only_where_fit_was_tested_and_with_its_numbers(indices, verdict, words):
    assert model_fit(indices) is verdict
    assert words in fit_words(indices)


def test_sound_people_pass_without_a_word():
    data, labels = stacked(people=answers(), model=answers(200, seed=99))
    found = compare(data, plan(), group=labels)
    assert {one.code for one in found.notices} == {"people_and_models_added"}


# ---------------------------------------------------------------- reasons


def with_gaps(data: Data) -> Data:
    """No row is complete: every person left a scale open."""
    places = np.arange(300) % 3
    for number, letter in enumerate("psa"):
        for name in data:
            if name.startswith(letter):
                data[name][places == number] = np.nan
    return data


def copied_item(data: Data) -> Data:
    return {**data, "p2": data["p1"]}


def unanswered(data: Data) -> Data:
    return {**data, "p2": np.full(300, np.nan)}


def never_both(data: Data) -> Data:
    data["p1"][:150], data["p2"][150:] = np.nan, np.nan
    return data


@pytest.mark.parametrize(
    ("spoil", "changes", "reason", "words"),
    [
        (with_gaps, {}, Reason.NO_ROWS, "no usable row"),
        (copied_item, {}, Reason.NOT_POSITIVE_DEFINITE, "p1 p2 are copies or sums"),
        (copied_item, {"estimator": "WLSMV"}, Reason.POLYCHORIC, "p1 and p2 order"),
        (unanswered, {}, Reason.NOT_ANSWERED, "p2"),
        (never_both, {"missing": "fiml"}, Reason.NEVER_TOGETHER, "p1 and p2 are never seen"),
        (
            lambda data: {name: values[:8] for name, values in data.items()},
            {},
            Reason.TOO_FEW_ROWS,
            "8 complete rows for 9 variables",
        ),
    ],
)
def test_a_reason_is_told_as_it_is_with_the_engines_own_words(spoil, changes, reason, words):
    comparison = beside_a_model(spoil(answers()), **changes)
    _, found, detail = standing(comparison)
    assert found is reason
    assert words in detail
    every = " ".join(one.sentence for one in comparison.notices)
    assert reason.sentence in every
    assert words in every
    assert "None" not in every


def test_parameters_that_cannot_be_told_apart_are_named():
    found = attempt("PRV =~ p1 + p2", answers(), FitOptions())
    assert found.reason is Reason.NOT_IDENTIFIED
    assert "PRV ~~ PRV cannot be told apart" in found.detail


def test_a_negative_variance_is_named():
    correlation = np.array([[1.0, 0.8, 0.8], [0.8, 1.0, 0.4], [0.8, 0.4, 1.0]])
    rows = np.random.default_rng(0).multivariate_normal(np.zeros(3), correlation, 300)
    columns = dict(zip(("p1", "p2", "p3"), rows.T, strict=True))
    found = attempt("PRV =~ p1 + p2 + p3", columns, FitOptions())
    assert found.reason is Reason.HEYWOOD
    assert "p1 ~~ p1 = -0." in found.detail


def test_the_rows_that_no_fit_used_are_not_counted_as_analysed():
    people = next(one for one in beside_a_model(with_gaps(answers())).groups if one.key == "people")
    assert (people.rows, people.n, people.fitted, people.analysed) == (300, 300, 0, 0)


def test_a_model_below_its_plan_for_the_peoples_sake_says_so():
    comparison = beside_a_model(copied_item(answers()))
    assert "composite (the people stand no higher" in said(comparison, "rung_differs", "model")


def test_an_interval_that_includes_zero_names_no_sign():
    comparison = beside_a_model(answers())
    rows = {row.path: row for row in comparison.paths if row.group == "people"}
    against = replace(rows["PRV->SHR"], std=0.01, std_se=0.066)
    assert not signs_disagree(comparison.plan, {**rows, "PRV->SHR": against})
    resolved = replace(against, std=0.3)
    assert signs_disagree(comparison.plan, {**rows, "PRV->SHR": resolved})


def test_a_path_that_people_have_no_estimate_of_is_not_called_unresolved():
    comparison = beside_a_model(with_gaps(answers()))
    told = [one.sentence for one in comparison.notices if one.code == "human_unresolved"]
    assert told
    assert all("could not be estimated in them" in sentence for sentence in told)


def test_what_could_not_be_tested_is_not_said_to_have_failed():
    data, labels = stacked(people=copied_item(answers()), model=answers(200, seed=99))
    sentence = said(compare(data, plan(), group=labels), "means_not_comparable", "model")
    assert "scalar invariance was not tested" in sentence


def test_every_reason_has_a_sentence_of_its_own():
    sentences = [reason.sentence for reason in Reason]
    assert all(sentences)
    assert len(set(sentences)) == len(sentences)


def test_the_rules_add_nothing_to_what_was_said():
    """They are applied again where a report is printed."""
    comparison = beside_a_model(answers(60))
    assert set(notices(comparison)) == set(comparison.notices)


# ---------------------------------------------------------------- cases of others


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("copies", {"copied_rows": ["300 of the 360 rows"]}),
        ("reversed1", {"items_against_key": ["p2 (item–rest r = −", "a3 (item–rest r = −"]}),
        ("collinear", {"rung_differs": ["p1 p2 are copies or sums of each other"]}),
        ("misshalf", {"not_estimable": ["no row is complete"]}),
    ],
)
def test_small_inputs_that_bring_out_a_fault_are_told(shared_dir: Path, name, told):
    table = shared_dir / "cases" / "people" / f"{name}.csv"
    if not table.exists():
        pytest.skip("the small inputs are not at hand")
    comparison = beside_a_model(read_table(table, group="id")[0])
    for code, sentences in told.items():
        assert all(words in said(comparison, code) for words in sentences)
