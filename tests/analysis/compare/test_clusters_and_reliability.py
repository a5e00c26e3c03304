"""n counts clusters, copies are seen, and reliability is what the textbooks say."""

import numpy as np
import pandas as pd
import pingouin as pg
import pytest

from analysis.compare.data.clusters import (
    copies_effective_n,
    design_effect,
    intraclass,
    mean_cluster_size,
    summarise_group,
)
from analysis.compare.data.reliability import alpha, htmt, omega, reliability_row
from analysis.compare.data.samples import GroupSample
from analysis.compare.results import (
    Construct,
    GroupSpec,
    Indicator,
    ItemSpec,
    PathSpec,
    Plan,
    SignSource,
)

NAMES = tuple(f"a{i}" for i in range(1, 13))


def plan() -> Plan:
    return Plan(
        constructs=(
            Construct("A", "A", tuple(Indicator(n, (n,)) for n in NAMES[:6])),
            Construct("Y", "Y", tuple(Indicator(n, (n,)) for n in NAMES[6:])),
        ),
        paths=(PathSpec("Y", "A", 1, SignSource.THEORY, "f"),),
        items=tuple(ItemSpec(n, 1, 5) for n in NAMES),
        reference_group="people",
    )


def answers(n: int, *, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(n, 1))
    return np.clip(np.rint(3 + 0.7 * trait + 0.8 * rng.normal(size=(n, 12))), 1, 5)


def sample(values: np.ndarray, clusters: np.ndarray | None = None) -> GroupSample:
    codes = np.arange(len(values)) if clusters is None else clusters
    return GroupSample("m", NAMES, values, codes)


@pytest.mark.filterwarnings("ignore")  # pingouin warns of pandas' future
def test_the_intraclass_correlation_is_pingouins_for_balanced_clusters() -> None:
    rng = np.random.default_rng(3)
    ratings = rng.normal(size=(20, 1)) + rng.normal(size=(20, 4))
    clusters, repeats = np.indices(ratings.shape)
    table = pd.DataFrame({"c": clusters.ravel(), "r": repeats.ravel(), "y": ratings.ravel()})
    rows = pg.intraclass_corr(table, targets="c", raters="r", ratings="y")
    expected = float(rows.loc[rows["Type"] == "ICC(1,1)", "ICC"].iloc[0])
    assert intraclass(ratings.ravel(), clusters.ravel()) == pytest.approx(expected)


def test_without_repeats_there_is_no_intraclass_correlation() -> None:
    assert intraclass(np.arange(5.0), np.arange(5)) is None


def test_the_design_effect_grows_with_repeats_and_their_likeness() -> None:
    assert design_effect(10.0, 0.5) == pytest.approx(5.5)
    assert design_effect(10.0, -0.1) == 1.0
    assert mean_cluster_size(np.array([0, 0, 0, 1])) == pytest.approx(2.5)


def test_repeats_of_one_prompt_count_once() -> None:
    persona = np.repeat(np.arange(20), 10)
    values = np.repeat(answers(20), 10, axis=0)
    row = summarise_group(sample(values, persona), GroupSpec("m", "M", "llm"), plan())
    assert (row.rows, row.clusters) == (200, 20)
    assert row.effective_n <= 20
    assert row.icc == pytest.approx(1.0)
    assert row.design_effect == pytest.approx(10.0)


def test_near_copies_are_seen_though_every_session_is_its_own_cluster() -> None:
    values = np.repeat(answers(20), 10, axis=0)
    flips = np.random.default_rng(5).random(values.shape) < 0.02
    values = np.where(flips, 3.0, values)
    row = summarise_group(sample(values), GroupSpec("m", "M", "llm"), plan())
    assert row.copies
    assert row.effective_n < 60


def test_independent_sessions_keep_their_n() -> None:
    assert copies_effective_n(sample(answers(200)), plan()) is None
    row = summarise_group(sample(answers(200)), GroupSpec("m", "M", "llm"), plan())
    assert row.effective_n == 200


def test_a_session_without_any_answer_is_a_row_but_not_n() -> None:
    values = answers(50)
    values[:10] = np.nan
    row = summarise_group(sample(values), GroupSpec("people", "People", "human"), plan())
    assert (row.rows, row.n) == (50, 40)


def test_omega_equals_alpha_where_all_loadings_are_equal() -> None:
    assert omega(np.full(4, 0.7), np.full(4, 0.51)) == pytest.approx(
        4 / 3 * (1 - 4 / (4 + 12 * 0.49))
    )


def test_alpha_needs_something_that_varies() -> None:
    assert alpha(np.ones((10, 3))) is None
    assert alpha(answers(50)[:, :1]) is None
    found = alpha(answers(200)[:, :6])
    assert found is not None
    assert found[1].lower < found[0] < found[1].upper


def test_a_construct_without_a_fitted_model_has_alpha_but_no_omega() -> None:
    row = reliability_row("m", "A", answers(100)[:, :3], None)
    assert row.omega is None
    assert row.alpha is not None


def test_two_halves_of_one_trait_are_not_told_apart() -> None:
    values = answers(2000)
    assert htmt(values[:, :6], values[:, 6:]) == pytest.approx(1.0, abs=0.05)
    assert htmt(values[:, :1], values[:, 6:]) is None
