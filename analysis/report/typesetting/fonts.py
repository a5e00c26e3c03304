"""The two type families of a report, taken from the font files that matplotlib carries.

Only the files are used: importing matplotlib would cost a second and a configuration directory.
STIX General sets the running text and the tables, DejaVu Sans the labels and the figures; both have
Greek, the minus sign and the comparison signs, and both are embedded as subsets.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from reportlab.graphics.shapes import STATE_DEFAULTS
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from analysis.report.errors import FontsMissingError

SERIF = "STIXGeneral"
SERIF_BOLD = "STIXGeneral-Bold"
SERIF_ITALIC = "STIXGeneral-Italic"
SERIF_BOLD_ITALIC = "STIXGeneral-BoldItalic"
SANS = "DejaVuSans"
SANS_BOLD = "DejaVuSans-Bold"
SANS_ITALIC = "DejaVuSans-Oblique"
MONO = "DejaVuSansMono"

_FILES = {
    SERIF: "STIXGeneral.ttf",
    SERIF_BOLD: "STIXGeneralBol.ttf",
    SERIF_ITALIC: "STIXGeneralItalic.ttf",
    SERIF_BOLD_ITALIC: "STIXGeneralBolIta.ttf",
    SANS: "DejaVuSans.ttf",
    SANS_BOLD: "DejaVuSans-Bold.ttf",
    SANS_ITALIC: "DejaVuSans-Oblique.ttf",
    MONO: "DejaVuSansMono.ttf",
}


def font_directory() -> Path:
    """Where the font files are.

    Raises:
        FontsMissingError: matplotlib, or its data directory, is not installed.
    """
    spec = find_spec("matplotlib")
    locations = spec.submodule_search_locations if spec is not None else None
    for location in locations or ():
        directory = Path(location) / "mpl-data" / "fonts" / "ttf"
        if directory.is_dir():
            return directory
    raise FontsMissingError("The report's fonts come with matplotlib: install it with pip.")


@cache
def register_fonts() -> None:
    """Make both families known to reportlab; the second call does nothing."""
    directory = font_directory()
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(directory / file)))
    pdfmetrics.registerFontFamily(
        SERIF,
        normal=SERIF,
        bold=SERIF_BOLD,
        italic=SERIF_ITALIC,
        boldItalic=SERIF_BOLD_ITALIC,
    )
    pdfmetrics.registerFontFamily(
        SANS, normal=SANS, bold=SANS_BOLD, italic=SANS_ITALIC, boldItalic=SANS_BOLD
    )
    # A drawing starts with this font before it sets its own; Helvetica could not be embedded.
    STATE_DEFAULTS["fontName"] = SANS
    pdfmetrics.registerFontFamily(MONO, normal=MONO, bold=MONO, italic=MONO, boldItalic=MONO)
