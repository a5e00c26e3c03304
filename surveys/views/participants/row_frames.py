"""Rows of a matrix as HTML, rendered once by their template for everybody who is shown the same.

What is kept holds nobody's words: only rows whose texts are the study's own are kept, by all that
their template is given. Of those that differ in their place alone one is kept, and filled in.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

if TYPE_CHECKING:
    from surveys.views.participants.page_views import Row

_TEMPLATE = "surveys/_row.html"
# Stands for the place of the question: of no alphabet.
_PLACE = "\ue000"


def row_html(row: Row) -> SafeString:
    """One question of a matrix with its boxes."""
    asked = row.question
    as_ever = row.frozen and not (row.missing or row.skipped or row.error)
    if not as_ever or _PLACE in asked.text:
        return render_to_string(_TEMPLATE, {"row": row})
    anywhere = replace(asked, position=_PLACE)  # type: ignore[arg-type]  # printed, and no more
    frame = _frame(replace(row, question=anywhere), get_language())
    return mark_safe(frame.replace(_PLACE, str(asked.position)))  # noqa: S308 - a template's


@lru_cache(maxsize=4096)
def _frame(row: Row, language: str) -> SafeString:  # noqa: ARG001 - that of the words around it
    return render_to_string(_TEMPLATE, {"row": row})


def forget() -> None:
    """Empty what is kept, as a new process has it."""
    _frame.cache_clear()
