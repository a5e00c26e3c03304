"""Path diagram of one model: the people, then each model with the people's paths beside its own.

Nothing depends on colour: a solid line is a path whose interval excludes zero, a dashed one is
undetermined, a dotted one could not be estimated. A filled head is a positive path, a hollow one a
negative path; width grows with the size of the path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

from reportlab.graphics.shapes import Ellipse, Group

from analysis.compare.results import GroupSummary, Kind, PathEstimate, PathSpec
from analysis.language import gettext
from analysis.report.content import MODEL_LABEL, ReportContent
from analysis.report.drawings.figure import Figure, canvas
from analysis.report.drawings.numbers import path_numbers
from analysis.report.drawings.primitives import (
    LABEL,
    SMALL,
    Box,
    arrow,
    line,
    marker,
    rectangle,
    shortened,
    text,
    text_width,
    wrapped,
)
from analysis.report.typesetting.formatting import NOT_ESTIMABLE, NOT_RECORDED, bounded, listed
from analysis.report.typesetting.palette import (
    GREY,
    INK,
    MIST,
    SILVER,
    WHITE,
    GroupMark,
    group_marks,
)
from analysis.report.typesetting.style import TEXT_WIDTH

_PANEL_WIDTH = 222.0
_COLUMN_STEP = TEXT_WIDTH - _PANEL_WIDTH
_SPACING = 52.0
_NODE = Box(0, 0, 68, 28)
_PANEL_HEAD = 24.0
_PANEL_GAP = 14.0
_KEY = 18.0


class _Model(NamedTuple):
    """The paths that are estimated together, one outcome a panel."""

    paths: tuple[PathSpec, ...]
    outcome: str

    @property
    def height(self) -> float:
        """The height of one panel."""
        return max(2, len(self.paths)) * _SPACING + _PANEL_HEAD


def excludes_zero(estimate: PathEstimate) -> bool:
    """Whether the interval of a standardised path lies wholly on one side of zero."""
    low, high = estimate.std_ci_lower, estimate.std_ci_upper
    return low is not None and high is not None and low * high > 0


def _stroke(estimate: PathEstimate) -> tuple[tuple[float, ...] | None, Any]:
    """Dash and colour of a path."""
    if estimate.std is None:
        return (0.8, 2.6), GREY
    return (None, INK) if excludes_zero(estimate) else ((4.5, 2.5), INK)


def _node(x: float, y: float, label: str) -> Any:
    """A construct as an ellipse with its name."""
    group = Group(
        Ellipse(
            x + _NODE.width / 2,
            y,
            _NODE.width / 2,
            _NODE.height / 2,
            fillColor=WHITE,
            strokeColor=INK,
            strokeWidth=0.8,
        )
    )
    lines = wrapped(label, _NODE.width - 14, LABEL)[:2]
    first = y - 2.4 + (len(lines) - 1) * 4
    for at, words in enumerate(lines):
        shown = shortened(words, _NODE.width - 8)
        group.add(text(x + _NODE.width / 2, first - at * 8, shown, anchor="middle"))
    return group


def _coefficient(x: float, y: float, estimate: PathEstimate, people: PathEstimate | None) -> Any:
    """The standardised path with its baseline on ``y``, the people's on the line below."""
    known = estimate.std is not None
    words = _with_sign(estimate.std)
    size = LABEL + 0.8 if known else SMALL
    group = Group(text(x, y, words, size=size, anchor="middle", bold=known))
    if people is not None:
        beside = gettext("people {path}").format(path=_with_sign(people.std))
        group.add(text(x, y - 7.8, beside, size=SMALL, anchor="middle", colour=GREY))
    return group


def _with_sign(value: float | None) -> str:
    """A coefficient that always shows its sign."""
    words = bounded(value)
    return f"+{words}" if value is not None and value > 0 else words


def _panel(
    content: ReportContent, model: _Model, group: GroupSummary, mark: GroupMark, origin: Box
) -> Any:
    """One group's diagram inside ``origin``."""
    drawn = Group(
        rectangle(origin, fill=None, stroke=SILVER, width=0.5),
        marker(origin.x + 9, origin.top - 11, mark),
        text(origin.x + 16, origin.top - 13.4, shortened(group.label, 130), bold=True),
    )
    explained = _explained(content, model, group)
    drawn.add(text(origin.right - 7, origin.top - 13.4, explained, size=SMALL, anchor="end"))
    floor, area = origin.y, origin.height - _PANEL_HEAD
    middle = floor + area / 2 + 2
    right = origin.right - _NODE.width - 8
    step = area / len(model.paths)
    for at, path in enumerate(model.paths):
        y = floor + area - (at + 0.5) * step + 2
        drawn.add(_node(origin.x + 8, y, content.construct_label(path.predictor)))
        estimate = content.comparison.path_estimate(group.key, path.key)
        dash, colour = _stroke(estimate)
        start, end = origin.x + 8 + _NODE.width + 1, right - 1
        landing = middle + (y - middle) * 0.16
        drawn.add(
            arrow(
                start,
                y,
                end,
                landing,
                width=0.8 + 4.5 * min(abs(estimate.std or 0.0), 0.6),
                colour=colour,
                dash=dash,
                hollow=(estimate.std or -1.0) < 0,
            )
        )
        people = None
        if group.kind == Kind.LLM:
            people = content.comparison.path_estimate(content.reference.key, path.key)
        height = (y + landing) / 2 + _clearance(y - landing, lines=1 if people is None else 2)
        drawn.add(_coefficient((start + end) / 2, height, estimate, people))
    drawn.add(_node(right, middle, content.construct_label(model.outcome)))
    return drawn


def _clearance(drop: float, *, lines: int) -> float:
    """How far the first label line stands from the middle of an arrow that falls by ``drop``.

    Above an arrow that falls or runs level, below one that rises, so that labels keep apart.
    """
    slope = 5.0 + 0.22 * abs(drop)
    return slope + 7.8 * (lines - 1) if drop >= 0 else -slope - 6.4


def _explained(content: ReportContent, model: _Model, group: GroupSummary) -> str:
    """R² of the outcome in the group, from the fit that covers it."""
    for fit in content.comparison.fits:
        if fit.model == model.paths[0].model and group.key in fit.r2:
            return f"R² {bounded(fit.r2[group.key].get(model.outcome))}"
    estimates = (content.comparison.path_estimate(group.key, p.key) for p in model.paths)
    known = any(each.estimable for each in estimates)
    return f"R² {gettext(NOT_RECORDED if known else NOT_ESTIMABLE)}"


def _key(y: float) -> Any:
    """What line and head mean."""
    entries: tuple[tuple[str, Mapping[str, Any]], ...] = (
        (gettext("interval excludes zero"), {"dash": None, "hollow": False}),
        (gettext("undetermined"), {"dash": (4.5, 2.5), "hollow": False}),
        (gettext(NOT_ESTIMABLE), {"dash": (0.8, 2.6), "hollow": True, "colour": GREY}),
    )
    group = Group()
    x = 0.0
    for words, strokes in entries:
        group.add(arrow(x, y + 2.4, x + 26, y + 2.4, width=1.4, **strokes))
        group.add(text(x + 30, y, words, size=SMALL))
        x += 30 + text_width(words, SMALL) + 14
    for words, hollow in ((gettext("positive"), False), (gettext("negative"), True)):
        group.add(arrow(x, y + 2.4, x + 10, y + 2.4, width=1.0, hollow=hollow))
        group.add(text(x + 13, y, words, size=SMALL))
        x += 13 + text_width(words, SMALL) + 12
    group.add(line(0, y + 12, TEXT_WIDTH, y + 12, width=0.3, colour=MIST))
    return group


def _alternative(content: ReportContent, model: _Model) -> str:
    sentences = []
    for group in content.groups:
        parts = []
        for path in model.paths:
            estimate = content.comparison.path_estimate(group.key, path.key)
            clear = estimate.std is None or excludes_zero(estimate)
            verdict = "" if clear else f" ({gettext('undetermined')})"
            label = content.construct_label(path.predictor)
            parts.append(f"{label} {_with_sign(estimate.std)}{verdict}")
        sentences.append(f"{group.label}: {listed(parts)}.")
    outcome = content.construct_label(model.outcome)
    told = gettext("Standardised paths to {outcome} in each group.").format(outcome=outcome)
    return " ".join((told, *sentences))


def _figure(content: ReportContent, model: _Model) -> Figure:
    groups = content.groups
    rows = -(-len(groups) // 2)
    drawing = canvas(rows * model.height + (rows - 1) * _PANEL_GAP + _KEY + 6)
    marks = group_marks(
        [group.key for group in content.people_groups],
        [group.key for group in content.model_groups],
    )
    for at, group in enumerate(groups):
        y = drawing.height - model.height - (at // 2) * (model.height + _PANEL_GAP) - 1
        origin = Box((at % 2) * _COLUMN_STEP, y, _PANEL_WIDTH, model.height)
        drawing.add(_panel(content, model, group, marks[group.key], origin))
    drawing.add(_key(2))
    name = model.paths[0].model
    outcomes = {(p.model, p.outcome) for p in content.comparison.plan.paths}
    alone = sum(outcome == model.outcome for _, outcome in outcomes) == 1
    label = content.construct_label(model.outcome)
    return Figure(
        key=f"figure-paths-{name}-{model.outcome}",
        title=gettext(
            "Path diagram: standardised paths to {outcome}, people beside each model"
        ).format(outcome=label if alone else f"{label} ({name})"),
        drawing=drawing,
        alternative=_alternative(content, model),
        numbers=path_numbers(content, model.paths),
    )


def path_models(paths: Sequence[PathSpec]) -> list[_Model]:
    """The plan's paths grouped by the model and the outcome they belong to."""
    ordered = sorted(paths, key=lambda path: [p.model for p in paths].index(path.model))
    return [
        _Model(tuple(members), outcome)
        for (_, outcome), members in groupby(ordered, key=lambda path: (path.model, path.outcome))
    ]


def path_diagram_figures(content: ReportContent) -> list[Figure]:
    """One figure for each structural model of the plan; the first says what none of them shows."""
    models = path_models(content.comparison.plan.paths)
    first, *others = (_figure(content, model) for model in models)
    note = gettext("Covariances between the constructs on the left are estimated and not drawn.")
    if content.model_groups:
        models_are = gettext("Models are {label}.").format(label=gettext(MODEL_LABEL))
        note = f"{note} {models_are}"
    return [replace(first, note=note), *others]
