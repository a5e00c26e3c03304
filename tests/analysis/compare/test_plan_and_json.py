"""A plan that cannot be carried out is refused; what goes to JSON comes back the same."""

import json
import math
from pathlib import Path

import pytest

from analysis.compare.errors import ComparisonDataError, PlanError
from analysis.compare.json_codec import from_json, from_plain, to_json, to_plain
from analysis.compare.results import (
    BenchmarkKind,
    Comparison,
    Construct,
    GroupSummary,
    Indicator,
    Interval,
    ItemSpec,
    PathEstimate,
    PathSpec,
    Plan,
    Reason,
    Rung,
    SignSource,
)
from analysis.runs.datasheet import ModelFlow


def plan(**changes: object) -> Plan:
    parts: dict[str, object] = {
        "constructs": tuple(
            Construct(key, key, tuple(Indicator(f"{key}{i}", (f"{key}{i}",)) for i in (1, 2, 3)))
            for key in ("PRV", "PRO", "ACC")
        ),
        "paths": (
            PathSpec("ACC", "PRV", -1, SignSource.THEORY, "privacy"),
            PathSpec("ACC", "PRO", 1, SignSource.HUMAN, "prosocial"),
        ),
        "items": tuple(
            ItemSpec(f"{key}{i}", 1, 5, i == 2) for key in ("PRV", "PRO", "ACC") for i in (1, 2, 3)
        ),
        "reference_group": "people",
        "reliabilities": {"PRV": 0.8},
    }
    return Plan(**{**parts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"paths": ()}, "no_paths"),
        ({"paths": (PathSpec("ACC", "AGE", 1, SignSource.THEORY, "f"),)}, "unknown_construct"),
        ({"paths": (PathSpec("ACC", "PRV", 0, SignSource.THEORY, "f"),)}, "missing_sign"),
        ({"paths": (PathSpec("ACC", "PRV", 1, SignSource.THEORY, "f"),) * 2}, "repeated_path"),
        ({"items": ()}, "unknown_item"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused_with_a_code(
    changes: dict[str, object], code: str
) -> None:
    with pytest.raises(PlanError) as caught:
        plan(**changes)
    assert caught.value.code == code


def test_an_ordinal_estimator_needs_items_and_not_mean_scores() -> None:
    facets = Construct("PRV", "PRV", (Indicator("f", ("PRV1", "PRV2")), Indicator("g", ("PRV3",))))
    with pytest.raises(PlanError) as caught:
        plan(constructs=(facets, *plan().constructs[1:]), estimator="WLSMV")
    assert caught.value.code == "ordinal_needs_items"
    assert plan(estimator="WLSMV").is_ordinal


def test_a_human_path_may_take_its_sign_from_the_people() -> None:
    assert plan(paths=(PathSpec("ACC", "PRV", 0, SignSource.HUMAN, "f"),)).families == ("f",)


def test_a_plan_survives_the_round_trip_through_json() -> None:
    assert from_json(Plan, to_json(plan())) == plan()


def test_equal_plans_give_equal_bytes() -> None:
    assert to_json(plan()) == to_json(from_json(Plan, to_json(plan())))


def test_results_survive_the_round_trip_through_json() -> None:
    estimate = PathEstimate("m", "PRV->ACC", Rung.COMPOSITE, Reason.CONSTANT_ITEM, est=1, n=3)
    assert from_json(PathEstimate, to_json(estimate)) == estimate
    group = GroupSummary("m", "M", "llm", True, 9, 9, 3, 3.0, None, 1.0, 3.0, 9, 0.0)
    assert from_json(GroupSummary, to_json(group)) == group


def test_nan_is_refused_because_json_has_none() -> None:
    with pytest.raises(ComparisonDataError, match="no JSON form"):
        to_plain(Interval(math.nan, 1.0))


def test_a_field_of_a_newer_version_is_named() -> None:
    payload = {**json.loads(to_json(Interval(0.0, 1.0))), "colour": "red"}
    with pytest.raises(ComparisonDataError, match="colour"):
        from_json(Interval, json.dumps(payload))


def test_a_path_without_a_standard_error_is_not_estimable() -> None:
    assert not PathEstimate("m", "p", Rung.FULL, std=0.3, std_se=0.0).estimable
    assert PathEstimate("m", "p", Rung.FULL, std=0.3, std_se=0.1).estimable


def test_a_comparison_that_version_1_stored_is_read_and_says_what_it_lacks() -> None:
    stored = Path(__file__).with_name("stored_version_1.json").read_text(encoding="utf-8")
    comparison = from_json(Comparison, stored)
    score = comparison.score("model")
    assert comparison.schema_version == 1
    assert (score.hard, score.log, score.no_model, comparison.sizes) == (1.0, None, None, ())
    people, floor, no_model = score.benchmarks
    assert people.kind is BenchmarkKind.PEOPLE
    assert people.intervals["hard"].lower == 1.0
    assert not people.means
    assert not floor.intervals
    assert (no_model.means, no_model.no_model) == ({}, None)
    assert from_json(Comparison, to_json(comparison)) == comparison


def test_of_sessions_of_an_earlier_version_only_the_recruiting_is_known() -> None:
    stored = {"group": "panel", "asked": 200, "started": 200, "finished": 50, "kept": 48}
    flow = from_plain(ModelFlow, {**stored, "exclusions": []})
    assert (flow.recruited, flow.begun, flow.finished, flow.kept) == (200, None, 50, 48)
