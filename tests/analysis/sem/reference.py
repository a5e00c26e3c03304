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

LABELS = ("school", "group", "gender")  # the grouping column, where the fixture does not name it


# The options of lavaan's call that `Reference` repeats, or reads the data by.
REPEATED = {
    *("estimator", "se", "missing", "information", "likelihood", "meanstructure", "fixed.x"),
    *("parameterization", "std.lv", "effect.coding", "orthogonal", "group", "group.equal"),
    *("group.partial", "ordered", "cluster", "sampling.weights"),
    "sampling.weights.normalization",
}
_TESTS = {
    "ML": "standard",
    "MLM": "satorra.bentler",
    "MLR": "yuan.bentler.mplus",
    "WLSMV": "scaled.shifted",
    "DWLS": "standard",
}


@dataclass(frozen=True)
class Reference:
    """A fixture: lavaan's call, options and numbers, and the data it was fitted to."""

    path: Path
    content: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def batch(self) -> str:
        return self.path.parent.parent.name

    @property
    def options(self) -> Mapping[str, Any]:
        options: Mapping[str, Any] = self.content["options"]
        return options

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(str(label) for label in self.content.get("groups") or ())

    @property
    def tolerance(self) -> float:
        """Relative: as far as the fixture itself stands from the optimum."""
        polish = self.content.get("polish")
        if polish is None:  # lavaan's optimiser stops early: chi-square is high by 2e-5
            return 5e-4 if self.batch == "reference" else 2e-5
        exact = 1e-5 if self.is_ordinal else 1e-6
        if "==" in self.content["syntax"]:
            exact = 1e-5
        return max(exact, 2.0 * polish["final_newton_step_max"])

    @property
    def is_ordinal(self) -> bool:
        return self.options["estimator"] == "DWLS"

    @property
    def ordered(self) -> list[str]:
        if "ordered" in self.options:
            return _listed(self.options["ordered"])
        listed = re.search(r"ordered = c\(([^)]*)\)", self.content["call"])
        return re.findall(r'"([^"]+)"', listed.group(1)) if listed else []

    @property
    def estimator(self) -> str:
        options = self.options
        if options["estimator"] == "DWLS":
            return "DWLS" if options["se"] == "standard" else "WLSMV"
        return {
            "standard": "ML",
            "robust.sem": "MLM",
            "robust.huber.white": "MLR",
            "robust.cluster": "MLR",
            "robust.cluster.sem": "MLM",
        }[options["se"]]

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of `sem.fit` that repeat lavaan's call."""
        options = self.options
        arguments: dict[str, Any] = {
            "estimator": self.estimator,
            "missing": options["missing"],
            "group_equal": _listed(options["group.equal"]),
            "group_partial": _listed(options.get("group.partial", [])),
            "std_lv": options["std.lv"],
            "fixed_x": options["fixed.x"],
            "meanstructure": options["meanstructure"],
            "ordered": self.ordered,
            "parameterization": options["parameterization"],
            "effect_coding": _listed(options.get("effect.coding", [])),
            "orthogonal": options.get("orthogonal", False),
        }
        if not self.is_ordinal:
            arguments["information"] = options["information"][0]
            arguments["likelihood"] = options["likelihood"]
        if "sampling.weights.normalization" in options:
            arguments["weights_normalization"] = options["sampling.weights.normalization"]
        return arguments

    def not_repeated(self) -> dict[str, Any]:
        """Options that ask for something else than the arguments do, which no reader knows."""
        implied: dict[str, tuple[Any, ...]] = {
            "test": (_TESTS[self.estimator],),
            "observed.information": ("hessian", "h1"),
            "h1.information": ("structured", "unstructured"),
            "conditional.x": (False, self.is_ordinal and self.options["fixed.x"]),
            "orthogonal.x": (False,),
            "orthogonal.y": (False,),
            "bounds": ("none",),
        }
        left = {name: given for name, given in self.options.items() if name not in REPEATED}
        return {
            name: given
            for name, given in left.items()
            if not set(_several(given)) & set(implied.get(name, ()))
        }

    def fit(self) -> sem.SemFit:
        return _fit(self.path)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@cache
def _fit(path: Path) -> sem.SemFit:
    reference = read(path)
    data, by_row = read_data(path.parent, reference)
    return sem.fit(reference.content["syntax"], data, **by_row, **reference.arguments())


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
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The columns of the data set, and what `fit` takes row by row: groups, clusters, weights."""
    options = reference.options
    incomplete = options["missing"] in ("ml", "pairwise")
    path = folder / ("data_missing.csv" if incomplete else "data.csv")
    columns = read_columns(path if path.exists() else folder / "data.csv")
    numbers = {name: to_numbers(values) for name, values in columns.items() if name != "school"}
    by_row: dict[str, np.ndarray] = {}
    label = options.get("group") or next((name for name in LABELS if name in columns), None)
    chosen = np.full(len(next(iter(columns.values()))), True)
    if reference.groups and label is not None:
        by_row["group"] = columns[label]
        chosen = np.isin(columns[label], reference.groups)
        numbers.pop(label, None)
    if "cluster" in options:
        by_row["cluster"] = columns[options["cluster"]]
    if "sampling.weights" in options:
        by_row["sampling_weights"] = to_numbers(columns[options["sampling.weights"]])
    numbers = {name: values[chosen] for name, values in numbers.items()}
    return numbers, {name: values[chosen] for name, values in by_row.items()}


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
