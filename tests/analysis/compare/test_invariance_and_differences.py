"""Invariance ladders and path differences against lavaan's numbers and the textbook case."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.compare import compare
from analysis.compare.codes import Equivalence
from analysis.compare.models.equivalence import equivalence_of
from analysis.compare.results import (
    Comparison,
    Invariance,
    InvarianceVerdict,
    ItemSpec,
    PathSpec,
    Plan,
    Reason,
    Rung,
    SignSource,
)
from tests.analysis.compare.datasets import (
    PATHS,
    SHARING,
    Data,
    items_of,
    read_table,
    stacked,
    survey_answers,
    survey_plan,
)


def two_schools(shared: Path, **changes: object) -> Comparison:
    """Holzinger and Swineford's two schools, the first in the place of the people."""
    data, _ = read_table_of_schools(shared)
    plan = Plan(
        constructs=(
            items_of("visual", ("x1", "x2", "x3")),
            items_of("textual", ("x4", "x5", "x6")),
            items_of("speed", ("x7", "x8", "x9")),
        ),
        paths=(
            PathSpec("speed", "visual", 1, SignSource.THEORY, "visual"),
            PathSpec("speed", "textual", 1, SignSource.THEORY, "textual"),
        ),
        items=tuple(ItemSpec(f"x{i}", 0, 10) for i in range(1, 10)),
        reference_group="Pasteur",
        **changes,  # type: ignore[arg-type]
    )
    return compare(data, plan, group=read_table_of_schools(shared)[1])


def read_table_of_schools(shared: Path) -> tuple[dict[str, np.ndarray], np.ndarray]:
    lines = (shared / "reference/hs1939/data.csv").read_text().splitlines()
    names = lines[0].split(",")
    rows = [line.split(",") for line in lines[1:]]
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    items = {f"x{i}": np.array(columns[f"x{i}"], dtype=float) for i in range(1, 10)}
    return items, np.array(columns["school"])


def steps(verdict: InvarianceVerdict) -> dict[str, tuple[float, int]]:
    return {
        step.level: (step.chisq, step.df)
        for step in verdict.steps
        if step.chisq is not None and step.df is not None
    }


def test_the_ladder_of_the_two_schools_has_lavaans_chi_squares(shared_dir: Path) -> None:
    recorded = json.loads((shared_dir / "reference/hs1939/LRT_cfa_ladder.ML.json").read_text())
    table = recorded["default"]["table"]
    verdict = two_schools(shared_dir, estimator="ML").invariance[0]
    found = steps(verdict)
    for level, chisq, df in zip(
        ("configural", "metric", "scalar"), table["Chisq"], table["Df"], strict=False
    ):
        assert found[level][0] == pytest.approx(chisq, rel=1e-6)
        assert found[level][1] == df
    metric = verdict.steps[1]
    assert metric.delta_chisq == pytest.approx(table["Chisq diff"][1], rel=1e-5)
    assert metric.delta_pvalue == pytest.approx(table["Pr(>Chisq)"][1], rel=1e-5)


def test_robust_ladders_have_lavaans_scaled_differences(shared_dir: Path) -> None:
    recorded = json.loads((shared_dir / "reference/hs1939/LRT_cfa_ladder.MLR.json").read_text())
    table = recorded["default"]["table"]
    steps_taken = two_schools(shared_dir, estimator="MLR").invariance[0].steps
    for k, step in enumerate(steps_taken[1:3], start=1):
        assert step.delta_chisq == pytest.approx(table["Chisq diff"][k], rel=1e-4)
        assert step.delta_pvalue == pytest.approx(table["Pr(>Chisq)"][k], rel=1e-3)


def test_the_schools_intercepts_of_x3_and_x7_are_freed_as_in_the_textbooks(
    shared_dir: Path,
) -> None:
    verdict = two_schools(shared_dir, maximum_freed_share=0.25).invariance[0]
    assert verdict.reached is Invariance.PARTIAL_SCALAR
    assert set(verdict.steps[-1].freed) == {"x3", "x7"}
    assert "x3" in verdict.sentence
    assert verdict.means_comparable


def test_no_more_is_freed_than_the_plan_allows(shared_dir: Path) -> None:
    verdict = two_schools(shared_dir, maximum_freed_share=0.10).invariance[0]
    assert verdict.reached is Invariance.METRIC
    assert verdict.paths_comparable
    assert not verdict.means_comparable


def test_path_differences_have_lavaans_wald_tests(shared_dir: Path) -> None:
    recorded = json.loads((shared_dir / "reference/hs1939/sem_metric.ML.json").read_text())
    slopes = {
        (rhs, group): est
        for op, rhs, group, est in zip(
            *(recorded["parameter_estimates"][key] for key in ("op", "rhs", "group", "est")),
            strict=True,
        )
        if op == "~"
    }
    rows = {row.path: row for row in two_schools(shared_dir).differences}
    for predictor in ("visual", "textual"):
        row = rows[f"{predictor}->speed"]
        assert row.comparable
        assert row.raw == pytest.approx(slopes[predictor, 2] - slopes[predictor, 1], abs=1e-5)


def test_an_item_constant_in_one_group_stays_in_the_others(shared_dir: Path) -> None:
    """The block model of lavaan: p2 and s7 are dropped in llm_c alone, the rest stays tied."""
    data, group = read_table(shared_dir / "reference/synth_stress/data.csv")
    names = {
        "Privacy": ("p1", "p2", "p3", "p4"),
        "Prosocial": ("s5", "s6", "s7", "s8"),
        "Sharing": ("a1", "a2", "a3", "a4"),
    }
    plan = Plan(
        constructs=tuple(items_of(key, items) for key, items in names.items()),
        paths=PATHS,
        items=tuple(ItemSpec(name, 1, 5) for items in names.values() for name in items),
        reference_group="human",
        estimator="ML",
    )
    keep = np.isin(group, ["human", "llm_a", "llm_c"])
    comparison = compare({k: v[keep] for k, v in data.items()}, plan, group=group[keep])
    recorded = json.loads((shared_dir / "reference/synth_stress/blocks_metric.ML.json").read_text())
    together = next(row for row in comparison.invariance if len(row.groups) == 3)
    chisq, df = steps(together)["metric"]
    assert chisq == pytest.approx(recorded["fitmeasures"]["chisq"], rel=1e-6)
    assert df == recorded["fitmeasures"]["df"]


def test_a_copied_panel_fails_and_its_paths_are_not_compared(shared_dir: Path) -> None:
    data, group = read_table(
        shared_dir / "reference/synth_stress/data.csv", groups=("human", "llm_d")
    )
    comparison = compare(data, survey_plan(facets=False), group=group)
    verdict = next(row for row in comparison.invariance if row.groups == ("human", "llm_d"))
    assert verdict.reached is Invariance.NONE
    rows = [row for row in comparison.differences if row.group == "llm_d"]
    assert all(not row.comparable and row.raw is None for row in rows)
    assert all(row.cohen_q is not None for row in rows)
    summary = next(row for row in comparison.groups if row.key == "llm_d")
    assert summary.copies
    assert summary.effective_n < 40


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    data, group = stacked(
        human=survey_answers(2000, seed=8),
        like=survey_answers(2000, seed=9),
        reversed=survey_answers(300, privacy=0.4, seed=6),
        flat={
            name: np.full(300, 3.0) if name in SHARING[1:] else column
            for name, column in survey_answers(300, seed=5).items()
        },
    )
    return compare(data, survey_plan(), group=group)


def test_a_large_people_like_model_is_equivalent(comparison: Comparison) -> None:
    rows = [row for row in comparison.differences if row.group == "like"]
    assert all(row.equivalence is Equivalence.EQUIVALENT for row in rows)
    assert all(row.wald_pvalue is not None and row.wald_pvalue > 0.01 for row in rows)


def test_wald_and_likelihood_ratio_agree_on_a_reversed_path(comparison: Comparison) -> None:
    row = next(
        row
        for row in comparison.differences
        if (row.group, row.path) == ("reversed", "Privacy->Sharing")
    )
    assert row.std == pytest.approx(0.8, abs=0.15)
    assert row.lrt_chisq == pytest.approx(row.wald_chisq, rel=0.2)
    assert row.lrt_df == 1
    assert row.equivalence is Equivalence.NOT_EQUIVALENT


def test_composites_are_set_side_by_side_but_not_called_comparable(
    comparison: Comparison,
) -> None:
    row = next(row for row in comparison.differences if row.group == "flat")
    assert not row.comparable
    assert row.reason == "composite_scores"
    assert row.raw is not None
    verdict = next(row for row in comparison.invariance if row.groups == ("human", "flat"))
    assert "cannot be tested" in verdict.sentence
    assert verdict.reached is Invariance.NOT_TESTED
    said = {(one.code, one.group) for one in comparison.notices}
    assert ("invariance_not_tested", "flat") in said
    assert ("metric_invariance_fails", "flat") not in said


def test_the_metric_fits_are_kept_for_refitting(comparison: Comparison) -> None:
    metric = [fit for fit in comparison.fits if fit.label == "metric"]
    assert [fit.groups for fit in metric] == [("human", "like"), ("human", "reversed")]
    assert all("l_Privacy_1*Privacy_1" in fit.syntax for fit in metric)
    assert all(fit.rung is Rung.FULL for fit in metric)


def test_a_step_beyond_the_guides_fails_only_where_a_test_can_tell() -> None:
    """Two samples of one population: metric invariance costs more than the guides allow."""

    def sample(n: int, seed: int) -> Data:
        rng = np.random.default_rng([9, seed])
        return {
            name: values + rng.normal(0.0, 1.5, n)
            for name, values in survey_answers(n, seed=seed).items()
        }

    data, group = stacked(human=sample(90, 8), same=sample(80, 54))
    found = compare(data, survey_plan(), group=group)
    (verdict,) = found.invariance
    metric = verdict.steps[1]
    assert metric.delta_cfi is not None
    assert metric.delta_pvalue is not None
    assert metric.delta_cfi < -0.010
    assert metric.delta_pvalue > 0.05
    assert (metric.holds, metric.undecided, verdict.undecided) == (False, True, ("metric",))
    assert verdict.paths_comparable
    assert "At this n it cannot be told whether it holds: metric." in verdict.sentence
    said = {one.code for one in found.notices}
    assert "invariance_undecided" in said
    assert not said & {"metric_invariance_fails", "r2_ratio_far", "variance_ratio_low"}
    assert {row.equivalence for row in found.differences} == {Equivalence.CANNOT_TELL}


@pytest.mark.parametrize(
    ("value", "se", "word"),
    [
        (0.02, 0.02, Equivalence.EQUIVALENT),
        (0.02, 0.08, Equivalence.CANNOT_TELL),
        (-0.15, 0.05, Equivalence.CANNOT_TELL),
        (-0.30, 0.05, Equivalence.NOT_EQUIVALENT),
    ],
)
def test_a_difference_is_within_bounds_or_beyond_or_cannot_be_told(
    value: float, se: float, word: Equivalence
) -> None:
    assert equivalence_of(value, se, 0.10, 0.05) is word


def weak_answers(n: int, seed: int) -> Data:
    """Answers of which half are those of somebody else: items share little."""
    clear, other = survey_answers(n, seed=seed), survey_answers(n, seed=seed + 1000)
    rng = np.random.default_rng(seed)
    return {
        name: np.where(rng.random(n) < 0.5, clear[name], rng.permutation(other[name]))
        for name in clear
    }


def beside_many(people: Data, model: Data) -> tuple[Comparison, InvarianceVerdict]:
    data, group = stacked(human=people, model=model)
    found = compare(data, survey_plan(), group=group)
    return found, next(one for one in found.invariance if one.groups == ("human", "model"))


@pytest.mark.parametrize(
    ("seed", "first"), [(38, (True, None)), (2, (False, Reason.NOT_IDENTIFIED))]
)
def test_a_small_sample_without_a_solution_of_its_own_is_compared_with_shared_loadings(seed, first):
    """Alone it has a negative variance; with the people's loadings it has none."""
    found, verdict = beside_many(weak_answers(1500, 7777), weak_answers(120, seed))
    own = next(row for row in found.estimability if row.group == "model")
    assert (own.rung, own.reason) == (Rung.COMPOSITE, Reason.HEYWOOD)
    configural, metric = verdict.steps[:2]
    assert (configural.improper, configural.reason) == first
    assert (metric.level, metric.improper, metric.reason) == ("metric", False, None)
    assert verdict.paths_comparable
    assert all(row.comparable and row.raw is not None for row in found.differences)


def test_a_handful_of_rows_is_not_carried_by_the_loadings_of_others():
    _, verdict = beside_many(
        survey_answers(800), survey_answers(60, privacy=-0.2, prosocial=0.1, seed=59)
    )
    assert verdict.reached is Invariance.NOT_TESTED


def test_people_without_a_solution_of_their_own_are_no_yardstick_for_loadings():
    _, verdict = beside_many(weak_answers(120, 38), weak_answers(1500, 7777))
    assert verdict.reached is Invariance.NOT_TESTED
