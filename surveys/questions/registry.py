"""Every kind of answer format by its name. A new kind is a module, and a row here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from surveys.questions.base import AnswerFormat
from surveys.questions.chosen import Choice, Numbered
from surveys.questions.information import Information
from surveys.questions.lists import Ranking, SeveralOf
from surveys.questions.numbers import Number, Slider
from surveys.questions.texts import Date, Text

KINDS: dict[str, type[AnswerFormat]] = {
    one.kind: one
    for one in (Choice, Numbered, SeveralOf, Number, Slider, Text, Ranking, Date, Information)
}


def format_of(kind: str, values: Mapping[str, Any]) -> AnswerFormat:
    """Return the format of a kind with its stored values; `KeyError` for an unknown kind."""
    return KINDS[kind].of_values(values)
