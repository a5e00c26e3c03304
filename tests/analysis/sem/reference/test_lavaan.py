"""Our own models on our own simulated data, against lavaan (its script and numbers beside)."""

import csv
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis import sem
from tests.analysis.sem.reference import differences, lines, to_numbers

FOLDER = Path(__file__).parents[1] / "lavaan"
CASES = {case["name"]: case for case in json.loads((FOLDER / "cases.json").read_text())}
NUMBERS = {case["name"]: case for case in json.loads((FOLDER / "numbers.json").read_text())}
KEYWORDS = {
    "estimator": "estimator",
    "missing": "missing",
    "std.lv": "std_lv",
    "fixed.x": "fixed_x",
    "meanstructure": "meanstructure",
    "information": "information",
    "parameterization": "parameterization",
    "group.equal": "group_equal",
    "group.partial": "group_partial",
    "sampling.weights.normalization": "weights_normalization",
    "effect.coding": "effect_coding",
    "orthogonal": "orthogonal",
}


@cache
def fitted(name: str) -> sem.SemFit:
    case = CASES[name]
    with (FOLDER / "data.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    texts = {column: np.array([row[column] for row in rows]) for column in rows[0]}
    data = {column: to_numbers(values) for column, values in texts.items()}
    data["w"] = 1.0 + data["oa1"]  # as reference.R does
    keywords: dict[str, Any] = {
        ours: case[theirs] for theirs, ours in KEYWORDS.items() if theirs in case
    }
    if case.get("ordered"):
        keywords["ordered"] = [column for column in data if column.startswith("o")]
    return sem.fit(
        case["model"],
        data,
        group=texts["group"] if "group" in case else None,
        cluster=texts["cluster"] if "cluster" in case else None,
        sampling_weights=data[case["sampling.weights"]] if "sampling.weights" in case else None,
        **keywords,
    )


def pairs_of(name: str, expected: dict[str, Any]) -> dict[str, tuple[float, float | None]]:
    result = fitted(name)
    pairs: dict[str, tuple[float, float | None]] = {}
    # with weights lavaan gives the moments of covariates of ordered items another divisor
    given = CASES[name].get("given", ())
    columns = ("est", "se") if given else ("est", "se", "std_all", "std_all_se")
    for line in lines(expected["parameters"]):
        if line["lhs"] in given:
            continue
        if line["op"] == ":=":
            row = result.labelled(line["lhs"])
        else:
            label = result.groups[line["group"] - 1]
            row = result.parameter(line["lhs"], line["op"], line["rhs"], label)
        for column in columns:
            pairs[f"{row.name} ({row.group}) {column}"] = (getattr(row, column), line[column])
    measures = expected["fit"].items()
    return pairs | {key: (result.fit.get(key, float("nan")), value) for key, value in measures}


def tolerance(name: str) -> float:
    """How near lavaan's own optimiser gets, less near where it keeps to constraints."""
    return 1e-4 if any(sign in CASES[name]["model"] for sign in ("==", "<", ">")) else 2e-5


@pytest.mark.parametrize("name", CASES)
def test_it_agrees_with_lavaan(name: str) -> None:
    assert differences(pairs_of(name, NUMBERS[name]), tolerance(name)) == []


@pytest.mark.lavaan
def test_the_committed_numbers_are_what_lavaan_prints_today(tmp_path: Path) -> None:
    rscript = shutil.which("Rscript")
    assert rscript, "install R and lavaan: apt-get install r-cran-lavaan r-cran-jsonlite"
    out = tmp_path / "numbers.json"
    command = [rscript, FOLDER / "reference.R", FOLDER / "data.csv", FOLDER / "cases.json", out]
    subprocess.run(command, check=True, capture_output=True)
    fresh = {case["name"]: case for case in json.loads(out.read_text())}
    assert fresh.keys() == CASES.keys()
    for name, case in fresh.items():
        assert differences(pairs_of(name, case), tolerance(name)) == [], name
