"""The few shapes that every figure is made of, in points from the lower left corner.

reportlab's shapes have no clipping and no patterns, so hatching is computed as lines that end at
the edge of their rectangle. That keeps one drawing good for both PDF and SVG.
"""

from __future__ import annotations

from math import atan2, cos, hypot, pi, sin
from typing import Any, Literal, NamedTuple

from reportlab.graphics.shapes import Circle, Group, Line, Polygon, Rect, String
from reportlab.pdfbase.pdfmetrics import stringWidth

from analysis.language import gettext
from analysis.report.typesetting.fonts import SANS, SANS_BOLD, register_fonts
from analysis.report.typesetting.formatting import FIXED_WORDS
from analysis.report.typesetting.palette import GREY, INK, WHITE, DecisionMark, GroupMark, Pattern

LABEL = 7.4
SMALL = 7.0
HATCH_STEP = 3.2

Anchor = Literal["start", "middle", "end"]


class Box(NamedTuple):
    """A rectangle by its lower left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of the right edge."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """The y of the upper edge."""
        return self.y + self.height


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: float = LABEL,
    anchor: Anchor = "start",
    bold: bool = False,
    colour: Any = INK,
) -> Any:
    """One line of label text on the baseline ``y``; fixed words in the document's language."""
    words = gettext(words) if words in FIXED_WORDS else words
    font = SANS_BOLD if bold else SANS
    return String(x, y, words, fontName=font, fontSize=size, textAnchor=anchor, fillColor=colour)


def text_width(words: str, size: float = LABEL, *, bold: bool = False) -> float:
    """How wide a label will be, in points."""
    register_fonts()
    return float(stringWidth(words, SANS_BOLD if bold else SANS, size))


def wrapped(words: str, width: float, size: float = LABEL, *, bold: bool = False) -> list[str]:
    """The label broken at spaces so that no line is wider than ``width`` unless one word is."""
    lines: list[str] = []
    for word in words.split():
        candidate = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(candidate, size, bold=bold) <= width:
            lines[-1] = candidate
        else:
            lines.append(word)
    return lines


def shortened(words: str, width: float, size: float = LABEL, *, bold: bool = False) -> str:
    """The label cut with an ellipsis where it would not fit."""
    if text_width(words, size, bold=bold) <= width:
        return words
    kept = words
    while kept and text_width(kept + "…", size, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def line(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    width: float = 0.6,
    colour: Any = INK,
    dash: tuple[float, ...] | None = None,
) -> Any:
    """A straight stroke."""
    return Line(
        x1,
        y1,
        x2,
        y2,
        strokeWidth=width,
        strokeColor=colour,
        strokeDashArray=list(dash) if dash else None,
        strokeLineCap=0,
    )


def rectangle(
    box: Box,
    *,
    fill: Any = WHITE,
    stroke: Any = INK,
    width: float = 0.6,
    radius: float = 0.0,
    dash: tuple[float, ...] | None = None,
) -> Any:
    """A box; ``stroke=None`` leaves it without an outline."""
    return Rect(
        box.x,
        box.y,
        box.width,
        box.height,
        rx=radius,
        ry=radius,
        fillColor=fill,
        strokeColor=stroke,
        strokeWidth=width if stroke is not None else 0,
        strokeDashArray=list(dash) if dash else None,
    )


def polygon(points: list[float], *, fill: Any, stroke: Any, width: float = 0.8) -> Any:
    """A closed shape through ``points`` (x, y, x, y, …)."""
    return Polygon(points, fillColor=fill, strokeColor=stroke, strokeWidth=width)


def arrow(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    *,
    width: float = 0.8,
    colour: Any = INK,
    dash: tuple[float, ...] | None = None,
    hollow: bool = False,
) -> Any:
    """A stroke with a head; ``hollow`` leaves the head open, for a negative or absent path."""
    length = hypot(x2 - x1, y2 - y1)
    head = min(5.0 + width, length / 2)
    angle = atan2(y2 - y1, x2 - x1)
    base_x, base_y = x2 - head * cos(angle), y2 - head * sin(angle)
    half = head * 0.42
    offset_x, offset_y = half * cos(angle + pi / 2), half * sin(angle + pi / 2)
    points = [x2, y2, base_x + offset_x, base_y + offset_y, base_x - offset_x, base_y - offset_y]
    shaft = line(x1, y1, base_x, base_y, width=width, colour=colour, dash=dash)
    tip = polygon(points, fill=WHITE if hollow else colour, stroke=colour, width=0.7)
    return Group(shaft, tip)


_CORNERS: dict[str, tuple[float, ...]] = {
    "square": (-0.82, -0.82, 0.82, -0.82, 0.82, 0.82, -0.82, 0.82),
    "triangle": (-1.0, -0.75, 1.0, -0.75, 0.0, 1.05),
    "diamond": (0.0, -1.15, 1.0, 0.0, 0.0, 1.15, -1.0, 0.0),
    "wedge": (-1.0, 0.75, 1.0, 0.75, 0.0, -1.05),
    "bar": (-0.4, -1.15, 0.4, -1.15, 0.4, 1.15, -0.4, 1.15),
}


def marker(x: float, y: float, mark: GroupMark, *, radius: float = 2.6) -> Any:
    """The sign of a group, centred on (x, y)."""
    fill = mark.colour if mark.filled else WHITE
    if mark.shape == "circle":
        return Circle(x, y, radius, fillColor=fill, strokeColor=mark.colour, strokeWidth=0.8)
    corners = _CORNERS[mark.shape]
    points = [
        (x if position % 2 == 0 else y) + radius * corner for position, corner in enumerate(corners)
    ]
    return polygon(points, fill=fill, stroke=mark.colour)


def _diagonals(box: Box, colour: Any, *, rising: bool) -> list[Any]:
    """45° lines across the box, each ending on its edge."""
    strokes = []
    offset = HATCH_STEP / 2
    while offset < box.width + box.height:
        left = max(0.0, offset - box.height), min(offset, box.height)
        right = min(offset, box.width), max(0.0, offset - box.width)
        ys = (left[1], right[1]) if not rising else (box.height - left[1], box.height - right[1])
        strokes.append(
            line(
                box.x + left[0],
                box.y + ys[0],
                box.x + right[0],
                box.y + ys[1],
                width=0.7,
                colour=colour,
            )
        )
        offset += HATCH_STEP
    return strokes


def _dots(box: Box, colour: Any) -> list[Any]:
    """A regular grid of dots that stays inside the box."""
    columns = int((box.width - 1) // HATCH_STEP)
    rows = int((box.height - 1) // HATCH_STEP)
    left = box.x + (box.width - (columns - 1) * HATCH_STEP) / 2
    low = box.y + (box.height - (rows - 1) * HATCH_STEP) / 2
    return [
        Circle(
            left + column * HATCH_STEP,
            low + row * HATCH_STEP,
            0.5,
            fillColor=colour,
            strokeColor=None,
            strokeWidth=0,
        )
        for column in range(columns)
        for row in range(rows)
    ]


def _pattern(box: Box, pattern: Pattern, colour: Any) -> list[Any]:
    if pattern == "hatched":
        return _diagonals(box, colour, rising=False)
    if pattern == "crossed":
        return _diagonals(box, colour, rising=False) + _diagonals(box, colour, rising=True)
    return _dots(box, colour) if pattern == "dotted" else []


def patterned(box: Box, mark: DecisionMark) -> Any:
    """A rectangle filled with the colour and the pattern of a verdict."""
    solid = mark.pattern == "solid"
    frame = rectangle(box, fill=mark.colour if solid else WHITE, stroke=mark.colour, width=0.7)
    return Group(frame, *_pattern(box, mark.pattern, mark.colour))


def decision_key(x: float, y: float, marks: list[DecisionMark]) -> Any:
    """A legend of verdicts on one line, starting at (x, y)."""
    group = Group()
    for mark in marks:
        group.add(patterned(Box(x, y - 1.5, 14, 7.5), mark))
        label = gettext(mark.label)
        group.add(text(x + 18, y, label, colour=GREY))
        x += 18 + text_width(label) + 16
    return group
