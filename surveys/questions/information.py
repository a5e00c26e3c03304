"""What is read and not answered: an information, a vignette."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from surveys.questions.base import AnswerFormat


@dataclass(frozen=True, kw_only=True)
class Information(AnswerFormat):
    """A text that stands before the question that follows it, for people and models alike."""

    kind: ClassVar[str] = "information"
    scored: ClassVar[bool] = False
    asks: ClassVar[bool] = False
