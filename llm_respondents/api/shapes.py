"""What panels are told as over REST, beside their serializer; amounts as text are exact."""

from dataclasses import dataclass
from typing import Any, Required

from typing_extensions import TypedDict

from llm_respondents.money.duration import Duration
from llm_respondents.money.forecast import CostRange
from llm_respondents.readout.agreement import Agreement
from llm_respondents.readout.progress import Replying
from llm_respondents.readout.reading_checks import ShownReply


class PanelRequest(TypedDict, total=False):
    """A panel that is to be recruited: at a named `endpoint`, or by the `profile` of a script.

    What is left out has its default (docs/panels.md). A part of an arm may be a list of values.
    """

    study: Required[str]
    key: str
    name: str
    label: str
    endpoint: str
    profile: str
    spend_cap: str | float | None
    model: str
    sessions: int
    seed: int
    language: str
    sampling: dict[str, Any]
    extra_body: dict[str, Any]
    arms: list[dict[str, Any]]
    scale_directions: str
    block_orders: str
    wordings: dict[str, str]
    personas: str
    persona_table: list[dict[str, Any]]
    margins: dict[str, Any]
    history_from: str
    asked_blocks: list[str]
    pictures: str
    max_turns: int
    max_session_tokens: int


class Progress(TypedDict):
    """Counts of sessions, questions and calls; `missing` and `outcomes` by kind."""

    panel_id: int
    status: str
    sessions: int
    completed: int
    stopped: int
    questions: int
    answered: int
    calls: int
    failed_calls: int
    reasked: int
    flagged: int
    held: int
    seconds: float | None
    share: float
    missing: dict[str, int]
    outcomes: dict[str, int]
    replying: list[Replying]


class Cost(TypedDict):
    """Tokens as counted by the endpoint, and amounts in the currency of the bill."""

    prompt_tokens: int
    completion_tokens: int
    calls_without_usage: int
    spent: str | None
    reserved: str | None
    spend_cap: str | None
    projected: str | None
    study_spend_cap: str | None
    study_spent: str | None
    exceeds_cap: bool
    priced: bool


class Clusters(TypedDict):
    """How many independent draws the sessions are, and what the analysis will make of them."""

    sessions: int
    clusters: int
    shared: str
    needed: int
    below_floor: bool
    note: str
    sentence: str


class BatchPlanned(TypedDict):
    """How many batches lie ahead, one after the other, and how long they take at most."""

    waves: int
    at_most_hours: int


class BatchRow(TypedDict):
    """One batch: of its calls so many are collected; times as text."""

    id: int
    wave: int
    provider_id: str
    status: str
    provider_status: str
    remark: str
    detail: str
    calls: int
    collected: int
    reserved_nano: int
    created_at: str
    submitted_at: str | None
    deadline: str | None
    ended_at: str | None
    is_open: bool
    is_unknown: bool


class Batches(TypedDict):
    """What lies ahead of a panel in batches; null where its endpoint takes none."""

    plan: BatchPlanned | None
    batches: list[BatchRow]


class Turn(TypedDict):
    """One call of a session as a conversation shows it."""

    turn: int
    number: int
    refs: list[str]
    outcome: str
    detail: str
    closes_turn: bool
    used: bool
    set_aside: bool
    flags: list[str]
    model: str
    finish_reason: str
    request_id: str
    latency_ms: int | None
    request_hash: str
    parameters: dict[str, Any]
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    said: str
    pictures: list[str]
    thoughts: str
    replied: str


class Session(TypedDict):
    """A whole session of a model, every call word for word."""

    administration: int
    status: str
    language: str
    seed: int
    scale_direction: str
    models: list[str]
    system: str
    turns: list[Turn]


class Reopened(TypedDict):
    """How many sessions and turns will be asked again."""

    sessions: int
    turns: int


class SampleRead(TypedDict):
    """How far a sample of replies is read, and with what agreement once all of it is."""

    seed: int
    parser: str
    replies: int
    read: int
    done_at: str | None
    readers: list[str]
    cannot_tell: int | None
    agreement: Agreement | None


class ReadingState(TypedDict):
    """The latest sample, and the reply that is to be read next."""

    check: SampleRead | None
    next: ShownReply | None


class CallRow(TypedDict):
    """One call; addresses, headers and names of keys are left out."""

    id: int
    session: int
    respondent: int
    turn: int
    call: int
    used: bool
    set_aside: bool
    questions: list[str]
    messages: list[dict[str, Any]]
    parameters: dict[str, Any]
    prefix_sha256: str
    request_sha256: str
    reply: str
    thoughts: str
    refusal: str
    finish_reason: str
    outcome: str
    detail: str
    flags: list[str]
    model: str
    system_fingerprint: str
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    started_at: str
    latency_ms: int | None


@dataclass(frozen=True, slots=True)
class EstimatedPanel(CostRange):
    """What a panel takes from its first call to its last, and how long the rest takes.

    Amounts (`nano`) are in billionths of the currency; null where no price is known. `duration` is
    null until the endpoint was probed.
    """

    duration: Duration | None = None
