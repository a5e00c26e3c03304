"""The two type families of a report, taken from the font files that matplotlib carries.

Only the files are used: importing matplotlib would cost a second and a configuration directory.
STIX General sets the running text and the tables, DejaVu Sans the labels and the figures; both have
Greek, the minus sign and the comparison signs, and both are embedded as subsets.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

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

_RUN = 100
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


class _EmbeddedFont(TTFont):  # type: ignore[misc]  # reportlab carries no types
    """A font whose embedded subsets say what they hold.

    reportlab 5.1 maps the unused codes of a subset to the character U+0000, and gives glyphs
    beyond the full entries of `hmtx` an advance that it has scaled already. Neither shows on paper,
    and PDF/UA (ISO 14289-1, 7.21) forbids both.
    """

    def __init__(self, name: str, file: str) -> None:
        super().__init__(name, file)
        metrics = self.face.hmetrics
        full = int.from_bytes(self.face.get_table("hhea")[34:36], "big")
        last = metrics[full - 1][0]
        self.face.hmetrics = metrics[:full] + [(last, bearing) for _, bearing in metrics[full:]]

    def addObjects(self, document: Any) -> None:  # noqa: N802 - called when the file is written
        """Add the subsets, each with a map to Unicode of the codes that are in use."""
        super().addObjects(document)
        for name, found in document.idToObject.items():
            if name.startswith("toUnicodeCMap:"):
                found.content = _without_unused(found.content)


def _without_unused(character_map: str) -> str:
    """The map without its entries of U+0000, in runs of at most a hundred (Adobe TN 5014)."""
    lines = character_map.split("\n")
    begin = next(at for at, line in enumerate(lines) if line.endswith("beginbfchar"))
    end = lines.index("endbfchar")
    used = [line for line in lines[begin + 1 : end] if not line.endswith(" <0000>")]
    runs = [used[at : at + _RUN] for at in range(0, len(used), _RUN)]
    body = [line for run in runs for line in (f"{len(run)} beginbfchar", *run, "endbfchar")]
    return "\n".join([*lines[:begin], *body, *lines[end + 1 :]])


@cache
def register_fonts() -> None:
    """Make both families known to reportlab; the second call does nothing."""
    directory = font_directory()
    for name, file in _FILES.items():
        pdfmetrics.registerFont(_EmbeddedFont(name, str(directory / file)))
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
