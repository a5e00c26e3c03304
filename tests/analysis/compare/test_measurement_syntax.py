"""The model text that a plan becomes, as a reader would write it for lavaan."""

import numpy as np
import pytest

from analysis.compare.data.measurement import (
    composite_columns,
    composite_syntax,
    indicator_columns,
    latent_syntax,
    model_spec,
    single_indicator_syntax,
)
from analysis.compare.data.samples import GroupSample
from analysis.compare.errors import PlanError
from analysis.compare.results import Construct, Indicator, ItemSpec, PathSpec, Plan, SignSource

ITEMS = ("p1", "p2", "p3", "p4", "s1", "a1", "a2")


def plan(**changes: object) -> Plan:
    parts: dict[str, object] = {
        "constructs": (
            Construct(
                "PRV", "Privacy", (Indicator("ctrl", ("p1", "p2")), Indicator("awar", ("p3", "p4")))
            ),
            Construct("PRO", "Prosocial", (Indicator("s1", ("s1",)),)),
            Construct(
                "ACC",
                "Acceptance",
                (Indicator("a1", ("a1",)), Indicator("a2", ("a2",))),
                equal_loadings=True,
            ),
        ),
        "paths": (
            PathSpec("ACC", "PRV", -1, SignSource.THEORY, "privacy"),
            PathSpec("ACC", "PRO", 1, SignSource.THEORY, "prosocial"),
        ),
        "items": tuple(ItemSpec(name, 1, 5) for name in ITEMS),
        "reference_group": "people",
    }
    return Plan(**{**parts, **changes})  # type: ignore[arg-type]


def test_facets_become_indicators_and_a_single_item_enters_as_itself() -> None:
    spec = model_spec(plan(correlate_observed=False), "main")
    assert latent_syntax(spec) == "PRV =~ ctrl + awar\nACC =~ 1*a1 + 1*a2\nACC ~ PRV + s1"


def test_observed_and_latent_predictors_are_correlated_unless_the_plan_says_not() -> None:
    assert latent_syntax(model_spec(plan(), "main")).endswith("ACC ~ PRV + s1\nPRV ~~ s1")


def test_a_constant_composite_is_left_out_of_the_regression() -> None:
    spec = model_spec(plan(), "main")
    assert composite_syntax(spec, ("PRV", "ACC")) == "ACC.mean ~ PRV.mean"
    assert composite_syntax(spec, ("PRV", "PRO", "ACC")) == "ACC.mean ~ PRV.mean + PRO.mean"


def test_the_last_rung_fixes_the_error_variance_of_each_composite() -> None:
    spec = model_spec(plan(), "main")
    text = single_indicator_syntax(spec, ("PRV", "ACC"), {"PRV": 0.25, "ACC": 0.1})
    assert "PRV_latent =~ 1*PRV.mean" in text
    assert "PRV.mean ~~ 0.25*PRV.mean" in text
    assert "ACC_latent ~ PRV_latent" in text


def test_paths_of_one_model_are_kept_apart_from_those_of_another() -> None:
    paths = (
        PathSpec("ACC", "PRV", -1, SignSource.THEORY, "privacy", model="first"),
        PathSpec("ACC", "PRO", 1, SignSource.THEORY, "prosocial", model="second"),
    )
    two = plan(paths=paths)
    assert two.models == ("first", "second")
    assert [one.key for one in model_spec(two, "second").constructs] == ["PRO", "ACC"]
    assert paths[0].key == "first:PRV->ACC"


def test_scores_leave_dropped_items_out() -> None:
    values = np.array([[1.0, 3.0, 5.0, 5.0, 2.0, 4.0, 2.0]])
    sample = GroupSample("m", ITEMS, values, np.zeros(1, dtype=np.int64))
    spec = model_spec(plan(), "main")
    assert indicator_columns(sample, spec)["ctrl"] == [2.0]
    assert indicator_columns(sample, spec, ("p1",))["ctrl"] == [3.0]
    assert "ctrl" not in indicator_columns(sample, spec, ("p1", "p2"))
    assert composite_columns(sample, spec)["PRV.mean"] == [3.5]
    assert "PRO.mean" not in composite_columns(sample, spec, ("s1",))


def test_a_name_that_no_model_text_could_hold_is_refused() -> None:
    with pytest.raises(PlanError) as caught:
        plan(items=(), constructs=(Construct("my plan", "x", (Indicator("a", ()),)),))
    assert caught.value.code in {"empty_construct", "unknown_construct"}
    broken = Construct("PRV", "x", (Indicator("p-1", ("p1",)),))
    with pytest.raises(PlanError) as caught:
        plan(constructs=(broken, *plan().constructs[1:]))
    assert caught.value.code == "bad_name"
