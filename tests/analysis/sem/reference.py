"""Reads lavaan's reference numbers: one case per JSON file, nothing case by case."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from analysis import sem

LABELS = ("school", "group", "gender")  # the grouping column, by data set


@dataclass(frozen=True)
class Reference:
    """A fixture: lavaan's call, options and numbers, and the data it was fitted to."""

    path: Path
    content: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(str(label) for label in self.content.get("groups") or ())

    @property
    def tolerance(self) -> float:
        """Relative: as far as the fixture itself stands from the optimum."""
        polish = self.content.get("polish")
        if polish is None:  # lavaan's optimiser stops early: chi-square is high by 2e-5
            return 5e-4
        exact = 1e-5 if self.content["options"]["estimator"] == "DWLS" else 1e-6
        return max(exact, 2.0 * polish["final_newton_step_max"])

    @property
    def ordered(self) -> list[str]:
        listed = re.search(r"ordered = c\(([^)]*)\)", self.content["call"])
        return re.findall(r'"([^"]+)"', listed.group(1)) if listed else []

    @property
    def estimator(self) -> str:
        options = self.content["options"]
        if options["estimator"] == "DWLS":
            return "WLSMV"
        return {"standard": "ML", "robust.sem": "MLM", "robust.huber.white": "MLR"}[options["se"]]

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of `sem.fit` that repeat lavaan's call."""
        options = self.content["options"]
        equal = options["group.equal"]
        arguments: dict[str, Any] = {
            "estimator": self.estimator,
            "missing": options["missing"],
            "group_equal": [equal] if isinstance(equal, str) else equal,
            "std_lv": options["std.lv"],
            "meanstructure": options["meanstructure"],
            "ordered": self.ordered,
            "parameterization": options["parameterization"],
        }
        if self.estimator != "WLSMV":
            arguments["information"] = options["information"][0]
            arguments["likelihood"] = options["likelihood"]
        return arguments

    def fit(self) -> sem.SemFit:
        return _fit(self.path)


@cache
def _fit(path: Path) -> sem.SemFit:
    reference = read(path)
    data, group = read_data(path.parent, reference)
    model = reference.content["syntax"]
    return sem.fit(model, data, group=group, **reference.arguments())


@cache
def read(path: Path) -> Reference:
    return Reference(path, json.loads(path.read_text()))


def references(folder: Path) -> Iterator[Reference]:
    """Every fitted model under `folder`."""
    for path in sorted(folder.glob("*/*.json")):
        reference = read(path)
        if isinstance(reference.content, dict) and "parameter_estimates" in reference.content:
            yield reference


def read_data(
    folder: Path, reference: Reference
) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """The columns of the data set, and the rows' group labels where the fit had groups."""
    incomplete = reference.content["options"]["missing"] == "ml"
    name = "data_missing.csv" if incomplete else "data.csv"
    path = folder / name
    columns = read_columns(path if path.exists() else folder / "data.csv")
    label = next((label for label in LABELS if label in columns), None)
    numbers = {name: to_numbers(values) for name, values in columns.items() if name != "school"}
    if not reference.groups or label is None:
        return numbers, None
    group = columns[label]
    chosen = np.isin(group, reference.groups)
    numbers = {name: values[chosen] for name, values in numbers.items() if name != label}
    return numbers, group[chosen]


@cache
def read_columns(path: Path) -> dict[str, np.ndarray]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def to_numbers(values: np.ndarray) -> np.ndarray:
    def number(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            return float("nan")

    return np.array([number(text) for text in values])


def lines(table: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """The rows of a table that R wrote as columns."""
    length = max(len(column) for column in table.values() if isinstance(column, list))
    for number in range(length):
        yield {name: column[number] for name, column in table.items() if isinstance(column, list)}


def differences(pairs: Mapping[str, tuple[float, float | None]], tolerance: float) -> list[str]:
    """What differs by more than `tolerance`, relative above 1 and absolute below."""
    return [
        f"{name}: {ours!r} instead of {theirs!r}"
        for name, (ours, theirs) in pairs.items()
        if theirs is not None and not abs(ours - theirs) <= tolerance * max(1.0, abs(theirs))
    ]
