"""What both file forms of LimeSurvey hold: groups, questions with their rows, answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from surveys.questionnaire_files.questionnaire import Texts

NO_TEXTS: Texts = {}
# Texts of a survey that stand outside its questions, as both file forms call them.
PAGE_TEXTS = (
    "surveyls_description",
    "surveyls_welcometext",
    "surveyls_endtext",
    "surveyls_url",
    "surveyls_policy_notice",
)


@dataclass
class LimeGroup:
    """A group of questions; `order` is its place among the groups."""

    key: str
    order: int
    name: dict[str, str] = field(default_factory=dict)
    relevance: str = ""
    random: str = ""


@dataclass
class LimeAnswer:
    """An answer that can be chosen; `scale` is 1 for the second one of a dual scale."""

    code: str
    order: int
    scale: int
    score: str = ""
    text: dict[str, str] = field(default_factory=dict)


@dataclass
class LimeQuestion:
    """A question or, in `rows`, one of its subquestions."""

    key: str
    group: str
    type: str
    code: str
    order: int
    scale: int = 0
    place: str = ""
    mandatory: str = ""
    other: str = ""
    relevance: str = ""
    rule: str = ""
    text: dict[str, str] = field(default_factory=dict)
    help: dict[str, str] = field(default_factory=dict)
    scripts: bool = False
    default: str = ""
    conditions: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    # Attributes that are words, by name and language.
    attribute_words: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: list[LimeQuestion] = field(default_factory=list)
    answers: list[LimeAnswer] = field(default_factory=list)


@dataclass
class LimeSurvey:
    """A file's questionnaire before it is read; `base` is empty where the file does not say it."""

    title: Mapping[str, str]
    base: str
    languages: tuple[str, ...]
    groups: list[LimeGroup]
    questions: list[LimeQuestion]
    quotas: list[str] = field(default_factory=list)
    assessments: list[str] = field(default_factory=list)
    # What stands before and after the questions, in the base language: column -> text.
    page_texts: dict[str, str] = field(default_factory=dict)


def number(text: str) -> int:
    """A whole number as the file writes it; 0 for anything else."""
    try:
        return int(text)
    except ValueError:
        return 0
