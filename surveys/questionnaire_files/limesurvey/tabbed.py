"""LimeSurvey's survey structure as tab-separated text (.txt). Pure.

A row belongs to the question, and a question to the group, that stands before it; another language
repeats all rows, which belong to the first ones by group and name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from surveys.questionnaire_files.content import Refusal, Row, Sheet
from surveys.questionnaire_files.errors import Unreadable
from surveys.questionnaire_files.limesurvey.structure import (
    PAGE_TEXTS,
    LimeAnswer,
    LimeGroup,
    LimeQuestion,
    LimeSurvey,
)

BASE = frozenset(
    [
        "id",
        "related_id",
        "class",
        "type/scale",
        "name",
        "relevance",
        "text",
        "help",
        "language",
        "validation",
        "mandatory",
        "encrypted",
        "other",
        "default",
        "same_default",
        "same_script",
    ]
)


@dataclass
class _Reading:
    base: str = ""
    languages: list[str] = field(default_factory=list)
    title: dict[str, str] = field(default_factory=dict)
    groups: dict[str, LimeGroup] = field(default_factory=dict)
    questions: dict[tuple[str, str, int], LimeQuestion] = field(default_factory=dict)
    rows: dict[tuple[str, str, str], LimeQuestion] = field(default_factory=dict)
    answers: dict[tuple[str, str, str], LimeAnswer] = field(default_factory=dict)
    quotas: list[str] = field(default_factory=list)
    assessments: list[str] = field(default_factory=list)
    page_texts: dict[str, str] = field(default_factory=dict)
    # Where the next row stands, and how many groups of each language came before it.
    group: LimeGroup | None = None
    question: LimeQuestion | None = None
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)


def is_structure(headers: tuple[str, ...]) -> bool:
    """Tell whether the headers are those of this file form."""
    return "class" in headers and "type/scale" in headers


def read_structure(sheet: Sheet) -> LimeSurvey:
    """The questionnaire of a survey structure. Raises `Refusal` for one that holds none."""
    reading = _Reading()
    for row in sheet.rows:
        _read(row, reading)
    if not reading.questions:
        raise Refusal(Unreadable.NO_QUESTION)
    return LimeSurvey(
        title=reading.title,
        base=reading.base,
        languages=tuple(dict.fromkeys(one for one in (reading.base, *reading.languages) if one)),
        groups=list(reading.groups.values()),
        questions=list(reading.questions.values()),
        quotas=reading.quotas,
        assessments=reading.assessments,
        page_texts=reading.page_texts,
    )


def _read(row: Row, reading: _Reading) -> None:
    name, text = row.get("name"), row.get("text")
    match row.get("class"):
        case "S" if name == "language":
            reading.base = text
        case "S" if name == "additional_languages":
            reading.languages.extend(text.split())
        case "SL" if name == "surveyls_title" and text:
            reading.title[row.get("language") or reading.base] = text
        case "SL" if name in PAGE_TEXTS and text:
            reading.page_texts.setdefault(name, text)
        case "G":
            _group(row, reading)
        case "Q":
            _question(row, reading)
        case "SQ":
            _subquestion(row, reading)
        case "A":
            _answer(row, reading)
        case "QTA":
            reading.quotas.append(name)
        case "AS":
            reading.assessments.append(name)
        case "C" if reading.question is not None:
            reading.question.conditions.append(" ".join(one for one in (name, text) if one))


def _language(row: Row, reading: _Reading) -> str:
    language = row.get("language") or reading.base
    if language and language not in reading.languages:
        reading.languages.append(language)
    return language


def _group(row: Row, reading: _Reading) -> None:
    language = _language(row, reading)
    reading.seen[(language,)] += 1
    key = row.get("type/scale") or f"group {reading.seen[(language,)]}"
    group = reading.groups.setdefault(key, LimeGroup(key, len(reading.groups)))
    group.relevance = group.relevance or row.get("relevance")
    group.random = group.random or row.get("random_group")
    if row.get("name"):
        group.name[language] = row.get("name")
    reading.group, reading.question = group, None


def _question(row: Row, reading: _Reading) -> None:
    language = _language(row, reading)
    group = reading.group.key if reading.group else ""
    # A code can occur twice; in another language its questions come in the same order.
    reading.seen[language, group, row.get("name")] += 1
    key = (group, row.get("name"), reading.seen[language, group, row.get("name")])
    question = reading.questions.get(key)
    if question is None:
        question = LimeQuestion(
            key=" ".join(map(str, key)),
            group=group,
            type=row.get("type/scale"),
            code=row.get("name"),
            order=len(reading.questions),
            place=f"line {row.line}",
            mandatory=row.get("mandatory"),
            other=row.get("other"),
            relevance=row.get("relevance"),
            rule=row.get("validation"),
            default=row.get("default"),
            attributes={k: v for k, v in row.cells.items() if v and k not in BASE},
        )
        reading.questions[key] = question
    _give_words(question, row, language)
    for name, words in row.cells.items():
        if words and name not in BASE:
            question.attribute_words.setdefault(name, {})[language] = words
    reading.question = question


class _Below(NamedTuple):
    """Where a row belongs: its question, what names it there, its scale (0 or 1), its language."""

    parent: LimeQuestion
    key: tuple[str, str, str]
    scale: int
    language: str


def _below(row: Row, reading: _Reading) -> _Below | None:
    parent = reading.question
    if parent is None:
        return None
    scale = row.get("type/scale") or "0"
    key = (parent.key, scale, row.get("name"))
    return _Below(parent, key, int(scale == "1"), _language(row, reading))


def _subquestion(row: Row, reading: _Reading) -> None:
    below = _below(row, reading)
    if below is None:
        return
    parent, key, scale, language = below
    one = reading.rows.get(key)
    if one is None:
        one = LimeQuestion(
            key=f"{parent.key} {row.get('name')}",
            group=parent.group,
            type=parent.type,
            code=row.get("name"),
            order=len(parent.rows),
            scale=scale,
            place=f"line {row.line}",
            relevance=row.get("relevance"),
            default=row.get("default"),
        )
        reading.rows[key] = one
        parent.rows.append(one)
    _give_words(one, row, language)


def _answer(row: Row, reading: _Reading) -> None:
    below = _below(row, reading)
    if below is None:
        return
    parent, key, scale, language = below
    one = reading.answers.get(key)
    if one is None:
        one = LimeAnswer(
            code=row.get("name"),
            order=len(parent.answers),
            scale=scale,
            score=row.get("assessment_value"),
        )
        reading.answers[key] = one
        parent.answers.append(one)
    if row.get("text"):
        one.text[language] = row.get("text")


def _give_words(question: LimeQuestion, row: Row, language: str) -> None:
    if row.get("text"):
        question.text[language] = row.get("text")
    if row.get("help"):
        question.help[language] = row.get("help")
