"""VAAR strip: how a model's paths divide into agree, contradict, undetermined, not estimable."""

from __future__ import annotations

from typing import Any

from reportlab.graphics.shapes import Drawing, Group

from analysis.compare.results import Decision, VaarScore
from analysis.language import gettext as _
from analysis.language import gettext_noop
from analysis.report.content import ReportContent
from analysis.report.drawings.figure import Figure, canvas
from analysis.report.drawings.numbers import score_numbers
from analysis.report.drawings.primitives import (
    LABEL,
    SMALL,
    Box,
    decision_key,
    line,
    marker,
    patterned,
    rectangle,
    shortened,
    text,
    text_width,
)
from analysis.report.typesetting.fonts import register_fonts
from analysis.report.typesetting.formatting import bounded, percent
from analysis.report.typesetting.palette import DECISION_MARKS, GREY, WHITE, group_marks
from analysis.report.typesetting.style import TEXT_WIDTH

_ROW = 27.0
_BAR = 15.0
_LABELS = 126.0
_HARD = 70.0


def shares(score: VaarScore) -> dict[Decision, float]:
    """The decisive split of a score, in the order in which it is drawn."""
    return {
        Decision.AGREE: score.agree,
        Decision.CONTRADICT: score.contradict,
        Decision.UNDETERMINED: score.undetermined,
        Decision.NOT_ESTIMABLE: score.not_estimable,
    }


def strip(score: VaarScore, box: Box, *, labelled: bool = True) -> Any:
    """The stacked bar of one model inside ``box``."""
    group = Group()
    x = box.x
    for decision, share in shares(score).items():
        width = share * box.width
        if width <= 0:
            continue
        part = Box(x, box.y, width, box.height)
        group.add(patterned(part, DECISION_MARKS[decision]))
        if labelled:
            group.add(_share_label(part, percent(share)))
        x += width
    return group


def _share_label(part: Box, words: str) -> Any:
    """A percentage on a white ground, so that no pattern runs through it."""
    width = text_width(words, LABEL, bold=True) + 6
    if width > part.width - 2:
        return Group()
    middle = part.x + part.width / 2
    low = part.y + part.height / 2
    ground = Box(middle - width / 2, low - 5, width, 10)
    return Group(
        rectangle(ground, fill=WHITE, stroke=None, radius=1.5),
        text(middle, low - 2.5, words, anchor="middle", bold=True),
    )


def mini_strip(score: VaarScore, width: float, height: float = 8.0) -> Any:
    """The bar alone, small enough for a table cell."""
    register_fonts()
    drawing = Drawing(width, height + 1)
    drawing.add(strip(score, Box(0.5, 0.5, width - 1, height), labelled=False))
    return drawing


def split_in_words(score: VaarScore) -> str:
    """ "70% agree, 0% contradict, 30% undetermined, 0% not estimable"."""
    return ", ".join(
        f"{percent(share)} {_(DECISION_MARKS[decision].label)}"
        for decision, share in shares(score).items()
    )


def _sentence(content: ReportContent, score: VaarScore) -> str:
    return f"{content.label(score.group)}: {split_in_words(score)}."


def vaar_figure(content: ReportContent) -> Figure:
    """One bar for each model and sign source, split by verdict."""
    scores = content.comparison.vaar
    drawing = canvas(len(scores) * _ROW + 42)
    marks = group_marks([], [group.key for group in content.model_groups])
    top = drawing.height - 12
    right = TEXT_WIDTH - _HARD
    drawing.add(
        text(_LABELS, top + 4, _("share of paths, mean of families"), size=SMALL, colour=GREY)
    )
    drawing.add(text(TEXT_WIDTH, top + 4, _("hard VAAR"), size=SMALL, anchor="end", colour=GREY))
    for at, score in enumerate(scores):
        y = top - (at + 1) * _ROW + 8
        drawing.add(marker(4, y + _BAR / 2, marks[score.group]))
        name = shortened(content.label(score.group), _LABELS - 18)
        drawing.add(text(12, y + _BAR / 2 - 2.4, name, bold=True))
        drawing.add(strip(score, Box(_LABELS, y, right - _LABELS, _BAR)))
        drawing.add(text(TEXT_WIDTH, y + _BAR / 2 - 2.4, bounded(score.hard), anchor="end"))
        if len({each.signs for each in scores}) > 1:
            words = _("signs {source}").format(source=score.signs.value)
            drawing.add(text(12, y - 3.6, words, size=SMALL, colour=GREY))
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = _LABELS + share * (right - _LABELS)
        low = top - len(scores) * _ROW + 4
        drawing.add(line(x, low, x, low + 2.5, width=0.4, colour=GREY))
        drawing.add(text(x, low - 7, percent(share), size=SMALL, anchor="middle", colour=GREY))
    drawing.add(decision_key(_LABELS, 4, list(DECISION_MARKS.values())))
    return Figure(
        key="figure-vaar",
        title=gettext_noop("VAAR: verdicts on the expected signs, by model"),
        drawing=drawing,
        alternative=_("Split of the path set by verdict.")
        + " "
        + " ".join(_sentence(content, score) for score in scores),
        numbers=score_numbers(content, scores),
    )
