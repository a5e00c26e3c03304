"""Difference, Wald and score tests and modification indices, against lavaan's tables."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from analysis import sem
from tests.analysis.sem.reference import (
    Reference,
    differences,
    lines,
    read,
    read_data,
    references,
)

SHARED = Path(settings.BASE_DIR).parent / "shared"
FOLDER = SHARED / "reference"
ALL = list(references(FOLDER))

pytestmark = pytest.mark.skipif(not ALL, reason="reference numbers are not on this machine")


# -- difference tests ---------------------------------------------------------------------------


def _steps() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*/LRT_*.json")):
        tables = json.loads(path.read_text())
        for method, content in tables.items():
            if isinstance(content, dict):
                for number in range(1, len(content["table"]["Df"])):
                    yield pytest.param(path, method, number, id=f"{path.stem}-{method}-{number}")


@pytest.mark.parametrize(("path", "method", "number"), list(_steps()))
def test_the_difference_test_is_lavaans(path: Path, method: str, number: int) -> None:
    table = json.loads(path.read_text())[method]["table"]
    free, restricted = (_model(path, table, number - 1), _model(path, table, number))
    comparison = sem.compare(restricted, free, method=method)
    pairs = {
        "statistic": (comparison.statistic, table["Chisq diff"][number]),
        "df": (comparison.df, table["Df diff"][number]),
        "p": (comparison.pvalue, table["Pr(>Chisq)"][number]),
    }
    assert differences(pairs, 1e-5 if "WLSMV" in path.name else 2e-6) == []


def _model(path: Path, table: Mapping[str, Any], number: int) -> sem.SemFit:
    """The fixture with these degrees of freedom and this χ², or the scalar model made strict."""
    suffix = path.stem.split(".", 1)[1].replace("_bread_expected", "")
    for reference in ALL:
        same = reference.path.parent == path.parent and suffix in reference.path.stem
        measures = reference.content["fitmeasures"]
        near = abs(measures["chisq"] - table["Chisq"][number]) < 1e-3 * table["Chisq"][number]
        if same and near and measures["df"] == table["Df"][number]:
            return reference.fit()
    scalar = read(path.parent / f"cfa_scalar.{suffix}.json")
    data, by_row = read_data(path.parent, scalar)
    arguments = scalar.arguments()
    arguments["group_equal"] = [*arguments["group_equal"], "residuals"]
    return sem.fit(scalar.content["syntax"], data, **by_row, **arguments)


# -- Wald tests -----------------------------------------------------------------------------------

RENAMED = {"sem_regr": "sem_metric", "regr_metric": "sem_metric"}


def _hypotheses() -> Iterator[Any]:
    for path in sorted(SHARED.glob("reference*/*/WALD_*.json")):
        name, estimator = path.stem.removeprefix("WALD_").split(".")
        model = path.parent / f"{RENAMED.get(name, name)}.{estimator}.json"
        for key, content in json.loads(path.read_text()).items():
            if isinstance(content, dict):
                yield pytest.param(read(model), content, id=f"{path.stem}-{key}")


@pytest.mark.parametrize(("case", "expected"), list(_hypotheses()))
def test_the_wald_test_is_lavaans(case: Reference, expected: dict[str, Any]) -> None:
    result = sem.wald_test(case.fit(), expected["constraints"])
    pairs = {
        "statistic": (result.statistic, expected["stat"]),
        "df": (result.df, expected["df"]),
        "p": (result.pvalue, expected["p.value"]),
    }
    assert differences(pairs, case.tolerance) == []


# -- score tests ----------------------------------------------------------------------------------

SCORED = [c for c in ALL if "score_tests" in c.content]
INDEXED = [c for c in ALL if isinstance(c.content.get("modindices_top10", {}).get("op"), list)]


@pytest.mark.parametrize("case", SCORED, ids=lambda case: case.name)
def test_releasing_an_equality_is_scored_as_by_lavaan(case: Reference) -> None:
    fit = case.fit()
    rows = fit.parameters
    joint, single = sem.score_tests(fit)
    ours = {(one.lhs, one.op, one.rhs, one.group): one.score for one in single}
    pairs: dict[str, tuple[float, float | None]] = {}
    for line in lines(case.content["score_tests"]["uni_top20"]):
        released = rows[int(line["rhs"].strip(".p")) - 1]
        key = (released.lhs, released.op, released.rhs, released.group)
        pairs[f"{released.name} {released.group}"] = (ours[key], line["X2"])
    total = case.content["score_tests"]["total"]
    pairs["all together"] = (joint.statistic, total["X2"][0])
    pairs["all together, df"] = (joint.df, total["df"][0])
    assert differences(pairs, 10 * case.tolerance) == []


@pytest.mark.parametrize("case", INDEXED, ids=lambda case: case.name)
def test_modification_indices_are_lavaans(case: Reference) -> None:
    ours = sem.modification_indices(case.fit())
    theirs = list(lines(case.content["modindices_top10"]))
    found = {(index.lhs, index.op, index.rhs, index.group): index for index in ours}
    pairs: dict[str, tuple[float, float | None]] = {}
    for line in theirs:
        index = found[line["lhs"], line["op"], line["rhs"], _label(case, line)]
        pairs[f"{index.lhs} {index.op} {index.rhs} mi"] = (index.mi, line["mi"])
        pairs[f"{index.lhs} {index.op} {index.rhs} epc"] = (index.epc, line["epc"])
        if index.lhs != index.rhs:  # lavaan standardises the change of a variance by itself
            pairs[f"{index.lhs} {index.op} {index.rhs} sepc"] = (index.sepc_all, line["sepc.all"])
    assert differences(pairs, 10 * case.tolerance) == []
    largest = [line["mi"] for line in theirs[:3]]
    assert [index.mi for index in ours[:3]] == pytest.approx(largest, rel=10 * case.tolerance)


def _label(case: Reference, line: dict[str, Any]) -> str:
    if not case.groups:
        return "all"
    group = line["group"]
    return group if isinstance(group, str) else case.groups[group - 1]
