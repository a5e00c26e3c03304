"""Two flows side by side: people, and model sessions. They are never added together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.graphics.shapes import Group

from analysis.compare.results import GroupSummary
from analysis.language import gettext as _
from analysis.language import gettext_noop
from analysis.report.content import MODEL_LABEL, ReportContent, rule_words
from analysis.report.drawings.figure import Figure, canvas
from analysis.report.drawings.numbers import flow_numbers
from analysis.report.drawings.primitives import (
    LABEL,
    SMALL,
    Box,
    arrow,
    line,
    rectangle,
    shortened,
    text,
    wrapped,
)
from analysis.report.typesetting.formatting import count, listed
from analysis.report.typesetting.palette import GREY, MIST, SILVER
from analysis.report.typesetting.style import TEXT_WIDTH
from analysis.runs.datasheet import Exclusion, ModelFlow, PeopleFlow

_BOX_HEIGHT = 25.0
_STEP = 47.0
_HEADING = 30.0
_PEOPLE_WIDTH = 196.0
_GUTTER = 26.0
_BOX_WIDTH = 92.0
_ROW_LEADING = 7.8

Stage = tuple[str, int | None]


def _people_stages(flow: PeopleFlow, group: GroupSummary) -> tuple[Stage, ...]:
    return (
        (_("visited"), flow.visited),
        (_("started"), flow.started),
        (_("consented"), flow.consented),
        (_("completed"), flow.completed),
        (_("kept by the rules"), flow.kept),
        (_("used by the fits"), group.fitted),
    )


def _model_stages(flow: ModelFlow, group: GroupSummary) -> tuple[Stage, ...]:
    return (
        (_("recruited"), flow.recruited),
        (_("begun"), flow.begun),
        (_("finished"), flow.finished),
        (_("kept by the rules"), flow.kept),
        (_("used by the fits"), group.fitted),
    )


def _loss(before: int | None, after: int | None) -> str:
    """How many were lost between two stages, where both are known."""
    if before is None or after is None or before == after:
        return ""
    return f"−{count(before - after)}"


def _stage(box: Box, stage: Stage, *, last: bool) -> Any:
    """A box with the count above its name."""
    label, number = stage
    middle = box.x + box.width / 2
    known = number is not None
    return Group(
        rectangle(box, fill=MIST if last else None, radius=2, width=0.9 if last else 0.6),
        text(
            middle,
            box.y + box.height - (10.5 if known else 10),
            _(count(number)),
            size=8.6 if known else SMALL,
            anchor="middle",
            bold=known,
        ),
        text(
            middle, box.y + 5, shortened(label, box.width - 4, SMALL), size=SMALL, anchor="middle"
        ),
    )


def _excluded_lines(exclusions: Sequence[Exclusion], width: float) -> list[str]:
    lines: list[str] = []
    for rule in (each for each in exclusions if each.count != 0):
        lines += wrapped(f"{rule_words(rule)}: {_(count(rule.count))}", width, SMALL)
    return lines


def _people_column(flow: PeopleFlow, top: float, summary: GroupSummary) -> Any:
    group = Group(
        text(0, top + 28, _("people"), colour=GREY), text(0, top + 17, summary.label, bold=True)
    )
    stages = _people_stages(flow, summary)
    side = _BOX_WIDTH + 12
    for at, stage in enumerate(stages):
        box = Box(0, top - _BOX_HEIGHT - at * _STEP, _BOX_WIDTH, _BOX_HEIGHT)
        group.add(_stage(box, stage, last=at == len(stages) - 1))
        if at == 0:
            continue
        middle = box.x + box.width / 2
        group.add(arrow(middle, box.top + _STEP - _BOX_HEIGHT, middle, box.top))
        lost = _loss(stages[at - 1][1], stage[1])
        if lost:
            height = box.top + (_STEP - _BOX_HEIGHT) / 2
            group.add(line(middle, height, side - 3, height, colour=SILVER))
            reasons = _side_notes(flow, summary, at, lost)
            for row, words in enumerate(reasons):
                group.add(
                    text(side, height - 2.2 - row * _ROW_LEADING, words, size=SMALL, colour=GREY)
                )
    return group


def _side_notes(flow: PeopleFlow, summary: GroupSummary, at: int, lost: str) -> list[str]:
    """What stands beside an arrow: the loss, and the reasons where they are known."""
    width = _PEOPLE_WIDTH - _BOX_WIDTH - 12
    if at == 1:
        return [_("{lost} left at the first page").format(lost=lost)]
    if at == 2:
        if flow.declined is None:
            return [lost]
        told = _("{lost}, {declined} declined")
        return wrapped(told.format(lost=lost, declined=count(flow.declined)), width, SMALL)
    if at == 3:
        return [_("{lost} did not finish").format(lost=lost)]
    if at == 5:
        silent = summary.rows - summary.n
        told = (
            _("{lost} left out for missing answers, {silent} of them without any answer")
            if silent
            else _("{lost} left out for missing answers")
        )
        return wrapped(told.format(lost=lost, silent=count(silent)), width, SMALL)
    return [_("{lost} excluded").format(lost=lost), *_excluded_lines(flow.exclusions, width)]


def _model_columns(content: ReportContent, top: float) -> Any:
    flows = content.model_flow
    left = _PEOPLE_WIDTH + _GUTTER
    column = (TEXT_WIDTH - left) / len(flows)
    width = min(_BOX_WIDTH, column - 6)
    group = Group(
        line(left - _GUTTER / 2, 4, left - _GUTTER / 2, top + _HEADING, colour=SILVER, dash=(2, 2)),
        text(left, top + 28, f"{_('model sessions')}, {_(MODEL_LABEL)}", colour=GREY),
    )
    for position, flow in enumerate(flows):
        x = left + position * column
        for row, words in enumerate(
            wrapped(content.label(flow.group), column - 4, LABEL, bold=True)[:2]
        ):
            group.add(text(x, top + 17 - row * 9, shortened(words, column - 2), bold=True))
        group.add(_model_column(flow, content.group(flow.group), x, top, width))
    return group


def _model_column(
    flow: ModelFlow, summary: GroupSummary, x: float, top: float, width: float
) -> Any:
    group = Group()
    stages = _model_stages(flow, summary)
    middle = x + width / 2
    for at, stage in enumerate(stages):
        box = Box(x, top - _BOX_HEIGHT - at * _STEP, width, _BOX_HEIGHT)
        group.add(_stage(box, stage, last=at == len(stages) - 1))
        if at == 0:
            continue
        group.add(arrow(middle, box.top + _STEP - _BOX_HEIGHT, middle, box.top))
        if lost := _loss(stages[at - 1][1], stage[1]):
            group.add(text(middle + 5, box.top + 9, lost, size=SMALL, colour=GREY))
    low = top - _BOX_HEIGHT - (len(stages) - 1) * _STEP - 10
    lines = _excluded_lines(flow.exclusions, width)
    for row, words in enumerate([_("left out"), *lines] if lines else []):
        group.add(text(x, low - row * _ROW_LEADING, words, size=SMALL, colour=GREY))
    return group


def _sentence(stages: Sequence[Stage]) -> str:
    return listed(f"{_(count(number))} {label}" for label, number in stages)


def _alternative(content: ReportContent) -> str:
    told = [
        (
            content.group(people.group),
            _("people"),
            _people_stages(people, content.group(people.group)),
        )
        for people in content.people_flow
    ]
    told += [
        (
            content.group(flow.group),
            _("model sessions"),
            _model_stages(flow, content.group(flow.group)),
        )
        for flow in content.model_flow
    ]
    flows = (f"{group.label} ({kind}): {_sentence(stages)}." for group, kind, stages in told)
    return f"{_('Two flows, which are not added together.')} {' '.join(flows)}"


def flow_figure(content: ReportContent) -> Figure | None:
    """Flow of respondents; None where neither flow was recorded."""
    if not content.people_flow:
        return None
    people = content.people_flow[0]
    reasons = len(_excluded_lines(people.exclusions, _PEOPLE_WIDTH - _BOX_WIDTH - 12))
    overhang = max(0.0, (reasons + 1) * _ROW_LEADING - _BOX_HEIGHT - 8 - _STEP)
    height = _HEADING + 5 * _STEP + _BOX_HEIGHT + overhang + 12
    top = height - _HEADING - 6
    drawing = canvas(height)
    drawing.add(_people_column(people, top, content.group(people.group)))
    if content.model_flow:
        drawing.add(_model_columns(content, top))
    return Figure(
        key="figure-flow",
        title=gettext_noop("Flow of respondents: people, and model sessions"),
        drawing=drawing,
        alternative=_alternative(content),
        note="The two flows are separate and are never added together.",
        numbers=flow_numbers(content),
    )
