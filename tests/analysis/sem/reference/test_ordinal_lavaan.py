"""Ordered items beside continuous variables, a covariate and outcomes, against lavaan's numbers.

Data, R script and numbers stand in `witness/`.
"""

import csv
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis import sem
from analysis.sem.ordinal.model import OrdinalModel
from tests.analysis.sem.reference import differences, read_columns, to_numbers

WITNESS = Path(__file__).parents[1] / "witness"
NUMBERS = WITNESS / "mixed_variables.lavaan.csv"
FACTOR = "f =~ o1 + o2 + y1 + y2"
EQUAL = ["thresholds", "loadings", "intercepts"]
# lavInspect(fit, "information.observed")[1:3, 1:3] of the mixed model, lavaan 0.6-14
OBSERVED = np.array(
    [
        [1.304598173, 0.196935010, 0.295512036],
        [0.196935010, 0.759979434, 0.163375862],
        [0.295512036, 0.163375862, 1.344782591],
    ]
)
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "mixed": (FACTOR, {"ordered": ["o1", "o2"]}),
    "groups": (FACTOR, {"ordered": ["o1", "o2"], "group_equal": EQUAL}),
    "strict": (
        FACTOR,
        {
            "ordered": ["o1", "o2"],
            "group_equal": [*EQUAL, "residuals"],
            "parameterization": "theta",
        },
    ),
    "outcome": (f"{FACTOR}\npassed ~ f", {"ordered": ["o1", "o2", "passed"]}),
    "covariate": ("f =~ o1 + o2 + o3\nf ~ x\no2 ~ x", {"ordered": ["o1", "o2", "o3"]}),
    "mediator": (
        "passed ~ x + y1\ny2 ~ passed + x",
        {"ordered": ["passed"], "parameterization": "theta"},
    ),
}


@cache
def fitted(name: str) -> sem.SemFit:
    columns = read_columns(WITNESS / "mixed_variables.csv")
    group = columns["group"]
    data = {column: to_numbers(values) for column, values in columns.items() if column != "group"}
    model, options = CASES[name]
    grouped = "group_equal" in options
    return sem.fit(model, data, estimator="WLSMV", group=group if grouped else None, **options)


def pairs(name: str, path: Path) -> dict[str, tuple[float, float | None]]:
    fit = fitted(name)
    found: dict[str, tuple[float, float | None]] = {}
    with path.open(newline="") as file:
        for line in csv.DictReader(file):
            if line["case"] != name:
                continue
            if line["op"] == "fit":
                found[line["lhs"]] = (fit.fit[line["lhs"]], float(line["est"]))
                continue
            label = fit.groups[int(line["group"]) - 1]
            row = fit.parameter(line["lhs"], line["op"], line["rhs"], label)
            for ours, theirs in ((row.est, "est"), (row.se, "se"), (row.std_all, "std")):
                found[f"{row.name} ({label}) {theirs}"] = (ours, float(line[theirs]))
    return found


@pytest.mark.parametrize("name", CASES)
def test_it_agrees_with_lavaan(name: str) -> None:
    compared = pairs(name, NUMBERS)
    assert len(compared) > 20
    # lavaan stops its polyserial correlations within 1e-5 of their maxima
    assert differences(compared, 5e-5) == []


@pytest.mark.lavaan
def test_the_committed_numbers_are_what_lavaan_prints_today(tmp_path: Path) -> None:
    command = shutil.which("Rscript")
    assert command is not None
    output = tmp_path / "numbers.csv"
    subprocess.run([command, WITNESS / "mixed_variables.R", WITNESS, output], check=True)
    for name in CASES:
        assert differences(pairs(name, output), 5e-5) == []


def test_the_observed_bread_is_lavaans_hessian() -> None:
    estimation = fitted("mixed").estimation
    model = estimation.model
    assert isinstance(model, OrdinalModel)
    hessian = model.hessian(estimation.search.point) * model.effective_n / model.moments.total
    free = [
        estimation.layout.table.index[number]
        for number, row in enumerate(estimation.layout.table.rows)
        if row.op == "=~" and row.free
    ]
    assert hessian[np.ix_(free, free)] == pytest.approx(OBSERVED, rel=1e-6)
