"""The summary of a run as lines of text, for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.compare.plan import Kind

# The numbers of VAAR with room in a terminal, and their heads.
SHOWN = {
    "hard": "hard",
    "agree": "agree",
    "contradict": "contra",
    "evidence": "evidence",
    "joint": "joint",
    "log": "log",
}


def summary_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A table of groups: n, standardised paths with 95 % intervals, VAAR beside the people."""
    if not rows:
        return ["The run has no result."]
    paths = list(rows[0]["paths"])
    header = ["group", "source", "n", *paths, *SHOWN.values()]
    lines_of = (line for row in rows for line in (_cells(row, paths), *_beside(row, paths)))
    table = [header, *lines_of]
    widths = [max(len(row[i]) for row in table) for i in range(len(header))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return [
        lines[0],
        "-" * len(lines[0]),
        *lines[1:],
        "",
        "Paths: standardised, with 95 % intervals. VAAR (hard to log) is this project's definition",
        "of the human-referenced rate of expected directions. Below a model: what samples of its",
        "size get of people, without an effect, and of a regression on what it was told (means).",
    ]


def _cells(row: Mapping[str, Any], paths: Sequence[str]) -> list[str]:
    source = "model-generated" if row["kind"] == Kind.LLM else "people"
    if row["imported"]:
        source = "imported model answers"
    if row["simulated"]:
        source += ", simulated"
    vaar = row["vaar"] or {}
    scores = [_number(vaar.get(name)) for name in SHOWN]
    return [
        row["label"],
        source,
        str(row["n"]),
        *(_path(row["paths"][path]) for path in paths),
        *(scores if row["vaar"] else ["–"] * len(scores)),
    ]


def _beside(row: Mapping[str, Any], paths: Sequence[str]) -> list[list[str]]:
    """A model's benchmarks; one that was not drawn has no line."""
    return [
        [
            f"  {one['benchmark'].replace('_', ' ')}",
            *[""] * (2 + len(paths)),
            *(_number(one["values"].get(name)) for name in SHOWN),
        ]
        for one in row["beside"][1:]
        if one["values"]
    ]


def _path(path: Mapping[str, Any]) -> str:
    if path["std"] is None:
        return f"not estimable ({path['said']})"
    if path["ci_lower"] is None:
        return _number(path["std"])
    return f"{_number(path['std'])} [{_number(path['ci_lower'])}, {_number(path['ci_upper'])}]"


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}".replace("-", "−")
