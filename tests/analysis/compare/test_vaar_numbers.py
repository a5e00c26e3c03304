"""The worked numbers of the method page, and what each number does at its edges."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from analysis.compare.results import (
    Construct,
    Decision,
    Indicator,
    ItemSpec,
    PathEstimate,
    PathSpec,
    Plan,
    Reason,
    Rung,
    SignSource,
    VaarScore,
)
from analysis.compare.vaar.rates import effective_number, holm, required_n
from analysis.compare.vaar.score import score_model, signs_disagree

PREDICTORS = ("PLE", "CRE", "ECO", "INT", "CLU")
SIGNS = (1, 1, 1, -1, -1)
HUMAN = [(0.349, 0.037), (0.233, 0.026), (0.290, 0.032), (-0.162, 0.026), (-0.060, 0.024)]
DEMO = [(-0.050, 0.039), (-0.158, 0.032), (0.062, 0.042), (-0.051, 0.033), (0.017, 0.027)]
OMNI = [(0.570, 0.027), (0.207, 0.017), (0.328, 0.023), (-0.117, 0.015), (-0.054, 0.012)]
BASELINE = [(-0.001, 0.001), (0.000, 0.001), (0.001, 0.001), (-0.001, 0.001), (-0.001, 0.001)]

Pairs = list[tuple[float, float] | None]


def plan_of(
    predictors: tuple[str, ...] = PREDICTORS,
    signs: tuple[int, ...] = SIGNS,
    families: tuple[str, ...] | None = None,
    source: SignSource = SignSource.THEORY,
) -> Plan:
    names = (*predictors, "OUT")
    return Plan(
        constructs=tuple(Construct(n, n, (Indicator(f"{n}1", (f"{n}1",)),)) for n in names),
        paths=tuple(
            PathSpec("OUT", name, sign, source, family)  # type: ignore[arg-type]
            for name, sign, family in zip(predictors, signs, families or predictors, strict=True)
        ),
        items=tuple(ItemSpec(f"{n}1", 1, 5) for n in names),
        reference_group="people",
    )


def estimates(plan: Plan, group: str, pairs: Pairs) -> dict[str, PathEstimate]:
    rows = {}
    for path, pair in zip(plan.paths, pairs, strict=True):
        rows[path.key] = (
            PathEstimate(group, path.key, Rung.NONE, Reason.NON_CONVERGENCE)
            if pair is None
            else PathEstimate(group, path.key, Rung.FULL, std=pair[0], std_se=pair[1])
        )
    return rows


def scored(plan: Plan, model: Pairs, human: Pairs, **options: object) -> VaarScore:
    people = estimates(plan, "people", human)
    return score_model(plan, estimates(plan, "m", model), people, **options)  # type: ignore[arg-type]


def test_the_baseline_model_is_right_by_chance_and_says_so() -> None:
    score = scored(plan_of(), BASELINE, HUMAN)
    assert score.log == pytest.approx(0.12, abs=5e-3)  # about 0: a coin
    assert score.hard == pytest.approx(0.600)
    assert score.agree == 0
    assert score.undetermined == 1
    assert score.evidence == pytest.approx(0.636, abs=5e-4)
    assert score.joint == pytest.approx(0.636, abs=5e-4)
    assert score.ceiling == pytest.approx(0.999, abs=5e-4)


def test_the_demographic_model_contradicts_one_path() -> None:
    score = scored(plan_of(), DEMO, HUMAN)
    assert score.hard == pytest.approx(0.400)
    assert score.contradict == pytest.approx(0.200)
    assert score.undetermined == pytest.approx(0.800)
    assert score.evidence == pytest.approx(0.447, abs=5e-4)
    assert score.joint == pytest.approx(0.447, abs=5e-4)
    assert score.paths[1].decision is Decision.CONTRADICT
    assert score.log == pytest.approx(-2.09, abs=0.02)  # confidently wrong on one path


def test_the_omniscient_model_agrees_on_every_path() -> None:
    score = scored(plan_of(), OMNI, HUMAN)
    assert score.hard == 1
    assert score.agree == 1
    assert score.evidence == pytest.approx(1.000, abs=5e-4)
    assert score.joint == pytest.approx(0.999, abs=5e-4)
    assert score.log == pytest.approx(1.00, abs=5e-3)


def test_a_model_without_any_estimable_path_scores_half_between_zero_and_one() -> None:
    plan = plan_of(("PRV", "PRO"), (-1, 1))
    score = scored(plan, [None, None], [(-0.164, 0.0433), (0.119, 0.0388)])
    assert score.hard == 0
    assert score.not_estimable == 1
    assert score.evidence == 0.5
    assert score.joint == 0.5
    assert (score.bounds["evidence"].lower, score.bounds["evidence"].upper) == (0, 1)
    assert (score.bounds["hard"].lower, score.bounds["hard"].upper) == (0, 1)
    assert score.log == pytest.approx(0.0)
    assert score.bounds["log"].upper == pytest.approx(1.0, abs=2e-3)
    assert score.bounds["joint"].upper == pytest.approx(0.999, abs=5e-4)


def test_the_decisive_split_sums_to_one() -> None:
    score = scored(plan_of(), [None, *DEMO[1:]], HUMAN)
    parts = (score.agree, score.contradict, score.undetermined, score.not_estimable)
    assert sum(parts) == pytest.approx(1.0)


def test_three_facets_do_not_outvote_one_path() -> None:
    plan = plan_of(("A", "B", "C", "D"), (1, 1, 1, 1), ("facets", "facets", "facets", "other"))
    strong, wrong = (0.4, 0.02), (-0.4, 0.02)
    score = scored(plan, [strong, strong, strong, wrong], [strong] * 4)
    assert score.hard == pytest.approx(0.5)
    assert score.evidence == pytest.approx(0.5)
    assert [row.hard for row in score.by_family] == [1.0, 0.0]


def test_an_unresolved_human_path_carries_no_weight_in_evidence() -> None:
    plan = plan_of(("A", "B"), (1, 1), ("f", "f"))
    score = scored(plan, [(0.3, 0.02), (-0.3, 0.02)], [(0.3, 0.02), (0.0, 0.1)])
    assert score.evidence == pytest.approx(1.0)
    assert score.unresolved == ("B->OUT",)
    assert score.ceiling == pytest.approx(0.75)


def test_evidence_is_undefined_where_no_human_path_points_anywhere() -> None:
    score = scored(plan_of(("A",), (1,)), [(0.3, 0.02)], [(0.0, 0.1)])
    assert score.evidence is None
    assert score.joint_normalised is None


def test_a_path_that_is_null_in_people_is_no_merit_of_a_model_with_a_large_one() -> None:
    plan = plan_of(("A", "B"), (1, 1))
    people: Pairs = [(0.3, 0.02), (0.02, 0.01)]
    alike = scored(plan, [(0.3, 0.02), (0.0, 0.01)], people)
    large = scored(plan, [(0.3, 0.02), (0.4, 0.02)], people)
    unsure = scored(plan, [(0.3, 0.02), (0.04, 0.02)], people)
    assert alike.null_paths == large.null_paths == ("B->OUT",)
    assert [row.paths[1].decision for row in (alike, large, unsure)] == [
        Decision.AGREE,
        Decision.CONTRADICT,
        Decision.UNDETERMINED,
    ]
    assert (alike.hard, alike.agree, large.hard, large.agree) == (1.0, 1.0, 0.5, 0.5)
    assert alike.null_concordance == pytest.approx(1.0, abs=1e-6)
    for name in ("evidence", "joint", "log"):
        assert getattr(alike, name) == pytest.approx(1.0, abs=0.01)
        assert getattr(large, name) < getattr(unsure, name) < getattr(alike, name)
    assert large.log is not None
    assert large.log < -3  # sure of an effect where there is none


def test_theory_and_human_signs_are_scored_apart_where_they_disagree() -> None:
    plan = plan_of(("A",), (1,))
    model, human = [(-0.3, 0.02)], [(-0.3, 0.02)]
    assert signs_disagree(plan, estimates(plan, "people", human))
    assert scored(plan, model, human).hard == 0
    by_people = scored(plan, model, human, signs=SignSource.HUMAN)
    assert by_people.hard == 1
    assert by_people.evidence == pytest.approx(1.0)


def test_an_exact_zero_is_a_miss() -> None:
    assert scored(plan_of(("A",), (1,)), [(0.0, 0.1)], [(0.3, 0.1)]).hard == 0


def test_one_share_stands_behind_the_point_and_the_interval() -> None:
    plan = plan_of(("A",), (-1,))
    people = estimates(plan, "people", [(-0.9, 0.01)])
    row = PathEstimate("m", "A->OUT", Rung.FULL, std=-0.1, std_se=0.1, positive_share=0.3)
    score = score_model(plan, {"A->OUT": row}, people)
    assert score.evidence == pytest.approx(NormalDist().cdf(1.0))
    wider = replace(row, std_ci_lower=-0.3, std_ci_upper=0.1)  # as a t of few clusters has it
    score = score_model(plan, {"A->OUT": wider}, people)
    assert score.evidence == pytest.approx(NormalDist().cdf(0.1 / (0.2 / 1.959964)))


def test_an_estimate_of_which_nothing_can_be_told_is_undetermined_and_worth_a_coin() -> None:
    plan = plan_of(("A",), (-1,))
    people = estimates(plan, "people", [(-0.9, 0.01)])
    row = PathEstimate("m", "A->OUT", Rung.FULL, Reason.TOO_FEW_CLUSTERS, std=-0.5)
    score = score_model(plan, {"A->OUT": row}, people)
    assert (score.hard, score.agree, score.undetermined, score.not_estimable) == (1, 0, 1, 0)
    assert (score.evidence, score.joint) == (0.5, pytest.approx(0.5))


def test_identical_paths_count_as_one_and_independent_paths_as_many() -> None:
    assert effective_number(np.ones((3, 3))) == pytest.approx(1.0)
    assert effective_number(np.eye(3)) == pytest.approx(3.0)


def test_holm_steps_down_and_skips_paths_without_a_test() -> None:
    assert holm([0.01, None, 0.04, 0.03]) == [0.03, None, 0.06, 0.06]


def test_a_path_of_twelve_hundredths_needs_429_sessions() -> None:
    assert required_n(0.12) == 429


def test_pure_noise_gets_every_sign_right_with_the_stated_chance() -> None:
    assert scored(plan_of(), BASELINE, HUMAN).chance_all_hard == 2**-5
    # Noise is small as often as its standard error says, and small is what a null expects.
    null = scored(plan_of(("A", "B"), (1, 1)), [(0.3, 0.05), (0.0, 0.05)], [(0.3, 0.02), (0, 0.01)])
    assert null.chance_all_hard == pytest.approx(0.5 * 0.6827, abs=1e-4)
