"""What is exported: the study, its questions, and one row for each respondent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from surveys.paradata.visits import Visit

Format = Literal["csv", "sav", "dta", "r"]
FORMATS: tuple[Format, ...] = ("csv", "sav", "dta", "r")

# Whose rows a file holds, as it is called, with the words that stand beside every row of it.
PEOPLE, SIMULATED, MODELS = "people", "simulated", "models"
KINDS = (PEOPLE, SIMULATED, MODELS)


class Answered(NamedTuple):
    """An answer in force: a value, or the reason why there is none, and how it came about.

    `position` counts from 1 in the order that the respondent was asked in; `elapsed_ms` is None
    where nobody measured.
    """

    value: int | float | str | None
    missing_reason: str
    position: int
    elapsed_ms: int | None
    revision: int


@dataclass(frozen=True, slots=True)
class ExportItem:
    """A question, or a part of one, in all its languages.

    `options` are (value, what it means) by language, empty of numbers and texts; `textual` says
    that answers are words, which nothing scores. `minimum` and `maximum` are of scored values.
    Of a question that is answered by any `number` of its range, options name its ends alone.
    """

    ref: str
    question: Literal["item", "attention_check"]
    block: str
    instrument: str
    version: str
    construct: str
    facet: str
    reverse_keyed: bool
    textual: bool
    minimum: float | None
    maximum: float | None
    texts: Mapping[str, str]
    options: Mapping[str, Sequence[tuple[int, str]]]
    number: bool = False

    @property
    def name(self) -> str:
        """What its column is called in every file."""
        return self.ref.replace(".", "_")

    @property
    def values(self) -> tuple[int, ...]:
        """The values of its options, ascending; none of a number."""
        return (
            ()
            if self.number
            else tuple(value for value, _ in next(iter(self.options.values()), ()))
        )


@dataclass(frozen=True, slots=True)
class ExportContent:
    """A study as its data are described; `facts` are what was stated of it, by key.

    `groups` maps the key of each exported group to its label and provenance; `conditions` the
    column of each condition to what it is.
    """

    slug: str
    title: str
    version: str
    checksum: str
    languages: tuple[str, ...]
    language: str
    items: tuple[ExportItem, ...]
    demographics: Mapping[str, str]
    groups: Mapping[str, tuple[str, str]]
    licence: str
    citation: str
    facts: Mapping[str, str]
    conditions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One respondent: `about` by the names of `columns.ABOUT` and of conditions, answers by ref."""

    kind: str
    about: Mapping[str, object]
    answers: Mapping[str, Answered]
    demographics: Mapping[str, object]
    recruiter_id: str
    # How the pages were answered, and the flags: code, reason, whether a member looked at it.
    visits: Sequence[Visit] = ()
    flags: Sequence[tuple[str, str, bool]] = ()


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What is wanted. No `groups` are all of them; so are no `waves`, of people.

    `share` makes a copy for others: pseudonyms, no times of day, and nobody whose consent does not
    cover it. `exact` leaves words as they were given, for programs; without it no spreadsheet
    carries out what somebody wrote (`surveys.exports.cells`).
    """

    formats: tuple[Format, ...] = FORMATS
    groups: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    demographics: bool = False
    recruiter_ids: bool = False
    share: bool = False
    exact: bool = False
    paradata: bool = False
