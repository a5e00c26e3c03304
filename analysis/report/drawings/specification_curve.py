"""Specification curve: one measure under every declared combination of choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.graphics.shapes import Circle, Group

from analysis.language import gettext
from analysis.report.content import ReportContent, Specification
from analysis.report.drawings.axis import AxisScale, nice_scale
from analysis.report.drawings.figure import Figure, canvas
from analysis.report.drawings.numbers import specification_numbers
from analysis.report.drawings.primitives import (
    SMALL,
    Box,
    line,
    marker,
    rectangle,
    shortened,
    text,
)
from analysis.report.typesetting.formatting import bounded
from analysis.report.typesetting.palette import GREY, INK, MIST, SILVER, GroupMark, group_marks
from analysis.report.typesetting.style import TEXT_WIDTH

PANELS_PER_FIGURE = 3
_VAAR = ("hard", "agree", "evidence", "joint")
_MOST_PATHS = 2
_LABELS = 118.0
_CURVE = 84.0
_ROW = 8.6
_GAP = 3.5
_HEAD = 18.0


def options(rows: Sequence[Specification]) -> list[tuple[str, str]]:
    """Every (choice, option) in order of first appearance, choices kept together."""
    found = dict.fromkeys(pair for row in rows for pair in row.choices.items())
    names = list(dict.fromkeys(name for name, _ in found))
    return [(name, option) for name in names for owner, option in found if owner == name]


def ordered(rows: Sequence[Specification]) -> list[Specification]:
    """By value, smallest first; what could not be estimated comes last."""
    return sorted(rows, key=lambda row: (row.value is None, row.value or 0.0))


def _lines(pairs: Sequence[tuple[str, str]], top: float) -> dict[tuple[str, str], float]:
    """The height of each option's line; a gap opens each new choice."""
    heights: dict[tuple[str, str], float] = {}
    y, before = top, ""
    for pair in pairs:
        y -= _ROW + (_GAP if pair[0] != before else 0)
        before = pair[0]
        heights[pair] = y
    return heights


def _point(row: Specification, x: float, scale: AxisScale, mark: GroupMark) -> Any:
    if row.value is None:
        return text(x, scale.start + 2, "×", size=SMALL, anchor="middle", colour=GREY)
    y = scale.at(row.value)
    group = Group()
    if row.interval is not None:
        low, high = scale.at(row.interval.lower), scale.at(row.interval.upper)
        group.add(line(x, low, x, high, width=0.7, colour=SILVER if not row.main else INK))
    radius = 2.8 if row.main else 1.6
    group.add(marker(x, y, mark, radius=radius))
    return group


def _panel(
    rows: Sequence[Specification],
    box: Box,
    scale: AxisScale,
    heights: dict[tuple[str, str], float],
    mark: GroupMark,
) -> Any:
    group = Group()
    slot = box.width / max(len(rows), 1)
    low = min(heights.values()) - 3
    for at, row in enumerate(ordered(rows)):
        x = box.x + (at + 0.5) * slot
        if row.main:
            strip = Box(x - slot / 2, low, slot, scale.end - low)
            group.add(rectangle(strip, fill=MIST, stroke=None))
        group.add(_point(row, x, scale, mark))
        for pair in row.choices.items():
            dot = Circle(x, heights[pair] + 2, 1.25, fillColor=INK, strokeColor=None, strokeWidth=0)
            group.add(dot)
    return group


def _frame(scale: AxisScale, heights: dict[tuple[str, str], float], measure: str) -> Any:
    """Value axis and the names of the options, shared by all panels."""
    group = Group()
    for tick in scale.ticks:
        y = scale.at(tick)
        group.add(line(_LABELS, y, TEXT_WIDTH, y, width=0.3, colour=MIST))
        group.add(text(_LABELS - 4, y - 2, bounded(tick), size=SMALL, anchor="end", colour=GREY))
    group.add(text(0, scale.end - 6, measure, size=SMALL, bold=True))
    named: set[str] = set()
    for (name, option), y in heights.items():
        if name not in named:
            group.add(text(0, y, shortened(name, 58, SMALL), size=SMALL, bold=True))
            named.add(name)
        group.add(
            text(
                _LABELS - 4, y, shortened(option, 54, SMALL), size=SMALL, anchor="end", colour=GREY
            )
        )
        group.add(line(_LABELS, y + 2, TEXT_WIDTH, y + 2, width=0.25, colour=MIST))
    return group


def _alternative(content: ReportContent, rows: Sequence[Specification], keys: list[str]) -> str:
    sentences = []
    for key in keys:
        own = [row for row in rows if row.group == key]
        values = [row.value for row in own if row.value is not None]
        if not values:
            told = gettext("{model}: no specification could be estimated.")
            sentences.append(told.format(model=content.label(key)))
            continue
        main = next((row.value for row in own if row.main), None)
        sentences.append(
            gettext(
                "{model}: {all} specifications, {estimable} estimable, from {lowest} to {highest}; "
                "as planned {planned}."
            ).format(
                model=content.label(key),
                all=len(own),
                estimable=len(values),
                lowest=bounded(min(values)),
                highest=bounded(max(values)),
                planned=bounded(main),
            )
        )
    return " ".join(sentences)


def _figure(
    content: ReportContent, rows: Sequence[Specification], keys: list[str], part: int
) -> Figure:
    measure = rows[0].measure
    pairs = options(rows)
    choices = len({name for name, _ in pairs})
    drawing = canvas(_HEAD + _CURVE + len(pairs) * _ROW + choices * _GAP + 12)
    base = drawing.height - _HEAD - _CURVE
    ends = [row.value for row in rows if row.value is not None]
    ends += [
        end for row in rows if row.interval for end in (row.interval.lower, row.interval.upper)
    ]
    scale = nice_scale(ends or [0.0, 1.0], base, base + _CURVE)
    heights = _lines(pairs, base - 4)
    drawing.add(_frame(scale, heights, "VAAR" if measure in _VAAR else "β"))
    marks = group_marks([], [group.key for group in content.model_groups])
    width = (TEXT_WIDTH - _LABELS) / len(keys)
    for at, key in enumerate(keys):
        box = Box(_LABELS + at * width + 4, 0, width - 8, drawing.height)
        own = [row for row in rows if row.group == key]
        drawing.add(_panel(own, box, scale, heights, marks[key]))
        drawing.add(marker(box.x + 3, drawing.height - 8, marks[key]))
        name = shortened(content.label(key), box.width - 12)
        drawing.add(text(box.x + 10, drawing.height - 10.4, name, bold=True))
    return Figure(
        key=f"figure-specifications-{measure.replace('->', '-')}-{part}",
        title=gettext(
            "Specification curve: {measure} under every declared combination of choices"
        ).format(measure=measure_label(content, measure)),
        drawing=drawing,
        alternative=_alternative(content, rows, keys),
        note="Each column is one specification, ordered by its value; the shaded column is the "
        "planned one. × could not be estimated.",
        numbers=specification_numbers(content, rows),
    )


def measure_label(content: ReportContent, measure: str) -> str:
    """The printed name of a measure: a number of VAAR, or a path."""
    if measure in _VAAR:
        return gettext("{measure} VAAR").format(measure=gettext(measure))
    path = next((p for p in content.comparison.plan.paths if p.key == measure), None)
    return content.path_label(path) if path else measure


def _drawn(content: ReportContent) -> list[str]:
    """The measures worth a figure: the headline, the evidence, and the first paths of the plan."""
    known = list(dict.fromkeys(row.measure for row in content.specifications))
    headline = [measure for measure in known if measure in ("agree", "evidence")]
    paths = [path.key for path in content.comparison.plan.paths if path.key in known]
    return headline + paths[:_MOST_PATHS] or known


def specification_figures(content: ReportContent) -> list[Figure]:
    """For each measure that is drawn, one figure for every three models."""
    made = []
    for measure in _drawn(content):
        rows = [row for row in content.specifications if row.measure == measure]
        keys = list(dict.fromkeys(row.group for row in rows))
        for part, start in enumerate(range(0, len(keys), PANELS_PER_FIGURE), start=1):
            chosen = keys[start : start + PANELS_PER_FIGURE]
            own = [row for row in rows if row.group in chosen]
            made.append(_figure(content, own, chosen, part))
    return made
