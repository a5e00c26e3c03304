"""A drawing in pixels, from the same vectors and fonts as in the PDF."""

from __future__ import annotations

from io import BytesIO
from typing import Any

# Dots per inch: enough for print in a column of a journal.
DOTS = 300
_POINTS_PER_INCH = 72


def png(drawing: Any) -> bytes:
    """The drawing as a PNG file on white."""
    # PDFium and Pillow are loaded when somebody asks for pixels, and not before.
    import pypdfium2
    from reportlab.graphics import renderPDF

    document = pypdfium2.PdfDocument(renderPDF.drawToString(drawing))
    try:
        picture = document[0].render(scale=DOTS / _POINTS_PER_INCH).to_pil()
    finally:
        document.close()
    file = BytesIO()
    picture.convert("RGB").save(file, "PNG", dpi=(DOTS, DOTS), optimize=True)
    return file.getvalue()
