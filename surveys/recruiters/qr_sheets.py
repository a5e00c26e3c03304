"""A sheet of QR codes to cut up: several people on each page, each with their own address. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, get_args

from surveys.recruiters.right_to_left import as_drawn

Paper = Literal["a4", "letter"]
PAPERS: tuple[str, ...] = get_args(Paper)
COLUMNS, ROWS = 3, 5
PER_PAGE = COLUMNS * ROWS
# Points, of 72 to an inch: white at the edge of the paper, which printers leave white anyway, and
# the side of a code, whose modules are then about half a millimetre.
_MARGIN = 36.0
_SIDE = 88.0
_TEXT = 8.0
_FONT = "Sheet"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What one person is given: an address as a code, and what it is called."""

    address: str
    pseudonym: str
    label: str = ""


def qr_sheet(tickets: Sequence[Ticket], *, title: str, paper: str = "a4") -> bytes:
    """A PDF of the tickets, `PER_PAGE` on a page of A4 or US letter paper, with lines to cut at."""
    # Only whoever prints a sheet needs the two; every other start of the program does without.
    from reportlab.lib.pagesizes import A4, LETTER
    from reportlab.pdfgen.canvas import Canvas

    size = LETTER if paper == "letter" else A4
    written = BytesIO()
    canvas = Canvas(written, pagesize=size, invariant=1)
    canvas.setTitle(title)
    font = _font()
    width, height = (size[0] - 2 * _MARGIN) / COLUMNS, (size[1] - 2 * _MARGIN) / ROWS
    for number, ticket in enumerate(tickets):
        row, column = divmod(number % PER_PAGE, COLUMNS)
        if number and not number % PER_PAGE:
            canvas.showPage()
        left = _MARGIN + column * width
        bottom = size[1] - _MARGIN - (row + 1) * height
        _draw_ticket(canvas, ticket, title, (left, bottom, width, height), font)
    canvas.save()
    return written.getvalue()


def _font() -> str:
    """A font for names of European scripts, Arabic and Hebrew; it comes with matplotlib."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    spec = find_spec("matplotlib")
    for place in (spec.submodule_search_locations if spec else None) or ():
        file = Path(place) / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
        if file.exists():
            if _FONT not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(TTFont(_FONT, str(file)))
            return _FONT
    return "Helvetica"


def _draw_ticket(
    canvas: Any,
    ticket: Ticket,
    title: str,
    place: tuple[float, float, float, float],
    font: str,
) -> None:
    left, bottom, width, height = place
    canvas.setStrokeGray(0.75)
    canvas.setDash(2, 2)
    canvas.rect(left, bottom, width, height)
    canvas.setFillGray(0)
    middle, top = left + width / 2, bottom + height
    _draw_code(canvas, ticket.address, middle - _SIDE / 2, top - 8 - _SIDE)
    lines = ((ticket.pseudonym, _TEXT + 2), (ticket.label, _TEXT - 1), (title, _TEXT - 1))
    y = top - 8 - _SIDE - 12
    for text, points in lines:
        if (text and text != ticket.pseudonym) or points == _TEXT + 2:
            canvas.setFont(font, points)
            shown = as_drawn(_fitting(canvas, text, font, points, width - 10))
            canvas.drawCentredString(middle, y, shown)
            y -= points + 2


def _draw_code(canvas: Any, address: str, left: float, bottom: float) -> None:
    """Modules row by row, each run of black ones as one rectangle: no hair lines in between."""
    import segno

    code = segno.make(address, micro=False, error="m")
    rows = [list(row) for row in code.matrix]
    side = _SIDE / len(rows)
    for number, row in enumerate(rows):
        start: int | None = None
        for place, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = place
            elif not dark and start is not None:
                y = bottom + _SIDE - (number + 1) * side
                run = (place - start) * side
                canvas.rect(left + start * side, y, run, side * 1.01, stroke=0, fill=1)
                start = None


def _fitting(canvas: Any, text: str, font: str, points: float, width: float) -> str:
    if canvas.stringWidth(text, font, points) <= width:
        return text
    while text and canvas.stringWidth(f"{text}…", font, points) > width:
        text = text[:-1]
    return f"{text}…"
