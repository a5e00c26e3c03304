"""What a panel is: which model, how sampled, which sessions in which cells of the design.

Pure and frozen. A specification is validated as a whole, has a canonical JSON form and a hash over
it; the hash names what was run.

    SpecError(ValueError)    names the field and what to do
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import isclose
from typing import Any, Literal, TypeVar, get_args

from llm_respondents.conversation.arms import (
    ELICITATIONS,
    HISTORIES,
    ITEMS_PER_TURN,
    OPTION_MARKS,
    OPTION_ORDERS,
    Arm,
)
from llm_respondents.conversation.prompts import PROMPT_VERSION
from llm_respondents.design.personas import Margins, Persona
from llm_respondents.endpoints.dialects import DIALECTS

ProviderName = Literal["openai", "scripted"]
ScaleDirections = Literal["forward", "reversed", "balanced"]
BlockOrders = Literal["study", "shuffled"]
Personas = Literal["none", "table", "matched", "margins"]

_Part = TypeVar("_Part")

MAX_SESSIONS = 100_000
# What specifications have gained since the first was stored. A value that says what was always so
# is left out of the canonical form: a specification keeps its hash for good.
_GAINED: Mapping[str, Any] = {"history_from": "", "margins": []}
_GAINED_BY_ARMS: Mapping[str, Any] = {"option_marks": "number", "option_order": "scale"}


class SpecError(ValueError):
    """A specification that cannot be run; `where` is the field."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.code = "panel_spec_invalid"


@dataclass(frozen=True, slots=True)
class SamplingSpec:
    """Parameters sent with every request; None leaves a parameter to the endpoint."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int = 1000
    sends_seed: bool = True
    reasoning_effort: str = ""

    def __post_init__(self) -> None:
        if self.temperature is not None and not 0 <= self.temperature <= 2:
            raise SpecError("sampling.temperature", "choose a number from 0 to 2")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise SpecError("sampling.top_p", "choose a number above 0 and at most 1")
        if self.max_tokens < 1:
            raise SpecError("sampling.max_tokens", "choose 1 or more")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the design: what is the same for all of its sessions.

    `wording` names one of the specification's system wordings; "" is the standard one.
    """

    arm: Arm = field(default_factory=Arm)
    scale_direction: Literal["forward", "reversed"] = "forward"
    block_order: BlockOrders = "study"
    wording: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the cell as stored with each of its sessions."""
        return dataclasses.asdict(self)


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """A panel of `sessions` sessions, dealt in turn to the cells of the design.

    The cells are arms × scale directions × block orders × wordings. With ``personas="table"`` the
    personas are dealt in the same way; with ``"matched"`` there is one session for each completed
    person and cell, with that person's demographics, language, realised order and scale direction,
    and `sessions` is an upper bound (0: everybody).
    """

    model: str
    provider: ProviderName = "openai"
    base_url: str = ""
    # Which kind of endpoint it is; see `providers.dialects`.
    dialect: str = "openai"
    api_key_env: str = ""
    # The traits of the scripted respondent.
    profile: str = ""
    label: str = ""
    sessions: int = 1
    seed: int = 1
    language: str = ""
    sampling: SamplingSpec = field(default_factory=SamplingSpec)
    arms: tuple[Arm, ...] = (Arm(),)
    scale_directions: ScaleDirections = "forward"
    block_orders: BlockOrders = "study"
    # Name -> system message; empty means the standard wording alone.
    wordings: Mapping[str, str] = field(default_factory=dict)
    personas: Personas = "none"
    persona_table: tuple[Persona, ...] = ()
    # With personas = "margins": label -> value -> share of the population.
    margins: Margins = ()
    # With a swapped history: the key of the group whose answers stand in earlier turns.
    history_from: str = ""
    # Bounds of one session; 0 means none. A session that reaches one stops with its reason.
    max_turns: int = 0
    max_session_tokens: int = 0

    def __post_init__(self) -> None:
        _require_choice("provider", self.provider, get_args(ProviderName))
        _require_choice("scale_directions", self.scale_directions, get_args(ScaleDirections))
        _require_choice("block_orders", self.block_orders, get_args(BlockOrders))
        _require_choice("personas", self.personas, get_args(Personas))
        _require_choice("dialect", self.dialect, tuple(DIALECTS))
        if not self.model:
            raise SpecError("model", "name the model to ask")
        if (self.provider == "scripted") != bool(self.profile):
            raise SpecError("profile", "a scripted panel needs one, and no other takes one")
        fewest = 0 if self.personas == "matched" else 1
        if not fewest <= self.sessions <= MAX_SESSIONS:
            raise SpecError("sessions", f"choose {fewest} to {MAX_SESSIONS}")
        if (self.personas == "table") != bool(self.persona_table):
            raise SpecError("persona_table", 'give one with personas = "table", and only then')
        if self.personas == "matched" and self.scale_directions != "forward":
            raise SpecError("scale_directions", "a matched session takes its person's direction")
        if (self.personas == "margins") != bool(self.margins):
            raise SpecError("margins", 'give them with personas = "margins", and only then')
        if len({label for label, _ in self.margins}) != len(self.margins):
            raise SpecError("margins", "give each label once")
        for label, shares in self.margins:
            _require_valid_shares(label, shares)
        self._require_valid_arms()
        self._require_dialect_allows()

    def _require_valid_arms(self) -> None:
        if not self.arms:
            raise SpecError("arms", "give at least one")
        for arm in self.arms:
            _require_valid_arm(arm)
        if any(arm.history == "swapped" for arm in self.arms) != bool(self.history_from):
            raise SpecError(
                "history_from",
                'name the group whose answers are shown with history = "swapped", and only then',
            )

    def _require_dialect_allows(self) -> None:
        dialect = DIALECTS[self.dialect]
        if not dialect.enforces_schema and any(arm.needs_schema for arm in self.arms):
            raise SpecError("arms.elicitation", f"{self.dialect} enforces no schema; use number")
        if (self.sampling.temperature or 0) > dialect.highest_temperature:
            highest = f"{dialect.highest_temperature:g}"
            raise SpecError("sampling.temperature", f"{self.dialect} takes at most {highest}")

    @property
    def simulated(self) -> bool:
        """Whether the answers come from a script and not from a model."""
        return self.provider == "scripted"

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells of the design, in the order in which sessions are dealt to them."""
        directions: tuple[Literal["forward", "reversed"], ...] = (
            ("forward", "reversed")
            if self.scale_directions == "balanced"
            else (self.scale_directions,)
        )
        wordings = tuple(sorted(self.wordings)) or ("",)
        return tuple(
            Cell(arm, direction, self.block_orders, wording)
            for arm, wording, direction in product(self.arms, wordings, directions)
        )

    def as_json(self) -> dict[str, Any]:
        """Return the canonical form, which `from_json` reads back."""
        whole: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        whole["arms"] = [_without(arm, _GAINED_BY_ARMS) for arm in whole["arms"]]
        return _without(whole, _GAINED)

    @property
    def hash(self) -> str:
        """SHA-256 (hex) over the canonical form and the prompt version."""
        canonical = json.dumps(
            [PROMPT_VERSION, self.as_json()],
            sort_keys=True,
            ensure_ascii=False,
            separators=(",", ":"),
        )
        return hashlib.sha256(canonical.encode()).hexdigest()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PanelSpec:
        """Read a specification from JSON or TOML values. Raises `SpecError`."""
        values = dict(data)
        _require_known("", values, cls)
        if "sampling" in values:
            values["sampling"] = _part("sampling", SamplingSpec, values["sampling"])
        if "arms" in values:
            values["arms"] = tuple(arm for row in values["arms"] for arm in _crossed_arms(row))
        if "persona_table" in values:
            values["persona_table"] = tuple(_persona(row) for row in values["persona_table"])
        if "margins" in values:
            values["margins"] = _margins(values["margins"])
        if "model" not in values:
            raise SpecError("model", "name the model to ask")
        return _made("specification", cls, values)


def session_seed(panel_seed: int, number: int) -> int:
    """The seed of one session: 62 bits of a hash, so that neighbouring sessions share nothing."""
    digest = hashlib.sha256(f"{panel_seed}:session:{number}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 2


def arm_from_json(data: Mapping[str, Any]) -> Arm:
    """Read back the arm of a stored cell."""
    return Arm(**data)


def _part(where: str, kind: type[Any], data: object) -> Any:
    if not isinstance(data, Mapping):
        raise SpecError(where, "give a table of keys and values")
    _require_known(f"{where}.", data, kind)
    return _made(where, kind, data)


def _made(where: str, kind: type[_Part], values: Mapping[str, Any]) -> _Part:
    try:
        return kind(**values)
    except TypeError as error:
        raise SpecError(where, f"a value has the wrong type ({error})") from error


def _crossed_arms(row: object) -> list[Arm]:
    """One arm, or one for each combination where a part is given as a list of values."""
    if not isinstance(row, Mapping):
        raise SpecError("arms", "give a table of keys and values")
    values = [part if isinstance(part, list) else [part] for part in row.values()]
    return [_part("arms", Arm, dict(zip(row, each, strict=True))) for each in product(*values)]


def _without(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in values.items()
        if name not in defaults or value != defaults[name]
    }


def _persona(row: object) -> Persona:
    return tuple((str(label), str(value)) for label, value in _pairs(row))


def _margins(rows: object) -> Margins:
    try:
        return tuple(
            (str(label), tuple((str(value), float(share)) for value, share in _pairs(shares)))
            for label, shares in _pairs(rows)
        )
    except (TypeError, ValueError) as error:
        raise SpecError("margins", f"give label -> value -> share ({error})") from error


def _pairs(row: object) -> Sequence[Any]:
    return list(row.items()) if isinstance(row, Mapping) else list(row)  # type: ignore[call-overload]


def _require_valid_shares(label: str, shares: Sequence[tuple[str, float]]) -> None:
    where = f"margins.{label}"
    if len({value for value, _ in shares}) != len(shares):
        raise SpecError(where, "give each value once")
    if not all(0 <= share <= 1 for _, share in shares):
        raise SpecError(where, "choose shares from 0 to 1")
    total = sum(share for _, share in shares)
    if not isclose(total, 1, abs_tol=1e-6):
        raise SpecError(where, f"the shares add up to {total:g}; they have to add up to 1")


def _require_known(prefix: str, values: Mapping[str, Any], kind: type[Any]) -> None:
    known = {part.name for part in dataclasses.fields(kind)}
    for name in values:
        if name not in known:
            raise SpecError(f"{prefix}{name}", f"unknown; choose of {', '.join(sorted(known))}")


def _require_choice(where: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise SpecError(where, f"choose one of {', '.join(choices)}")


def _require_valid_arm(arm: Arm) -> None:
    _require_choice("arms.items_per_turn", arm.items_per_turn, ITEMS_PER_TURN)
    _require_choice("arms.elicitation", arm.elicitation, ELICITATIONS)
    _require_choice("arms.history", arm.history, HISTORIES)
    if (arm.history == "window") != (arm.window > 0):
        raise SpecError("arms.window", 'give 1 or more with history = "window", and only then')
    _require_choice("arms.option_marks", arm.option_marks, OPTION_MARKS)
    _require_choice("arms.option_order", arm.option_order, OPTION_ORDERS)
    if arm.elicitation == "label" and arm.option_marks != "number":
        raise SpecError("arms.option_marks", '"label" asks for the words; options have no marks')
    if arm.elicitation == "reason" and arm.history == "swapped":
        raise SpecError("arms.history", '"swapped" answers have no reasons; choose "schema"')
