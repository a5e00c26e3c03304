"""What every importer reads a file into: a questionnaire that no program's file form is left in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from surveys.codes import Problem

Texts = Mapping[str, str]
"""One text in the languages that it is written in: language tag -> text. Empty if there is none."""


class Tool(StrEnum):
    """The program whose file this is."""

    LIMESURVEY = "LimeSurvey"
    QUALTRICS = "Qualtrics"
    REDCAP = "REDCap"
    SURVEYJS = "SurveyJS"
    FORMR = "formr"
    PSYCHTESTR = "psychTestR"
    ITEM_TABLE = "item table"


class Kind(StrEnum):
    """What is asked; ``other`` is whatever no questionnaire of ours will ever ask."""

    CHOICE = "choice"
    SEVERAL = "several"
    NUMBER = "number"
    SLIDER = "slider"
    TEXT = "text"
    RANKING = "ranking"
    DATE = "date"
    INFORMATION = "information"
    OTHER = "other"


class Required(StrEnum):
    """Whether a question must be answered, is asked for once more, or may be left open."""

    YES = "required"
    SOFT = "soft"
    NO = "free"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be chosen.

    `code` is what the file stores; `score` a number that the file gives it besides; `scored` is
    False for what is no point of the scale, such as "don't know".
    """

    code: str
    label: Texts = field(default_factory=dict)
    score: int | None = None
    scored: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """One question, or one row of a matrix.

    `name` is its name in the file, `place` where somebody finds it there; `stem` is what is read
    above it (a matrix's question, a section's heading); `low` and `high` are the words at the ends
    of a line; `condition` says in the file's own words when it is shown. `minimum` and `maximum`
    are as written. `reversed_in_file` means that the file marks it as reverse-keyed, which nobody
    has confirmed.
    """

    name: str
    place: str
    kind: Kind
    type: str
    text: Texts
    options: tuple[Option, ...] = ()
    group: str = ""
    matrix: str = ""
    stem: Texts = field(default_factory=dict)
    required: Required = Required.NO
    condition: str = ""
    minimum: str = ""
    maximum: str = ""
    low: Texts = field(default_factory=dict)
    high: Texts = field(default_factory=dict)
    facet: str = ""
    hidden: bool = False
    shuffled: bool = False
    reversed_in_file: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A page, block, form or group of questions, as the file divides them."""

    key: str
    title: Texts = field(default_factory=dict)
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A file that was read. `languages` begin with the one that it was written in.

    `language_said` is False where the file does not say which language that is. `losses` are what
    was found in the file and is not in the questions, or not as it stood there.
    """

    tool: Tool
    title: Texts
    languages: tuple[str, ...]
    groups: tuple[Group, ...]
    questions: tuple[Question, ...]
    losses: tuple[Problem, ...] = ()
    language_said: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return what was read as plain values, for programs."""
        return {
            "tool": self.tool.value,
            "title": dict(self.title),
            "languages": list(self.languages),
            "groups": [
                {"key": one.key, "title": dict(one.title), "condition": one.condition}
                for one in self.groups
            ],
            "questions": [_question_json(one) for one in self.questions],
        }


def _question_json(question: Question) -> dict[str, Any]:
    options = [
        {"code": one.code, "label": dict(one.label), "score": one.score, "scored": one.scored}
        for one in question.options
    ]
    return {
        "name": question.name,
        "place": question.place,
        "kind": question.kind.value,
        "type": question.type,
        "text": dict(question.text),
        "options": options,
        "group": question.group,
        "matrix": question.matrix,
        "stem": dict(question.stem),
        "required": question.required.value,
        "condition": question.condition,
        "minimum": question.minimum,
        "maximum": question.maximum,
        "low": dict(question.low),
        "high": dict(question.high),
        "facet": question.facet,
        "hidden": question.hidden,
        "shuffled": question.shuffled,
        "reversed_in_file": question.reversed_in_file,
    }
