"""Each warning and refusal, one by one: it comes when it must and stays away when it need not."""

from dataclasses import replace

import pytest

from analysis.compare.companions import GroupFidelity, OutcomeFidelity
from analysis.compare.intervals import Interval
from analysis.compare.notices.withholding import (
    LATENT_MEANS,
    LATENT_PATHS,
    P_VALUES,
    RANKING,
    notices,
    with_notices,
    withheld,
)
from analysis.compare.results import (
    Comparison,
    Estimability,
    FamilyScore,
    FitSummary,
    GroupSummary,
    Invariance,
    InvarianceVerdict,
    Notice,
    PathEstimate,
    RankEntry,
    Reason,
    Rung,
    SignSource,
    VaarScore,
)
from tests.analysis.compare.datasets import survey_plan


def group(key: str, **changes: object) -> GroupSummary:
    kind = "human" if key == "human" else "llm"
    row = GroupSummary(key, key.upper(), kind, False, 300, 300, 300, 1.0, None, 1.0, 300.0, 300, 0)  # type: ignore[arg-type]
    return replace(row, **changes)  # type: ignore[arg-type]


def score(key: str, **changes: object) -> VaarScore:
    row = VaarScore(
        group=key,
        signs=SignSource.THEORY,
        hard=1.0,
        agree=1.0,
        contradict=0.0,
        undetermined=0.0,
        not_estimable=0.0,
        evidence=0.99,
        joint=0.99,
        ceiling=1.0,
        joint_normalised=0.98,
        bounds={},
        null_concordance=None,
        null_paths=(),
        unresolved=(),
        effective_paths=2.0,
        chance_all_hard=0.25,
        paths=(),
        by_family=(FamilyScore("f", 2, 2, 1.0, 1.0, 0.0, 0.0, 0.0, 0.99, 0.99),),
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def fidelity(
    key: str, variance: float = 1.0, r2: float = 1.0, *, spread: float = 1.1
) -> GroupFidelity:
    """Intervals reach from a ``spread``-th of each ratio to ``spread`` times it."""
    ratio, other = (Interval(each / spread, each * spread) for each in (r2, variance))
    outcome = OutcomeFidelity(key, "Sharing", "main", 0.3, 0.3, r2, ratio)
    return GroupFidelity(key, variance, 0.0, 0.0, 1.0, None, (outcome,), other)


def verdict(key: str, reached: Invariance) -> InvarianceVerdict:
    order = list(Invariance)
    return InvarianceVerdict(
        "main",
        ("human", key),
        (),
        reached,
        order.index(reached) >= order.index(Invariance.PARTIAL_METRIC),
        order.index(reached) >= order.index(Invariance.PARTIAL_SCALAR),
        "A sentence.",
    )


def path(key: str, **changes: object) -> PathEstimate:
    row = PathEstimate(
        key, "Privacy->Sharing", Rung.FULL, std=-0.3, std_se=0.05, pvalue=0.001, pvalue_holm=0.002
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def sound(**changes: object) -> Comparison:
    """Nothing to complain of: people and two models."""
    row = Comparison(
        plan=survey_plan(),
        groups=(group("human"), group("a"), group("b")),
        fits=(),
        estimability=(Estimability("a", "main", Rung.FULL, None),),
        paths=(path("a"),),
        vaar=(score("a"), score("b")),
        invariance=(verdict("a", Invariance.SCALAR), verdict("b", Invariance.SCALAR)),
        fidelity=(fidelity("a"), fidelity("b")),
        ranking=(RankEntry("a", 0.9, 0.9, 1, 2), RankEntry("b", 0.8, 0.8, 1, 2)),
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def codes(comparison: Comparison) -> list[tuple[str, str]]:
    """(code, group) of what is said, but for the reminder that is always there."""
    said = notices(comparison)
    return [(one.code, one.group) for one in said if one.code != "people_and_models_added"]


def one(comparison: Comparison, code: str) -> Notice:
    return next(notice for notice in notices(comparison) if notice.code == code)


def test_a_sound_comparison_has_nothing_to_say() -> None:
    assert codes(sound()) == []
    assert with_notices(sound()).ranking == sound().ranking


def test_people_and_sessions_are_always_counted_apart() -> None:
    sentence = one(sound(), "people_and_models_added").sentence
    assert "300 people and 600 model sessions" in sentence


def test_a_high_vaar_on_thin_answers_is_warned_of() -> None:
    thin = sound(fidelity=(fidelity("a", variance=0.2), fidelity("b")))
    assert codes(thin) == [("variance_ratio_low", "a")]
    wide = replace(thin, fidelity=(fidelity("a", variance=0.5, spread=1.5), fidelity("b")))
    assert codes(wide) == []
    low = replace(thin, vaar=(score("a", hard=0.5, agree=0.5, evidence=0.5), score("b")))
    assert codes(low) == []


@pytest.mark.parametrize("ratio", [0.2, 3.0])
def test_a_high_vaar_with_a_foreign_r_squared_is_warned_of(ratio: float) -> None:
    far = sound(fidelity=(fidelity("a", r2=ratio), fidelity("b")))
    assert codes(far) == [("r2_ratio_far", "a")]
    wide = sound(fidelity=(fidelity("a", r2=ratio, spread=4.0), fidelity("b")))
    assert codes(wide) == []


def test_models_below_the_smallest_effective_n_are_not_ranked() -> None:
    small = sound(groups=(group("human"), group("a"), group("b", effective_n=30.0)))
    assert codes(small) == [("ranking_refused", "")]
    assert "B has an effective n of 30, below 200" in one(small, "ranking_refused").sentence
    assert with_notices(small).ranking == ()
    assert withheld(notices(small), RANKING)


def test_few_people_do_not_keep_models_from_being_ranked() -> None:
    assert codes(sound(groups=(group("human", effective_n=50.0), group("a"), group("b")))) == []


def test_models_with_a_family_of_one_estimable_path_are_not_ranked() -> None:
    family = FamilyScore("f", 2, 1, 0.5, 0.5, 0.0, 0.0, 0.5, 0.7, 0.7)
    poor = sound(vaar=(score("a", by_family=(family,)), score("b")))
    assert codes(poor) == [("ranking_refused", "")]
    assert "only 1 of 2 paths of f" in one(poor, "ranking_refused").sentence


def test_a_family_of_one_planned_path_is_no_obstacle() -> None:
    family = FamilyScore("f", 1, 1, 1.0, 1.0, 0.0, 0.0, 0.0, 0.9, 0.9)
    assert codes(sound(vaar=(score("a", by_family=(family,)), score("b")))) == []


def test_latent_paths_need_partial_metric_invariance() -> None:
    broken = sound(
        invariance=(verdict("a", Invariance.CONFIGURAL), verdict("b", Invariance.PARTIAL_METRIC))
    )
    said = notices(broken)
    assert withheld(said, LATENT_PATHS, "a")
    assert not withheld(said, LATENT_PATHS, "b")


def test_what_was_not_tested_is_not_said_to_fail() -> None:
    untested = sound(
        invariance=(verdict("a", Invariance.NOT_TESTED), verdict("b", Invariance.SCALAR))
    )
    assert codes(untested) == [("invariance_not_tested", "a"), ("means_not_comparable", "a")]
    assert withheld(notices(untested), LATENT_PATHS, "a")
    assert one(untested, "means_not_comparable").sentence.endswith("invariance was not tested.")


def test_coarse_and_skewed_items_call_for_an_ordinal_estimator() -> None:
    items = tuple(replace(item, maximum=4) for item in survey_plan().items[:2])
    coarse = sound(plan=survey_plan(items=(*items, *survey_plan().items[2:])))
    assert codes(coarse) == [("ordinal_proposed", "")]
    assert "2 of 33 items" in one(coarse, "ordinal_proposed").sentence
    assert codes(replace(coarse, plan=survey_plan())) == []


def test_latent_means_need_scalar_invariance() -> None:
    metric = sound(invariance=(verdict("a", Invariance.METRIC), verdict("b", Invariance.SCALAR)))
    assert codes(metric) == [("means_not_comparable", "a")]
    assert withheld(notices(metric), LATENT_MEANS, "a")


def test_a_handful_of_clusters_has_no_p_values_and_it_is_said_how_many_there_are() -> None:
    pooled = sound(
        groups=(group("human"), group("a", clusters=20, shared="persona"), group("b")),
        paths=(path("human"), path("a")),
    )
    assert codes(pooled) == [("too_few_clusters", "a")]
    sentence = one(pooled, "too_few_clusters").sentence
    assert "300 rows are 20 clusters (sessions of one persona), and 30 are needed" in sentence
    assert withheld(notices(pooled), P_VALUES, "a")
    rows = {row.group: row for row in with_notices(pooled).paths}
    assert rows["a"].pvalue is None
    assert rows["a"].pvalue_holm is None
    assert rows["human"].pvalue == 0.001


def test_p_values_of_thirty_clusters_are_kept_and_said_to_count_them() -> None:
    clustered = sound(groups=(group("human"), group("a", clusters=30), group("b")))
    assert codes(clustered) == [("pooled_repeats", "a")]
    assert one(clustered, "pooled_repeats").severity == "warning"
    assert with_notices(clustered).paths[0].pvalue == 0.001


def test_a_group_on_another_rung_is_named_with_what_was_left_out() -> None:
    rung = Estimability(
        "a", "main", Rung.ITEMS_DROPPED, Reason.CONSTANT_ITEM, ("p2",), dropped_items=("p2",)
    )
    said = one(sound(estimability=(rung,)), "rung_differs")
    assert said.sentence.endswith("items dropped (constant item). Left out: p2.")


def test_a_path_without_an_estimate_is_named_with_its_reason() -> None:
    gone = PathEstimate("a", "Privacy->Sharing", Rung.NONE, Reason.CONSTANT_COMPOSITE)
    assert "constant composite" in one(sound(paths=(gone,)), "not_estimable").sentence


def test_copied_sessions_are_warned_of_and_have_no_p_values() -> None:
    copied = sound(
        groups=(group("human"), group("a", copies=True), group("b")),
        paths=(path("human"), path("a")),
    )
    assert codes(copied) == [("pooled_repeats", "a"), ("copied_rows", "a")]
    assert [row.pvalue for row in with_notices(copied).paths] == [0.001, None]


def test_an_unresolved_human_direction_is_listed_once() -> None:
    open_path = sound(vaar=(score("a", unresolved=("p",)), score("b", unresolved=("p",))))
    assert codes(open_path) == [("human_unresolved", "")]


def test_theory_against_people_is_announced() -> None:
    both = sound(vaar=(score("a"), score("b"), score("a", signs=SignSource.HUMAN)))
    assert codes(both) == [("signs_disagree", "")]


def test_suppression_is_named() -> None:
    assert codes(sound(paths=(path("a", suppressed=True),))) == [("suppression", "a")]


def test_many_failed_refits_are_reported() -> None:
    failed = sound(vaar=(score("a", failed_refit_share=0.3), score("b", failed_refit_share=0.05)))
    assert codes(failed) == [("failed_refits", "a")]


def test_loadings_against_their_marker_question_the_orientation() -> None:
    loadings = (1.0, -0.8, -0.7)
    fit = FitSummary(
        model="main",
        label="own",
        groups=("a",),
        rung=Rung.FULL,
        syntax="",
        group_equal=(),
        group_partial=(),
        estimator="ML",
        missing="listwise",
        nobs=(300,),
        npar=3,
        converged=True,
        admissible=True,
        indices={},
        r2={},
        parameters=tuple({"lhs": "Privacy", "op": "=~", "est": est} for est in loadings),
    )
    assert codes(sound(fits=(fit,))) == [("orientation_unclear", "a")]


def test_an_ordinal_estimator_says_what_it_leaves_to_normal_theory() -> None:
    ordinal = sound(plan=survey_plan(facets=False, estimator="WLSMV", missing="pairwise"))
    assert codes(ordinal) == [("ordinal_estimator", "")]


def test_refusals_come_before_warnings() -> None:
    both = sound(
        groups=(group("human"), group("a", copies=True), group("b", effective_n=10.0)),
    )
    severities = [notice.severity for notice in notices(both)]
    assert severities == sorted(severities, key=lambda one: one != "refusal")
