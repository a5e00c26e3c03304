"""Two published surveys of real people, fitted by lavaan before: German and Swiss tracing apps."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings

from analysis import sem
from tests.analysis.sem.reference import differences

FOLDER = Path(settings.BASE_DIR).parent / "shared" / "data"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the surveys are not on this machine")

FITS = sorted(
    path.relative_to(FOLDER).as_posix()
    for path in FOLDER.glob("*/lavaan_*.json")
    if "lrt" not in path.name
)
AGREEMENT = {"6": 1.0, "7": 2.0, "8": 3.0, "9": 4.0}
RESPONSIBILITY = {"1": 1.0, "2": 2.0, "7": 3.0, "3": 4.0}  # the vendor's order
FIVE = {str(value): float(value) for value in range(1, 6)}


def read(name: str) -> dict[str, np.ndarray]:
    with (FOLDER / name).open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {column: np.array([row[column] for row in rows]) for column in rows[0]}


def coded(texts: np.ndarray, codes: dict[str, float]) -> np.ndarray:
    return np.array([codes.get(text, np.nan) for text in texts])


def german() -> tuple[dict[str, np.ndarray], np.ndarray]:
    raw = read("german_cwa/cwa_wave1_vendor_codes.csv")
    data = {
        "prv1": coded(raw["data_control_1"], AGREEMENT),
        "prv3": coded(raw["data_control_3"], AGREEMENT),
        **{f"pro{k}": coded(raw[f"soc_responsibility_{k}"], RESPONSIBILITY) for k in (1, 2, 3)},
        "acc2": coded(raw["app_attitudes_2"], FIVE),
        "acc1": 6.0 - coded(raw["app_attitudes_1"], FIVE),
    }
    return data, raw["female"]


def swiss() -> dict[str, np.ndarray]:
    raw = read("swiss_dcta/swiss_human.csv")
    return {name: np.array([float(text or "nan") for text in raw[name]]) for name in raw}


def fitted(name: str) -> tuple[dict[str, Any], sem.SemFit]:
    expected = json.loads((FOLDER / name).read_text())
    if name.startswith("swiss"):
        data, group = swiss(), None
    else:
        data, female = german()
        group = female if "group" in expected else None
    if group is not None:  # lavaan was given the labels sorted
        order = np.argsort(group, kind="stable")
        data, group = {key: values[order] for key, values in data.items()}, group[order]
    equal = expected.get("group_equal") or []
    result = sem.fit(
        expected["syntax"],
        data,
        group=group,
        estimator=expected["estimator"],
        missing=expected["missing"],
        group_equal=equal,
        meanstructure=True,
    )
    return expected, result


@pytest.mark.parametrize("name", FITS)
def test_a_survey_of_real_people_gives_lavaans_numbers(name: str) -> None:
    expected, result = fitted(name)
    rows = {(row.lhs, row.op, row.rhs, row.group): row for row in result.parameters}
    pairs: dict[str, tuple[float, float | None]] = {}
    tables = [
        ("est", "se", "parameters", "est"),
        ("std_all", "std_all_se", "standardized", "est.std"),
    ]
    for est, se, table, column in tables:
        for line in expected.get(table, []):
            if line["op"] == "==":
                continue
            row = rows[
                line["lhs"], line["op"], line["rhs"], result.groups[line.get("group", 1) - 1]
            ]
            pairs[f"{row.name} {est}"] = (getattr(row, est), line[column])
            if table == "parameters" or line.get("se") is not None:
                pairs[f"{row.name} {se}"] = (getattr(row, se), line["se"])
    # lavaan as it stops by default: five digits
    assert differences(pairs, 5e-4 if "heywood" in name else 1e-4) == []
    measures = {
        key: (result.fit[key], value)
        for key, value in expected["fit"].items()
        if not key.endswith(".robust") and key not in ("gfi", "agfi", "pgfi")
    }
    assert differences(measures, 1e-3 if "heywood" in name else 1e-4) == []
    assert result.admissible == expected.get("admissible", True)


def test_the_inadmissible_solution_names_the_negative_variance() -> None:
    _, result = fitted("german_cwa/lavaan_mlr_fiml_heywood.json")
    assert result.converged
    assert not result.admissible
    said = next(notice for notice in result.warnings if notice.code == "negative_variance")
    assert "acc2 ~~ acc2" in said.message


def test_invariance_across_the_sexes_is_tested_as_by_lavaan() -> None:
    expected = json.loads((FOLDER / "german_cwa/lavaan_lrt_by_sex.json").read_text())
    names = ("configural", "metric", "scalar", "metric_paths_equal")
    fits = {name: fitted(f"german_cwa/lavaan_mlr_fiml_by_sex_{name}.json")[1] for name in names}
    steps = [
        (sem.compare(fits["metric"], fits["configural"]), expected["ladder"][1]),
        (sem.compare(fits["scalar"], fits["metric"]), expected["ladder"][2]),
        (sem.compare(fits["metric_paths_equal"], fits["metric"]), expected["paths"][1]),
    ]
    for ours, theirs in steps:
        assert ours.df == theirs["Df diff"]
        assert ours.statistic == pytest.approx(theirs["Chisq diff"], rel=1e-4)
