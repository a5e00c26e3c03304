"""The columns of an export: what each is called and holds, and how it is read of an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, TypeVar

from surveys.exports.content import Answered, ExportContent, ExportItem
from surveys.exports.missing import CODE_LABELS

Number = TypeVar("Number", int, float)
Cell = int | float | str | None
Measure = Literal["nominal", "ordinal", "scale"]

# Column -> what it is, in the order of the files. Times of day are left out of copies for others.
ABOUT: Mapping[str, str] = {
    "respondent": "Number of the respondent in this data set",
    "group": "Key of the group",
    "provenance": "Whose answers these are: people, or model-generated, simulated, imported",
    "status": "How far the respondent came: completed, stopped or in_progress",
    "language": "Language in which the respondent was asked",
    "scale_direction": "Whether options ran from the lowest value (forward) or the highest",
    "matched_to": "Number of the person to whom a session of a model was matched",
    "cluster": "What several sessions of a model share",
    "sampling_weight": "Sampling weight of an imported person, as the file had it",
    "sampling_cluster": "What an imported person was drawn in",
    "sampling_stratum": "The part of the population that an imported person was drawn from",
    "wave": "The wave in which a person was asked; of an imported person as the file had it",
    "version": "The versions of questions that an imported person answered",
    "answered_at": "When an imported person answered, as the file had it",
    "started_at": "When the respondent began, UTC; of imported people when the file was read",
    "ended_at": "When the respondent ended, UTC",
}
TIMES = ("answered_at", "started_at", "ended_at")
NUMBERS = ("respondent", "matched_to", "sampling_weight")
# Columns of what was recorded of how people answered, each in a file of its own.
PARADATA: Mapping[str, str] = {
    "page": "The page, from 1; 0 is the consent, where it asked for a proof of work",
    "page_ms": "Milliseconds until the page was sent, by the server's clock",
    "questions_answered": "How many questions the page answered when it was sent",
    "reported": "Whether a script of the page reported: 1 or 0; 0: the rest is not recorded",
    "clipped": "Whether the browser claimed more time than the server measured: 1 or 0",
    "device": "Class of the screen: phone, tablet or computer",
    "times_left": "How often the page was left for another window",
    "away_ms": "Milliseconds that the page was left, by the browser",
    "traps": "Hidden fields that were filled in; empty where none was, NA where there were none",
    "proof_of_work": "What became of the proof of work: done, absent, wrong or late; NA where none "
    "was asked for",
    "work_ms": "Milliseconds that the proof of work took (browser)",
    "first_ms": "Milliseconds from opening the page to the first touch of the question (browser)",
    "last_ms": "Milliseconds from opening the page to the last touch of the question (browser)",
    "changes": "How often the answer was changed on this page (browser)",
    "pasted": "Characters pasted into the question's fields (browser)",
    "flag": "A signal that answers may not be a person's own; it leaves nobody out",
    "reason": "What the flag was raised for, with its figures",
    "looked_at": "Whether a member has looked at the flag: 1 or 0",
}
VISITS = (
    *("page", "page_ms", "questions_answered", "reported", "clipped", "device", "times_left"),
    *("away_ms", "traps", "proof_of_work", "work_ms"),
)
TOUCHED = ("page", "ref", "first_ms", "last_ms", "changes", "pasted")
FLAGS = ("flag", "reason", "looked_at")
LONG: Mapping[str, str] = {
    "ref": "The question: block.item, or check.key",
    "column": "Its column in the wide files",
    "position": "Place in the order realised for the respondent, from 1; of people asked "
    "elsewhere the place of a column in the imported file",
    "value": "Value of the answer, before reverse-keying",
    "oriented": "Value after reverse-keying; NA of attention checks",
    "missing_reason": "Why there is no value",
    "missing_code": "The reason as a number: -99 declined, -98 no usable reply, -97 not asked,"
    " -96 not scored",
    "elapsed_ms": "Milliseconds that the answer took, as far as measured",
    "revision": "How often the answer was given: 1 where it was never changed",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the wide files, and how it is read of an answer with a value.

    `labels` name its values, as an option's label does; `measure` is in the words of SPSS.
    """

    name: str
    label: str
    kind: Literal["number", "text"]
    item: ExportItem
    read: Callable[[Answered], Cell]
    labels: Mapping[int, str] = field(default_factory=dict)
    measure: Measure = "ordinal"

    @property
    def has_codes(self) -> bool:
        """Whether a missing answer can be a number: not where the same number may be an answer."""
        if self.kind == "text" or set(CODE_LABELS) & set(self.item.values):
            return False
        return bool(self.item.values) or (
            self.item.minimum is not None and self.item.minimum > max(CODE_LABELS)
        )


def meaning(name: str, content: ExportContent) -> str | None:
    """What a column holds that is no question's; None for the id that a recruiter gave."""
    for known in (ABOUT, LONG, PARADATA, content.conditions, content.demographics):
        if name in known:
            return known[name]
    return None


def columns_of(item: ExportItem, language: str, *, scored: bool = False) -> tuple[Column, ...]:
    """The columns that a question has in the wide files, as given or scored, words in `language`.

    Everything that is exported of a kind of question is decided here. Attention checks and texts
    have no scored columns.
    """
    if scored and (item.question != "item" or item.textual):
        return ()
    if item.textual:
        label = item.texts.get(language, "")
        return (Column(item.name, label, "text", item, _given, measure="nominal"),)
    labels = dict(item.options.get(language, ()))
    turned = scored and item.reverse_keyed
    if turned:
        labels = {_mirrored(item, value): label for value, label in labels.items()}
    read = partial(_oriented, item) if turned else _given
    label = item.texts.get(language, "")
    measure: Measure = "ordinal" if item.values else "scale"
    return (Column(item.name, label, "number", item, read, dict(sorted(labels.items())), measure),)


def oriented(item: ExportItem, answer: Answered) -> Cell:
    """The value after reverse-keying; None of a check or a text, and where there is no value."""
    if item.question != "item" or item.textual:
        return None
    return _oriented(item, answer) if item.reverse_keyed else answer.value


def _given(answer: Answered) -> Cell:
    return answer.value


def _oriented(item: ExportItem, answer: Answered) -> Cell:
    return None if isinstance(answer.value, str | None) else _mirrored(item, answer.value)


def _mirrored(item: ExportItem, value: Number) -> Number:
    ends = (item.values[0], item.values[-1]) if item.values else (item.minimum, item.maximum)
    low, high = ends
    return value if low is None or high is None else type(value)(low + high - value)
