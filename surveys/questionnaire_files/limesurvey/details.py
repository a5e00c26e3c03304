"""What LimeSurvey's attributes say of a question: dates, sliders, rows with two ends. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from surveys.questionnaire_files.errors import Changed, NotKept
from surveys.questionnaire_files.limesurvey.structure import LimeQuestion
from surveys.questionnaire_files.questionnaire import Kind, Question, Texts
from surveys.questionnaire_files.wording import Wording, shown

RULES = (
    "em_validation_q",
    "em_validation_sq",
    "min_answers",
    "max_answers",
    "min_num_value",
    "max_num_value",
    "equals_num_value",
    "exclude_all_others",
    "numbers_only",
    "num_value_int_only",
    "maximum_chars",
    "time_limit",
    "other_numbers_only",
    "slider_accuracy",
)
# Rows whose words have a right end behind a bar.
_TWO_ENDED = frozenset("FABCEH1;:")
_HOUR = re.compile(r"H")
_DAY = re.compile(r"d", re.IGNORECASE)
_MONTH = re.compile(r"m")


def type_of(one: LimeQuestion) -> str:
    """The type's letter; of a date also what its format asks for: a day, a month, a time of day."""
    written = one.attributes.get("date_format", "")
    if one.type != "D" or not written:
        return one.type
    if _DAY.search(written):
        return f"D/datetime {written}" if _HOUR.search(written) else "D"
    if _HOUR.search(written):
        return f"D/time {written}"
    return f"D/{'month' if _MONTH.search(written) else 'year'} {written}"


def losses_of(one: LimeQuestion) -> Iterator[tuple[NotKept, dict[str, str]]]:
    """What its attributes say that has no place in the questions that it becomes."""
    for name in RULES:
        if one.attributes.get(name, "0") not in ("0", "N", ""):
            yield NotKept.RULE, {"rule": shown(f"{name}: {one.attributes[name]}")}
    for name in ("prefix", "suffix"):
        if words := one.attributes.get(name):
            yield NotKept.SETTING, {"what": shown(f"{name} “{words}”")}
    if one.attributes.get("slider_layout") == "1":
        if start := one.attributes.get("slider_default"):
            yield NotKept.DEFAULT, {"value": shown(start)}
        if one.attributes.get("slider_reversed") == "1":
            yield NotKept.SETTING, {"what": "slider_reversed"}


def scale_headers(one: LimeQuestion, scale: int) -> Mapping[str, str]:
    """The words above one of two scales, by language; those without one stand under ""."""
    name = f"dualscale_header{'AB'[scale]}"
    said = one.attribute_words.get(name, {})
    return said or ({"": one.attributes[name]} if one.attributes.get(name) else {})


def under(stem: Texts, headers: Mapping[str, str]) -> Texts:
    """What is read above rows, with the words above their scale."""
    found = {language: headers.get(language) or headers.get("", "") for language in stem}
    return {
        language: f"{words} – {found[language]}" if found[language] else words
        for language, words in stem.items()
    }


def with_ends(row: Question, one: LimeQuestion, wording: Wording) -> Question:
    """A row whose words are divided by a mark: a slider with two ends, or two poles."""
    if row.kind is Kind.SLIDER:
        return _slider(row, one.attributes.get("slider_separator") or "|")
    if one.type not in _TWO_ENDED or not any("|" in text for text in row.text.values()):
        return row
    wording.note(row.place, Changed.TWO_ENDS)
    text = {language: _joined(words.split("|")) for language, words in row.text.items()}
    return replace(row, text=text)


def _slider(row: Question, mark: str) -> Question:
    parts = {language: words.split(mark) for language, words in row.text.items()}
    if any(len(one) < 3 for one in parts.values()):
        return row
    low = {language: one[1].strip() for language, one in parts.items()}
    high = {language: one[2].strip() for language, one in parts.items()}
    text = {language: one[0].strip() or _joined(one[1:]) for language, one in parts.items()}
    if not all((*low.values(), *high.values())):
        return replace(row, text=text)
    return replace(row, text=text, low=low, high=high)


def _joined(parts: list[str]) -> str:
    return " – ".join(part.strip() for part in parts if part.strip())
