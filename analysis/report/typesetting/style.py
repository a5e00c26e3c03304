"""Measures and paragraph styles of the page.

The text is 460 points wide on both paper sizes, so a report breaks into the same lines on A4 and on
Letter and only the page breaks differ.
"""

from __future__ import annotations

import re
from functools import cache
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics

from analysis.report.errors import UnknownPageSizeError
from analysis.report.typesetting.fonts import (
    MONO,
    SANS,
    SERIF,
    SERIF_BOLD,
    SERIF_ITALIC,
    register_fonts,
)
from analysis.report.typesetting.palette import ALERT, GREY, INK

TEXT_WIDTH = 460.0
TOP_MARGIN = 72.0
BOTTOM_MARGIN = 62.0
BODY_SIZE = 10.5
BODY_LEADING = 14.2
TABLE_SIZE = 8.6
TABLE_LEADING = 10.6

_PAGE_SIZES: dict[str, tuple[float, float]] = {"A4": A4, "Letter": LETTER}


def paper(page_size: str) -> tuple[float, float]:
    """Width and height of a sheet in points.

    Raises:
        UnknownPageSizeError: any name but "A4" and "Letter".
    """
    try:
        return _PAGE_SIZES[page_size]
    except KeyError:
        raise UnknownPageSizeError(
            f"There is no page size {page_size!r}. Choose A4 or Letter."
        ) from None


@cache
def style(name: str) -> ParagraphStyle:
    """A paragraph style by name; the names are the keys of ``_STYLES``."""
    return ParagraphStyle(name, **(_BASE | _STYLES[name]))


_BASE: dict[str, object] = {
    "fontName": SERIF,
    "bulletFontName": SERIF,
    "fontSize": BODY_SIZE,
    "leading": BODY_LEADING,
    "textColor": INK,
    "alignment": TA_LEFT,
    "allowWidows": 0,
    "allowOrphans": 0,
}

_STYLES: dict[str, dict[str, object]] = {
    "body": {"alignment": TA_JUSTIFY, "spaceAfter": 6},
    "lead": {"alignment": TA_JUSTIFY, "spaceAfter": 5, "fontSize": 10, "leading": 13.2},
    "small": {"fontSize": 8.8, "leading": 11.4, "spaceAfter": 5},
    "bullet": {"leftIndent": 14, "bulletIndent": 3, "spaceAfter": 3},
    "quote": {
        "fontSize": 9.4,
        "leading": 12.4,
        "leftIndent": 14,
        "rightIndent": 14,
        "spaceAfter": 6,
    },
    "run_in": {
        "fontSize": 10.5,
        "leading": 14.2,
        "spaceBefore": 4,
        "spaceAfter": 2,
        "keepWithNext": 1,
    },
    "title": {"fontName": SERIF_BOLD, "fontSize": 17.5, "leading": 20.5, "spaceAfter": 4},
    "subtitle": {"fontName": SERIF_ITALIC, "fontSize": 10.5, "leading": 13, "spaceAfter": 6},
    "section": {
        "fontName": SERIF_BOLD,
        "fontSize": 15,
        "leading": 18.5,
        "spaceBefore": 20,
        "spaceAfter": 7,
    },
    "subsection": {
        "fontName": SERIF_BOLD,
        "fontSize": 11.5,
        "leading": 14.5,
        "spaceBefore": 11,
        "spaceAfter": 4,
    },
    "caption": {
        "fontSize": 9.6,
        "leading": 12.2,
        "spaceBefore": 9,
        "spaceAfter": 4,
    },
    "figure_caption": {"fontSize": 9.6, "leading": 12.2, "spaceBefore": 5, "spaceAfter": 2},
    "note": {"fontSize": 8.4, "leading": 10.6, "spaceBefore": 2},
    "cell": {"fontSize": TABLE_SIZE, "leading": TABLE_LEADING},
    "cell_right": {"fontSize": TABLE_SIZE, "leading": TABLE_LEADING, "alignment": TA_RIGHT},
    "cell_centre": {"fontSize": TABLE_SIZE, "leading": TABLE_LEADING, "alignment": TA_CENTER},
    "head": {"fontSize": TABLE_SIZE, "leading": TABLE_LEADING, "fontName": SERIF_BOLD},
    "head_right": {
        "fontSize": TABLE_SIZE,
        "leading": TABLE_LEADING,
        "fontName": SERIF_BOLD,
        "alignment": TA_RIGHT,
    },
    "head_centre": {
        "fontSize": TABLE_SIZE,
        "leading": TABLE_LEADING,
        "fontName": SERIF_BOLD,
        "alignment": TA_CENTER,
    },
    "label": {"fontName": SANS, "fontSize": 7, "leading": 9, "textColor": GREY},
    "value": {"fontSize": 9, "leading": 10.6},
    "answer": {"fontSize": 10, "leading": 13, "leftIndent": 12, "bulletIndent": 2, "spaceAfter": 3},
    "warning": {
        "fontSize": 9.6,
        "leading": 12.4,
        "leftIndent": 12,
        "spaceAfter": 4,
        "textColor": ALERT,
    },
    "code": {"fontName": MONO, "fontSize": 7, "leading": 9.2, "leftIndent": 8},
    "contents_1": {"fontSize": 10.2, "leading": 14.4, "spaceBefore": 3},
    "contents_3": {"fontSize": 8.6, "leading": 10.6, "leftIndent": 4},
    "contents_2": {"fontSize": 9.4, "leading": 12.6, "leftIndent": 16},
    "contents_1_page": {"fontSize": 10.2, "leading": 14.4, "spaceBefore": 3, "alignment": TA_RIGHT},
    "contents_2_page": {"fontSize": 9.4, "leading": 12.6, "alignment": TA_RIGHT},
    "contents_3_page": {"fontSize": 8.6, "leading": 10.6, "alignment": TA_RIGHT},
}


@cache
def _serif_characters() -> frozenset[int]:
    """Code points that upright, bold and italic STIX all have."""
    register_fonts()
    faces = [pdfmetrics.getFont(name).face for name in (SERIF, SERIF_BOLD, SERIF_ITALIC)]
    return frozenset.intersection(*(frozenset(face.charToGlyph) for face in faces))


_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)|(?<=s)'(?=\s)")
_SUBSCRIPT = re.compile(r"_\{([^}]*)\}")


def prose(markup: str) -> str:
    """Markup of our own sentences, with typographic apostrophes and "x_{p}" as subscripts.

    Questionnaire wording and prompts never pass through here: they are printed as they were.
    """
    curly = _APOSTROPHE.sub("\N{RIGHT SINGLE QUOTATION MARK}", markup)
    return _SUBSCRIPT.sub(r'<sub rise="2" size="7.2">\1</sub>', curly)


def plain(words: str) -> str:
    """Text made safe for a Paragraph, with characters that STIX lacks set in DejaVu Sans."""
    known = _serif_characters()
    if known.issuperset(map(ord, words)):
        return escape(words)
    return "".join(
        escape(letter)
        if ord(letter) in known or letter == "\n"
        else f'<font name="{SANS}">{escape(letter)}</font>'
        for letter in words
    )
