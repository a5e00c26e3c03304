"""A figure with the words that stand for it.

One ``Drawing`` goes into the PDF as vectors and, through ``svg``, into the workspace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from reportlab.graphics.shapes import Drawing

from analysis.report.typesetting.fonts import register_fonts
from analysis.report.typesetting.style import TEXT_WIDTH


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing, its caption, and a text alternative that says what the drawing shows."""

    key: str
    title: str
    drawing: Any
    alternative: str
    note: str = ""
    # What it shows as a table with a head; see `numbers`.
    numbers: Sequence[Sequence[str | int | float | None]] = ()


def canvas(height: float) -> Any:
    """An empty drawing as wide as the text of a page."""
    register_fonts()
    return Drawing(TEXT_WIDTH, ceil(height))
