"""Forest plot: every path in every group with its interval, the expected side shaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from reportlab.graphics.shapes import Group

from analysis.compare.results import PathEstimate, PathSpec
from analysis.language import gettext as _
from analysis.report.content import ReportContent
from analysis.report.drawings.axis import AxisScale, nice_scale
from analysis.report.drawings.figure import Figure, canvas
from analysis.report.drawings.numbers import path_numbers
from analysis.report.drawings.primitives import (
    LABEL,
    SMALL,
    Box,
    line,
    marker,
    rectangle,
    shortened,
    text,
    text_width,
    wrapped,
)
from analysis.report.typesetting.formatting import (
    NOT_ESTIMABLE,
    bounded,
    estimate_with_interval,
    percent,
)
from analysis.report.typesetting.palette import GREY, MIST, SILVER, WHITE, GroupMark, group_marks
from analysis.report.typesetting.style import TEXT_WIDTH
from analysis.report.words import REASONS

_ROW = 11.2
_GAP = 9.0
_PATHS = 94.0
_LABELS = 208.0
_NUMBERS = 90.0
_AXIS = 26.0
_TOP = 14.0
_PLOT_HEIGHT = 220.0


class _Panel(NamedTuple):
    """The drawing area shared by all rows."""

    scale: AxisScale
    marks: dict[str, GroupMark]


def _intervals(estimates: Sequence[PathEstimate]) -> list[float]:
    ends: list[float] = [0.0]
    for row in estimates:
        ends += [end for end in (row.std_ci_lower, row.std_ci_upper, row.std) if end is not None]
    return ends


def _row(panel: _Panel, estimate: PathEstimate, y: float) -> Any:
    """Marker, interval and numbers of one group, or the reason why there is none."""
    middle = y + LABEL * 0.35
    group = Group()
    if estimate.std is None:
        reason = REASONS[estimate.reason] if estimate.reason else _("reason not recorded")
        words = f"{_(NOT_ESTIMABLE)}: {reason}"
        ground = Box(panel.scale.start + 1, y - 2, text_width(words, SMALL) + 6, LABEL + 1)
        group.add(rectangle(ground, fill=WHITE, stroke=None, radius=1.5))
        group.add(text(ground.x + 3, y, words, size=SMALL, colour=GREY))
        return group
    mark = panel.marks[estimate.group]
    bounds = None
    if estimate.std_ci_lower is not None and estimate.std_ci_upper is not None:
        bounds = (estimate.std_ci_lower, estimate.std_ci_upper)
        low, high = (panel.scale.at(end) for end in bounds)
        group.add(line(low, middle, high, middle, width=1.1, colour=mark.colour))
        for end in (low, high):
            group.add(line(end, middle - 1.8, end, middle + 1.8, width=0.8, colour=mark.colour))
    group.add(marker(panel.scale.at(estimate.std), middle, mark))
    numbers = estimate_with_interval(estimate.std, bounds)
    group.add(text(TEXT_WIDTH, y, numbers, size=SMALL, anchor="end"))
    return group


def _block(content: ReportContent) -> float:
    """The height of one path: a row a group, and never less than the longest label needs."""
    lines = max(len(_label_lines(content, path)) for path in content.comparison.plan.paths)
    return max(_ROW * len(content.groups), 9.0 * (lines + 1) + 4)


def _expected_side(scale: AxisScale, sign: int, low: float, high: float) -> Any:
    """A grey field over the expected half of the axis, named in words."""
    zero = scale.at(0)
    if sign < 0:
        box = Box(scale.start, low, zero - scale.start, high - low)
    else:
        box = Box(zero, low, scale.end - zero, high - low)
    return rectangle(box, fill=MIST, stroke=None)


def _path_rows(
    content: ReportContent, panel: _Panel, path: PathSpec, top: float
) -> tuple[Any, float]:
    """All groups of one path; returns the drawing and the y below it."""
    groups = content.groups
    bottom = top - _block(content)
    zero = panel.scale.at(0)
    drawn = Group(
        _expected_side(panel.scale, content.expected_sign(path), bottom - 1, top + 1),
        line(zero, bottom - 1, zero, top + 1, width=0.6, colour=GREY, dash=(2, 2)),
    )
    lines = _label_lines(content, path)
    for row, words in enumerate(lines):
        drawn.add(text(0, top - _ROW + 2.5 - row * 9, words, bold=True))
    sign = _("expected {sign}").format(sign="+" if content.expected_sign(path) > 0 else "−")
    drawn.add(text(0, top - _ROW + 2.5 - len(lines) * 9, sign, size=SMALL, colour=GREY))
    names = _LABELS - _PATHS - 20
    for at, each in enumerate(groups):
        y = top - (at + 1) * _ROW + 2.5
        drawn.add(marker(_PATHS + 8, y + 2.4, panel.marks[each.key], radius=2.2))
        drawn.add(text(_PATHS + 15, y, shortened(each.label, names, SMALL), size=SMALL))
        drawn.add(_row(panel, content.comparison.path_estimate(each.key, path.key), y))
    return drawn, bottom


def _label_lines(content: ReportContent, path: PathSpec) -> list[str]:
    """Predictor and outcome, each on lines of its own."""
    predictor = f"{content.construct_label(path.predictor)} →"
    outcome = content.construct_label(path.outcome)
    return [*wrapped(predictor, _PATHS, bold=True), *wrapped(outcome, _PATHS, bold=True)]


def _axis(scale: AxisScale, y: float, level: float) -> Any:
    group = Group(line(scale.start, y, scale.end, y, width=0.5))
    for tick in scale.ticks:
        x = scale.at(tick)
        group.add(line(x, y, x, y - 2.5, width=0.5))
        group.add(text(x, y - 10, bounded(tick, 1) if tick else "0", size=SMALL, anchor="middle"))
    middle = (scale.start + scale.end) / 2
    caption = _("standardised path β, {level} interval").format(level=percent(level))
    group.add(text(middle, y - 20, caption, size=SMALL, anchor="middle", colour=GREY))
    return group


def _alternative(content: ReportContent, paths: Sequence[PathSpec]) -> str:
    sentences = []
    for path in paths:
        parts = []
        for group in content.groups:
            row = content.comparison.path_estimate(group.key, path.key)
            bounds = (
                (row.std_ci_lower, row.std_ci_upper)
                if row.std_ci_lower is not None and row.std_ci_upper is not None
                else None
            )
            parts.append(f"{group.label} {estimate_with_interval(row.std, bounds)}")
        told = (
            _("{path}, expected positive: {groups}.")
            if content.expected_sign(path) > 0
            else _("{path}, expected negative: {groups}.")
        )
        sentences.append(told.format(path=content.path_label(path), groups="; ".join(parts)))
    return " ".join((_("Standardised paths with intervals."), *sentences))


def forest_figure(
    content: ReportContent, paths: Sequence[PathSpec], *, key: str, title: str, note: str = ""
) -> Figure:
    """Forest plot of some paths of the plan, all groups below one another."""
    groups = content.groups
    height = _TOP + _AXIS + len(paths) * (_block(content) + _GAP)
    estimates = [
        content.comparison.path_estimate(group.key, path.key) for path in paths for group in groups
    ]
    scale = nice_scale(_intervals(estimates), _LABELS + 4, TEXT_WIDTH - _NUMBERS - 6)
    marks = group_marks(
        [group.key for group in content.people_groups],
        [group.key for group in content.model_groups],
    )
    drawing = canvas(height)
    top = height - _TOP
    body = Group()
    y = top
    for at, path in enumerate(paths):
        rows, low = _path_rows(content, _Panel(scale, marks), path, y)
        body.add(rows)
        if at < len(paths) - 1:
            body.add(line(0, low - _GAP / 2, TEXT_WIDTH, low - _GAP / 2, width=0.3, colour=SILVER))
        y = low - _GAP
    drawing.add(body)
    drawing.add(_axis(scale, _AXIS, content.comparison.plan.level))
    drawing.add(
        text(TEXT_WIDTH, height - 8, _("β [interval]"), size=SMALL, anchor="end", colour=GREY)
    )
    drawing.add(text(scale.start, height - 8, _("expected side shaded"), size=SMALL, colour=GREY))
    return Figure(
        key=key,
        title=title,
        drawing=drawing,
        alternative=_alternative(content, paths),
        note=note,
        numbers=path_numbers(content, paths),
    )


def forest_figures(content: ReportContent) -> list[Figure]:
    """The plan's paths in plots of about half a page each; the main model has its own."""
    paths = content.comparison.plan.paths
    main = [path for path in paths if path.model == paths[0].model]
    rest = [path for path in paths if path.model != paths[0].model]
    per_plot = max(2, int(_PLOT_HEIGHT // (_block(content) + _GAP)))
    note = _(
        "Bars are {level} confidence intervals. A group is told by the shape of its marker as well "
        "as by its colour."
    ).format(level=percent(content.comparison.plan.level))
    made = [forest_figure(content, main, key="figure-forest", title="Paths by group", note=note)]
    for part, start in enumerate(range(0, len(rest), per_plot), start=1):
        made.append(
            forest_figure(
                content,
                rest[start : start + per_plot],
                key=f"figure-forest-{part}",
                title=_("Sub-paths by group, part {part}").format(part=part),
            )
        )
    return made
