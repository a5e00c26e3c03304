"""Ordered items beside continuous variables, covariates and clusters, number by number.

The second batch of reference numbers; every fit of WLSMV in it is a case.  Where lavaan 0.6-14 is
wrong the fixtures hold the right numbers (polyserial correlations at their own maximum, clusters).
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings

from analysis import sem
from tests.analysis.sem.reference import differences, lines, read_columns, to_numbers
from tests.analysis.sem.test_reference_fixtures import NOT_COMPARED, ROBUST

FOLDER = Path(settings.BASE_DIR).parent / "shared" / "reference2"
TOLERANCE = 1e-5
PARAMETERS = {"est": "est", "se": "se"}
STANDARDISED = {"std_all": "est.std", "std_all_se": "se"}


def listed(names: str | list[str] | None) -> list[str]:
    return [names] if isinstance(names, str) else list(names or [])


class Case:
    """One fixture and our fit of the same model to the same rows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content: Mapping[str, Any] = json.loads(path.read_text())
        self.options = self.content["options"]

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def groups(self) -> list[str]:
        return [str(label) for label in listed(self.content["groups"])]

    def inputs(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """The data, and keyword arguments of `sem.fit` that repeat the fixture's options."""
        pairwise = self.options["missing"] == "pairwise"
        columns = read_columns(self.path.parent / ("data_missing.csv" if pairwise else "data.csv"))
        data = {name: to_numbers(values) for name, values in columns.items()}
        ordered = self.options.get("ordered") or self._ordered_in_call()
        keywords: dict[str, Any] = {
            "estimator": "WLSMV",
            "missing": self.options["missing"],
            "ordered": listed(ordered),
            "group_equal": listed(self.options["group.equal"]),
            "group_partial": listed(self.options.get("group.partial")),
            "std_lv": self.options["std.lv"],
            "parameterization": self.options["parameterization"],
        }
        for option, keyword in (("group", "group"), ("cluster", "cluster")):
            if self.options.get(option):
                keywords[keyword] = columns[self.options[option]]
        return data, keywords

    def _ordered_in_call(self) -> list[str]:
        inside = self.content["call"].split("ordered = c(")[1].split(")")[0]
        return [name.strip(' "') for name in inside.split(",")]

    def row(self, fit: sem.SemFit, line: Mapping[str, Any]) -> sem.Parameter:
        if line["op"] == ":=":
            return fit.labelled(line["lhs"])
        group = self.groups[line["group"] - 1] if self.groups else "all"
        return fit.parameter(line["lhs"], line["op"], line["rhs"], group)

    def pairs(
        self, fit: sem.SemFit, table: str, columns: Mapping[str, str]
    ) -> dict[str, tuple[float, float | None]]:
        rows = [line for line in lines(self.content[table]) if line["op"] not in ("==", "<", ">")]
        return {
            f"{self.row(fit, line).name} {line.get('group')} {ours}": (
                getattr(self.row(fit, line), ours),
                line[theirs],
            )
            for line in rows
            for ours, theirs in columns.items()
        }


@cache
def fitted(path: Path) -> sem.SemFit:
    case = Case(path)
    data, keywords = case.inputs()
    return sem.fit(case.content["syntax"], data, **keywords)


def cases() -> Iterator[Case]:
    for path in sorted(FOLDER.glob("*/*.WLSMV_*.json")):
        if "parameter_estimates" in json.loads(path.read_text()):
            yield Case(path)


CASES = list(cases())

pytestmark = pytest.mark.skipif(not CASES, reason="reference numbers are not on this machine")


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


def test_estimates_standard_errors_and_the_standardised_solution_agree(case: Case) -> None:
    fit = fitted(case.path)
    assert differences(case.pairs(fit, "parameter_estimates", PARAMETERS), TOLERANCE) == []
    assert differences(case.pairs(fit, "standardized_all", STANDARDISED), TOLERANCE) == []


def test_fit_measures_and_explained_variance_agree(case: Case) -> None:
    fit = fitted(case.path)
    measures = {
        name: (fit.fit.get(name, float("nan")), value)
        for name, value in case.content["fitmeasures"].items()
        if name not in NOT_COMPARED | ROBUST
    }
    assert differences(measures, TOLERANCE) == []
    theirs = case.content["r2"]
    for group, values in (theirs if isinstance(theirs, dict) else {"all": theirs}).items():
        assert list(fit.r2[group].values()) == pytest.approx(values, abs=TOLERANCE)


WITH_INDICES = [case for case in CASES if case.content.get("modindices_top10", {}).get("lhs")]


@pytest.mark.parametrize("case", WITH_INDICES, ids=lambda case: case.name)
def test_modification_indices_agree(case: Case) -> None:
    table = case.content["modindices_top10"]
    ours = {}
    for index in sem.modification_indices(fitted(case.path)):
        ours[index.lhs, index.op, index.rhs, index.group] = index
        if index.op == "~~":
            ours[index.rhs, index.op, index.lhs, index.group] = index
    pairs = {}
    for line in lines(table):
        group = case.groups[line["group"] - 1] if case.groups else "all"
        index = ours[line["lhs"], line["op"], line["rhs"], group]
        for mine, theirs in (("mi", "mi"), ("epc", "epc"), ("sepc_all", "sepc.all")):
            pairs[f"{line['lhs']} {line['op']} {line['rhs']} {mine}"] = (
                getattr(index, mine),
                line[theirs],
            )
    assert differences(pairs, 1e-4) == []


TRIPLED = [case for case in CASES if "tripled_in_lavaan" in case.content]


@pytest.mark.parametrize("tripled", TRIPLED, ids=lambda case: case.name)
def test_rows_three_times_with_the_row_as_cluster_are_the_rows_once(tripled: Case) -> None:
    once = fitted(tripled.path)
    data, keywords = tripled.inputs()
    rows = np.repeat(np.arange(once.nobs), 3)
    if "group" in keywords:
        keywords["group"] = keywords["group"][rows]
    many = sem.fit(
        tripled.content["syntax"],
        {name: values[rows] for name, values in data.items()},
        **keywords,
        cluster=rows,
    )
    # the number of rows less one weighs the groups and divides what is not yet a proportion
    n = min(once.group_sizes.values())
    for name in ("chisq.scaled", "baseline.chisq.scaled", "cfi.scaled", "tli.scaled", "srmr"):
        assert many.fit[name] == pytest.approx(once.fit[name], rel=1.0 / n), name
    for one, other in zip(once.parameters, many.parameters, strict=True):
        assert other.se == pytest.approx(one.se, rel=1.0 / n), one.name
    theirs = tripled.content["tripled_in_lavaan"]
    table = {**tripled.content["parameter_estimates"], "se": theirs["se"]}
    pairs = {
        f"{line['lhs']} {line['op']} {line['rhs']}": (tripled.row(many, line).se, line["se"])
        for line in lines(table)
        if line["op"] != "=="
    }
    assert differences(pairs, TOLERANCE) == []
    measures = {k: (many.fit[k], value) for k, value in theirs["fitmeasures"].items()}
    assert differences(measures, TOLERANCE) == []
