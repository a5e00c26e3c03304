"""Clusters of ordered items: rows three times with the row as cluster are the rows once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings

from analysis import sem
from tests.analysis.sem.reference import Reference, differences, lines, read_data, references

FOLDER = Path(settings.BASE_DIR).parent / "shared" / "reference2"
TOLERANCE = 1e-5


def _tripled() -> Iterator[Any]:
    for case in references(FOLDER):
        if "tripled_in_lavaan" in case.content:
            yield pytest.param(case, id=case.name)


CASES = list(_tripled())

pytestmark = pytest.mark.skipif(not CASES, reason="reference numbers are not on this machine")


@pytest.mark.parametrize("case", CASES)
def test_rows_three_times_with_the_row_as_cluster_are_the_rows_once(case: Reference) -> None:
    once = case.fit()
    data, by_row = read_data(case.path.parent, case)
    rows = np.repeat(np.arange(once.nobs), 3)
    many = sem.fit(
        case.content["syntax"],
        {name: values[rows] for name, values in data.items()},
        **{name: values[rows] for name, values in by_row.items()},
        **case.arguments(),
        cluster=rows,
    )
    # the number of rows less one weighs the groups and divides what is not yet a proportion
    n = min(once.group_sizes.values())
    for name in ("chisq.scaled", "baseline.chisq.scaled", "cfi.scaled", "tli.scaled", "srmr"):
        assert many.fit[name] == pytest.approx(once.fit[name], rel=1.0 / n), name
    for one, other in zip(once.parameters, many.parameters, strict=True):
        assert other.se == pytest.approx(one.se, rel=1.0 / n), one.name
    theirs = case.content["tripled_in_lavaan"]
    table = {**case.content["parameter_estimates"], "se": theirs["se"]}
    pairs = {
        f"{line['lhs']} {line['op']} {line['rhs']} {line.get('group')}": (
            _row(many, case, line).se,
            line["se"],
        )
        for line in lines(table)
        if line["op"] != "=="
    }
    assert differences(pairs, TOLERANCE) == []
    measures = {k: (many.fit[k], value) for k, value in theirs["fitmeasures"].items()}
    assert differences(measures, TOLERANCE) == []


def _row(fit: sem.SemFit, case: Reference, line: dict[str, Any]) -> sem.Parameter:
    if line["op"] == ":=":
        return fit.labelled(line["lhs"])
    group = case.groups[line["group"] - 1] if case.groups else "all"
    return fit.parameter(line["lhs"], line["op"], line["rhs"], group)
