"""What an archive is made of. Nothing here can name a person: ids are pseudonyms already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from analysis.compare.plan import Kind
from analysis.compare.results import Comparison

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Which plan was carried out on which data, with which seed and software.

    ``exclusions`` counts respondents by group and rule; times are ISO 8601 in UTC.
    """

    id: str
    study: str
    plan: str
    plan_sha256: str
    plan_frozen_at: str
    model_answers_when_frozen: int
    data_sha256: str
    seed: int
    started_at: str
    finished_at: str
    software: Mapping[str, str]
    exclusions: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group with the label of its provenance, and the facts that the report prints of it.

    ``prompts`` maps "system", "persona" and "item" to the words sent, as far as recorded.
    """

    key: str
    label: str
    provenance: str
    facts: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One answer as it was given.

    ``code`` is the place of the option chosen among those on display, from 1 at the top as the
    scale was turned for this respondent; None where somebody was asked elsewhere, because it is
    not known what was on display there, and where no option is chosen. ``value`` is the value of
    that option before reverse-keying, or the number or text given; ``oriented`` after it.
    ``item_position`` is the item's place in its block as published, ``order_position`` the place in
    the order realised for this respondent, both from 1.
    """

    respondent: str
    group: str
    kind: Kind
    simulated: bool
    question: str
    ref: str
    item_position: int | None
    order_position: int
    code: int | None
    value: float | str | None
    oriented: float | None
    missing_reason: str
    elapsed_ms: int | None
    language: str
    scale_direction: str
    cluster: str | None
    excluded: str


@dataclass(frozen=True, slots=True, eq=False)
class WideRows:
    """One row per respondent kept: labels (n,) and oriented items, name -> (n,), NaN if missing.

    ``people`` has the columns that the plan takes of how people were sampled and of what they said
    of themselves; ``published`` are those among them that the archive shows.
    """

    respondent: Sequence[str]
    group: "npt.NDArray[np.str_]"
    cluster: Sequence[str]
    items: Mapping[str, "npt.NDArray[np.float64]"]
    people: Mapping[str, "npt.NDArray[np.float64] | npt.NDArray[np.str_]"] = field(
        default_factory=dict
    )
    published: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SignalRow:
    """What rules of exclusion went by, of one respondent who ended; None: not recorded."""

    respondent: str
    group: str
    kind: Kind
    excluded: str
    seconds_per_answer: float | None
    longest_run: int
    repeated: bool
    traps: int | None
    pasted_texts: int | None
    times_left: int | None
    proof_of_work: str | None


@dataclass(frozen=True, slots=True)
class CodebookEntry:
    """A question: what it measures, its range, and its words by language.

    An attention check measures nothing: its construct and facet are empty. ``variable`` is what
    columns are called after it; only an item has a column in ``scored.csv``.
    """

    variable: str
    ref: str
    question: str
    block: str
    instrument: str
    version: str
    construct: str
    facet: str
    reverse_keyed: bool
    minimum: float | None
    maximum: float | None
    texts: Mapping[str, str]
    options: Mapping[str, Sequence[tuple[int | str, str]]]
    kind: str = "choice"


@dataclass(frozen=True, slots=True)
class Transcripts:
    """What models were asked and replied, JSON Lines by group; `note` says what was left out."""

    by_group: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of answers that were collected elsewhere, and the mapping that read it.

    ``imported_on`` is the day on which they were added here, ISO 8601: not one on which anybody
    was asked.
    """

    data_file: str
    data_sha256: str
    citation: str
    licence: str
    note: str
    rows_read: int
    rows_imported: int
    imported_on: str
    mapping_file: str
    mapping_sha256: str
    mapping: str


@dataclass(frozen=True, slots=True)
class Imported:
    """People who were asked elsewhere: how many of the people in the archive, and their sources."""

    number: int
    of: int
    sources: Sequence[Source] = ()

    @property
    def citation(self) -> str:
        """The sources in a line; empty where none was recorded."""
        return "; ".join(one.citation for one in self.sources)


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF as it was handed out, and its path in the archive."""

    name: str
    pdf: bytes


@dataclass(frozen=True, slots=True)
class Table:
    """A table that no page could hold, as it would have been printed."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Printed:
    """What was printed of a run, and the tables that were too long for it."""

    documents: Sequence[Document] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveContent:
    """Everything that an archive holds.

    ``description`` is the plain form of what the report says of the data; ``study`` and
    ``instruments`` (by "slug-version") are plain JSON; ``facts`` is what researchers said of the
    study, by key; ``demographics`` has one row per person, and is empty unless somebody decided
    otherwise.
    """

    run: RunFacts
    groups: Sequence[GroupFacts]
    comparison: Comparison
    description: Mapping[str, Any]
    plan_definition: Mapping[str, Any]
    plan_source: str
    study: Mapping[str, Any]
    instruments: Mapping[str, Mapping[str, Any]]
    media: Mapping[str, bytes]
    codebook: Sequence[CodebookEntry]
    answers: Sequence[AnswerRow]
    wide: WideRows
    transcripts: Transcripts = field(default_factory=Transcripts)
    printed: Printed = field(default_factory=Printed)
    imported: Imported | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    demographic_fields: Sequence[str] = ()
    demographics: Sequence[tuple[str, Mapping[str, object]]] = ()
    # Respondent -> factor -> level, of a study that varies anything between respondents.
    conditions: Sequence[tuple[str, Mapping[str, str]]] = ()
    # What rules of exclusion went by beside answers, and the rules; empty where none did.
    signals: Sequence[SignalRow] = ()
    signal_rules: Mapping[str, float] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the questions, in the order of the study."""
        return tuple(dict.fromkeys(name for row in self.codebook for name in row.texts))

    @property
    def licence(self) -> str:
        """Under which licence the data may be used, as far as somebody said so; empty if nobody."""
        if self.imported:
            return "; ".join(dict.fromkeys(one.licence for one in self.imported.sources))
        return self.facts.get("data_licence", "")
