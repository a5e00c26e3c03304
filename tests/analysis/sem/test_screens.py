"""The data are looked at before any model is fitted to them."""

import csv
from pathlib import Path

import numpy as np
import pytest

from analysis.sem.data.screens import Finding, screen
from analysis.sem.errors import UnknownVariableError


def read_groups(path: Path) -> tuple[dict[str, np.ndarray], np.ndarray]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    items = [name for name in rows[0] if name != "group"]
    data = {
        name: np.array(
            [float(row[name]) if row[name] not in {"NA", ""} else np.nan for row in rows]
        )
        for name in items
    }
    return data, np.array([row["group"] for row in rows])


def by_code(findings: tuple[Finding, ...]) -> dict[str, list[Finding]]:
    return {f.code: [g for g in findings if g.code == f.code] for f in findings}


def independent_answers(n: int = 150, p: int = 12, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    latent = 0.7 * rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, p))
    return np.digitize(latent, [-1.2, -0.4, 0.4, 1.2]) + 1.0


def columns(rows: np.ndarray) -> dict[str, np.ndarray]:
    return {f"v{j + 1}": column for j, column in enumerate(rows.T)}


def test_a_panel_of_twenty_prototypes_is_found_and_people_are_not(shared_dir):
    data, group = read_groups(shared_dir / "reference/synth_stress/data.csv")
    found = by_code(screen(data, group=group))
    assert [finding.group for finding in found["near_duplicate_rows"]] == ["llm_d"]
    copies = found["near_duplicate_rows"][0]
    assert 15 < copies.figures["effective_n"] < 25
    assert copies.figures["distinct_share"] == pytest.approx(0.675)
    assert copies.figures["nearest"] < 0.1 < copies.figures["nearest_if_independent"]
    assert "hold about as much as 18 independent ones" in copies.message


def test_items_constant_in_one_group_are_named_with_the_group(shared_dir):
    data, group = read_groups(shared_dir / "reference/synth_stress/data.csv")
    constant = by_code(screen(data, group=group))["no_variance"]
    assert [(finding.group, finding.variables) for finding in constant] == [("llm_c", ("p2", "s7"))]


def test_healthy_groups_give_no_finding(shared_dir):
    for case in ("synth_clean", "synth_missing"):
        data, group = read_groups(shared_dir / "reference" / case / "data.csv")
        assert screen(data, group=group, ordered=list(data)) == ()


def test_copies_are_found_on_a_single_short_scale_too(shared_dir):
    data, group = read_groups(shared_dir / "reference/synth_stress/data.csv")
    scale = [f"p{j}" for j in (1, 3, 4, 5, 6)]
    found = screen(data, variables=scale, group=group)
    assert [(f.code, f.group) for f in found] == [("duplicate_rows", "llm_d")]


def test_few_coarse_items_repeat_by_chance_without_alarm():
    assert screen(columns(independent_answers(n=600, p=4))) == ()


def test_errors_come_before_warnings():
    rows = np.repeat(independent_answers(n=10), 15, axis=0)
    rows[:, 3] = 2.0
    severities = [finding.severity for finding in screen(columns(rows))]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    assert {"error", "warning"} == set(severities)


def test_an_empty_category_comes_with_the_merge_that_helps():
    rows = np.vstack([independent_answers(seed=1), independent_answers(seed=2)])
    rows[150:, 0] = np.minimum(rows[150:, 0], 4.0)
    group = np.repeat(["people", "model"], 150)
    (found,) = screen(columns(rows), group=group, ordered=["v1"])
    assert (found.code, found.group, found.variables) == ("empty_category", "model", ("v1",))
    assert "merge 4 and 5 in all groups" in found.message
    assert found.figures["5"] == 0


def test_a_constant_sum_of_varying_items_is_found():
    rows = independent_answers()
    rows[:, 1] = 6.0 - rows[:, 0]
    found = by_code(screen(columns(rows), composites={"sum": ["v1", "v2"]}))
    assert found["constant_composite"][0].variables == ("sum",)


def test_items_that_copy_or_sum_others_are_named():
    rows = independent_answers()
    rows[:, 2] = rows[:, 0] + rows[:, 1]
    (found,) = screen(columns(rows))
    assert (found.code, found.variables) == ("not_positive_definite", ("v1", "v2", "v3"))


def test_fewer_complete_rows_than_variables_are_counted():
    rows = independent_answers(n=10)
    (found,) = screen(columns(rows))
    assert (found.code, found.figures) == ("too_few_rows", {"rows": 10, "variables": 12})


def test_an_item_nobody_in_a_group_answered_is_not_called_constant():
    rows = np.vstack([independent_answers(seed=1), independent_answers(seed=2)])
    rows[150:, 4] = np.nan
    (found,) = screen(columns(rows), group=np.repeat(["a", "b"], 150))
    assert (found.code, found.group, found.variables) == ("all_missing", "b", ("v5",))


def test_an_item_coded_differently_in_one_group_is_found():
    rows = np.vstack([independent_answers(seed=1), independent_answers(seed=2)])
    rows[150:, 0] *= 20.0
    found = screen(columns(rows), group=np.repeat(["a", "b"], 150))
    assert ("scale_mismatch", ("v1",)) in [(f.code, f.variables) for f in found]


def test_variances_orders_of_magnitude_apart_are_found():
    rows = independent_answers()
    rows[:, 0] *= 100.0
    found = by_code(screen(columns(rows)))
    assert found["variance_ratio"][0].variables[0] == "v1"


def test_the_same_data_give_the_same_figures():
    rows = np.repeat(independent_answers(n=20), 10, axis=0)
    assert screen(columns(rows)) == screen(columns(rows))


def test_a_variable_that_is_not_there_is_named():
    with pytest.raises(UnknownVariableError, match="v99"):
        screen(columns(independent_answers()), variables=["v1", "v99"])
