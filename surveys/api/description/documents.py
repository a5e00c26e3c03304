"""Instruments and studies as they are sent and taken: the tables of their files.

The readers of files hold what is sent to far more than stands here (docs/instruments.md), and say
everything that is wrong at once.
"""

from typing import Annotated, Any, Literal, NotRequired, Required

from pydantic import Field, with_config
from typing_extensions import TypedDict

from surveys.instrument_files.settings import StatedFacts, StudySettings
from surveys.questions import KINDS

Words = Annotated[dict[str, str], Field(description="Language -> words.")]
ONE_OF_KINDS = {"enum": list(KINDS)}


@with_config(extra="allow")
class MediumTable(TypedDict):
    """A picture, sound or video with an item, as `/api/media/` answers it, and its words."""

    file: str
    alt: Words
    sha256: NotRequired[str]


class ItemTable(TypedDict):
    """One question."""

    key: str
    text: Words
    response_scale: str
    facet: NotRequired[str]
    need: NotRequired[Literal["asked", "required", "free"]]
    media: NotRequired[list[MediumTable]]


@with_config(extra="allow")
class ScaleTable(TypedDict):
    """How questions are answered: options to choose from, or what belongs to another kind."""

    key: str
    kind: NotRequired[Annotated[str, Field(json_schema_extra=ONE_OF_KINDS)]]
    options: NotRequired[list[Any]]


class FacetTable(TypedDict):
    """A part of a construct."""

    key: str
    label: Words


class InstrumentTables(TypedDict):
    """A published questionnaire in one version, in all its languages."""

    slug: str
    version: str
    title: Words
    instruction: Words
    construct: str
    orientation: Words
    citation: str
    licence: str
    wording_note: str
    languages: list[str]
    response_scales: list[ScaleTable]
    items: list[ItemTable]
    facets: NotRequired[list[FacetTable]]
    reverse_keyed: NotRequired[list[str]]


@with_config(extra="allow")
class DraftedTables(TypedDict, total=False):
    """An instrument that is being written: the same tables, as far as they are there."""

    slug: str
    version: str
    title: Words
    instruction: Words
    construct: str
    languages: list[str]
    response_scales: list[dict[str, Any]]
    items: list[dict[str, Any]]


class ConsentTable(TypedDict):
    """What people are told, and what they agree to."""

    version: str
    information: Words
    statement: Words
    contact: str
    sharing: NotRequired[bool]


class BlockTable(TypedDict):
    """One instrument in a study."""

    key: str
    instrument: str
    version: str
    items_per_page: NotRequired[int]
    shuffle: NotRequired[bool]


class ChoiceTable(TypedDict):
    """One answer to a question about the person."""

    value: str
    label: Words


class DemographicTable(TypedDict):
    """A question about the person."""

    key: str
    kind: str
    label: Words
    options: NotRequired[list[ChoiceTable]]
    minimum: NotRequired[int]
    maximum: NotRequired[int]
    required: NotRequired[bool]


class CheckTable(TypedDict):
    """A question that shows whether somebody reads."""

    key: str
    kind: str
    block: str
    after: int
    text: Words
    expected: list[int]
    response_scale: str


class LevelTable(TypedDict):
    """One of the conditions of a study that people may be in."""

    key: str
    label: Words
    share: NotRequired[int]


class ConditionTable(TypedDict):
    """What is varied between people."""

    key: str
    levels: list[LevelTable]


class ShowTable(TypedDict):
    """What is shown, and when."""

    show: str
    when: str


class ScreeningTable(TypedDict):
    """Who is screened out."""

    key: str
    when: str


class StudyTables(TypedDict, total=False):
    """A study: what it asks, in which order, with which consent. A draft may lack parts."""

    slug: Required[str]
    version: str
    title: Words
    languages: list[str]
    consent: ConsentTable
    blocks: list[BlockTable]
    demographics: list[DemographicTable]
    attention_checks: list[CheckTable]
    conditions: list[ConditionTable]
    show_if: list[ShowTable]
    screening: list[ScreeningTable]
    settings: StudySettings
    facts: StatedFacts


class StudyWithInstruments(TypedDict):
    """A study with the instruments that it asks, as they can be sent here again."""

    study: StudyTables
    instruments: list[InstrumentTables]
