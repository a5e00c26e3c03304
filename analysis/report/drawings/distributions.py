"""Small multiples of item answers: each model's answers over the people's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reportlab.graphics.shapes import Group

from analysis.language import gettext as _
from analysis.report.content import InstrumentFacts, ReportContent
from analysis.report.drawings.figure import Figure, canvas
from analysis.report.drawings.numbers import answer_numbers
from analysis.report.drawings.primitives import (
    SMALL,
    Anchor,
    Box,
    line,
    marker,
    rectangle,
    shortened,
    text,
    text_width,
)
from analysis.report.typesetting.formatting import decimal, listed
from analysis.report.typesetting.palette import ALERT, GREY, INK, SILVER, GroupMark, group_marks
from analysis.report.typesetting.style import TEXT_WIDTH

_ROW = 16.6
_BARS = 12.4
_LABELS = 52.0
_WIDEST_LABEL = 104.0
_HEAD = 16.0
_FOOT = 12.0

Counts = Mapping[int, int]


def _shares(counts: Counts) -> dict[int, float]:
    total = sum(counts.values())
    return {value: n / total for value, n in counts.items() if n}


def _bars(
    heights: Mapping[int, float], box: Box, values: Sequence[int], fill: Any, width: float
) -> Any:
    """One bar for each answer; ``heights`` and ``width`` are parts of the box and of a slot."""
    group = Group()
    slot = box.width / len(values)
    for value, height in heights.items():
        left = box.x + values.index(value) * slot + slot * (1 - width) / 2
        bar = Box(left, box.y, slot * width, max(height * box.height, 0.5))
        group.add(rectangle(bar, fill=fill, stroke=None))
    return group


def _cell(
    people: Counts, own: Counts | None, box: Box, values: Sequence[int], mark: GroupMark
) -> Any:
    """The people in grey; a model's answers as narrower bars over them."""
    shares = _shares(people)
    over = _shares(own) if own is not None else {}
    tallest = max((*shares.values(), *over.values()), default=1.0)
    behind = {value: share / tallest for value, share in shares.items()}
    before = {value: share / tallest for value, share in over.items()}
    group = Group(_bars(behind, box, values, SILVER if own is not None else INK, 0.9))
    group.add(_bars(before, box, values, mark.colour, 0.42))
    group.add(line(box.x, box.y, box.right, box.y, width=0.4, colour=GREY))
    shown = shares if own is None else over
    if len(shown) == 1:
        group.add(_constant(box, high=next(iter(shown)) * 2 > values[0] + values[-1]))
    return group


def _constant(box: Box, *, high: bool) -> Any:
    """The word "constant" on the side away from the one bar."""
    x = box.x if high else box.right
    anchor: Anchor = "start" if high else "end"
    return text(x, box.top - 5, _("constant"), size=SMALL, anchor=anchor, colour=ALERT)


def _mean(counts: Counts) -> str:
    total = sum(counts.values())
    return decimal(sum(v * n for v, n in counts.items()) / total if total else None)


def _alternative(
    content: ReportContent, instrument: InstrumentFacts, counts: Mapping[tuple[str, str], Counts]
) -> str:
    groups = [group for group in content.groups if any(key[0] == group.key for key in counts)]
    sentences = []
    for item in instrument.items:
        found = [counts.get((group.key, item.variable), {}) for group in groups]
        means = ", ".join(_mean(each) for each in found)
        constant = [
            group.label
            for group, each in zip(groups, found, strict=True)
            if len(_shares(each)) == 1
        ]
        told = f"{item.ref} {means}"
        if constant:
            told += f" ({_('constant in {groups}').format(groups=listed(constant))})"
        sentences.append(told)
    order = listed(group.label for group in groups)
    return _("Answers to {scale}. Means by item, in the order {groups}: {items}.").format(
        scale=instrument.title, groups=order, items="; ".join(sentences)
    )


def _label_width(labels: list[str]) -> float:
    """Room for the item labels, within reason."""
    widest = max(text_width(label, SMALL) for label in labels) + 8
    return min(max(widest, _LABELS), _WIDEST_LABEL)


def _heading(content: ReportContent, top: float, left: float, column: float) -> Any:
    group = Group()
    marks = _marks(content)
    for at, each in enumerate(content.groups):
        x = left + at * column
        group.add(marker(x + 3, top + 6, marks[each.key], radius=2.2))
        group.add(text(x + 9, top + 3.6, shortened(each.label, column - 14, SMALL), size=SMALL))
    return group


def _marks(content: ReportContent) -> dict[str, GroupMark]:
    return group_marks(
        [group.key for group in content.people_groups],
        [group.key for group in content.model_groups],
    )


def _ticks(values: Sequence[int], left: float, columns: int, column: float) -> Any:
    """The ends of the response scale below each column."""
    group = Group()
    slot = (column - 10) / len(values)
    for at in range(columns):
        for value in (values[0], values[-1]):
            x = left + at * column + (values.index(value) + 0.5) * slot
            group.add(text(x, 3, str(value), size=SMALL, anchor="middle", colour=GREY))
    return group


def distribution_figure(content: ReportContent, instrument: InstrumentFacts) -> Figure | None:
    """Answers to every item of one instrument; None where no distribution was kept."""
    counts = {(row.group, row.item): row.counts for row in content.distributions}
    items = [item for item in instrument.items if (content.reference.key, item.variable) in counts]
    if not items:
        return None
    scales = {item.variable: content.comparison.plan.item(item.variable).scale for item in items}
    alike = len(set(scales.values())) == 1
    left = _label_width([instrument.item_label(item) for item in items])
    column = (TEXT_WIDTH - left) / len(content.groups)
    drawing = canvas(_HEAD + len(items) * _ROW + _FOOT)
    top = drawing.height - _HEAD
    marks = _marks(content)
    drawing.add(_heading(content, top, left, column))
    for row, item in enumerate(items):
        y = top - (row + 1) * _ROW + 3
        drawing.add(
            text(0, y + 2, shortened(instrument.item_label(item), left - 6, SMALL), size=SMALL)
        )
        people = counts[content.reference.key, item.variable]
        for at, group in enumerate(content.groups):
            own = (
                None
                if group.key == content.reference.key
                else counts.get((group.key, item.variable))
            )
            if own is None and group.key != content.reference.key:
                continue
            box = Box(left + at * column, y, column - 10, _BARS)
            drawing.add(_cell(people, own, box, scales[item.variable], marks[group.key]))
    if alike:
        drawing.add(_ticks(scales[items[0].variable], left, len(content.groups), column))
    return Figure(
        key=f"figure-items-{instrument.key}",
        title=_("Answers to {scale}, item by item").format(scale=instrument.title),
        drawing=drawing,
        alternative=_alternative(content, instrument, counts),
        note="Bars are shares of answers, oriented by the key; (R) marks reverse-keyed "
        "items. Grey behind each model: the people. Each cell is drawn to the height of its "
        "tallest bar.",
        numbers=answer_numbers(content, instrument),
    )
