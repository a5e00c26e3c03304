"""A figure with the words that stand for it, and its two renderings.

The same ``Drawing`` goes into the PDF as vectors and to the workspace as SVG.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics import renderSVG
from reportlab.graphics.shapes import Drawing

from analysis.report.fonts import register_fonts
from analysis.report.style import TEXT_WIDTH

# The browser has no embedded subset: it takes DejaVu where installed, else its own sans-serif.
_SVG_FONTS = "font-family: 'DejaVu Sans', Verdana, sans-serif"


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing, its caption, and a text alternative that says what the drawing shows."""

    key: str
    title: str
    drawing: Any
    alternative: str
    note: str = ""


def canvas(height: float) -> Any:
    """An empty drawing as wide as the text of a page."""
    register_fonts()
    return Drawing(TEXT_WIDTH, height)


def svg(figure: Figure) -> str:
    """The figure as one self-contained ``<svg>`` element with a title and a description."""
    drawn: str = renderSVG.drawToString(figure.drawing)
    start = drawn.index("<svg")
    body = drawn[drawn.index(">", drawn.index("<desc")) + 1 :]
    body = body[body.index("</desc>") + len("</desc>") :]
    width, height = figure.drawing.width, figure.drawing.height
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" '
        f'aria-labelledby="{figure.key}-title {figure.key}-desc">'
        f'<title id="{figure.key}-title">{escape(figure.title)}</title>'
        f'<desc id="{figure.key}-desc">{escape(figure.alternative)}</desc>'
    )
    assert start >= 0
    return opening + body
