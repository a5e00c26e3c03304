"""What a panel is: which model, how sampled, which sessions in which cells of the design.

Pure and frozen. One strict model, whoever describes a panel: a page, a program, a command or a
file. A specification is validated as a whole, has a canonical JSON form and a hash over it; the
hash names what was run.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.prompts import PROMPT_VERSION
from llm_respondents.design.crossing import as_given
from llm_respondents.design.margins import objections_to
from llm_respondents.endpoints.apis import APIS, ApiName
from llm_respondents.endpoints.dialects import DIALECTS, DialectName
from llm_respondents.endpoints.extra import ExtraBody
from llm_respondents.errors import SpecError
from llm_respondents.mistakes import (
    KEEPS_NUMBER,
    STORABLE,
    Address,
    Argument,
    Count,
    Location,
    Mistake,
    MistakeCode,
    ShortText,
    Text,
    VariableName,
    YesOrNo,
    mistakes_of,
    once,
    refuse,
)
from surveys.checksums import sha256_of

ProviderName = Literal["openai", "scripted"]
ScaleDirections = Literal["forward", "reversed", "balanced"]
BlockOrders = Literal["study", "shuffled"]
Personas = Literal["none", "table", "matched", "margins"]
Pictures = Literal["described", "sent"]
# A rule's word about a place of a specification.
_Objection = tuple[Location, MistakeCode, dict[str, Argument]]

MAX_SESSIONS = 100_000
MOST_TOKENS = 1_000_000
LARGEST_SEED = 2**62
# What specifications have gained since the first was stored. A value that says what was always so
# is left out of the canonical form: a specification keeps its hash for good.
_GAINED: Mapping[str, Any] = {
    "history_from": "",
    "margins": [],
    "asked_blocks": [],
    "api": "chat",
    "extra_body": {},
    "pictures": "described",
}
_GAINED_BY_ARMS: Mapping[str, Any] = {
    "option_marks": "number",
    "option_order": "scale",
    "reasoning": "drop",
}


def _spelled(value: object) -> object:
    """An age is a number to a file and a word to a model."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


def _table(value: object) -> object:
    if not isinstance(value, list | tuple):
        raise refuse(MistakeCode.NOT_A_TABLE)
    return value


_Attribute = Annotated[
    str, BeforeValidator(_spelled), Field(strict=True, max_length=1000), STORABLE
]
_Share = Annotated[float, Field(strict=True)]
# Pairs of a table, in their order: attributes in another order are other prompts.
_Persona = Annotated[tuple[tuple[_Attribute, _Attribute], ...], BeforeValidator(_table)]
_Shares = Annotated[tuple[tuple[_Attribute, _Share], ...], BeforeValidator(_table)]
_Margins = Annotated[tuple[tuple[_Attribute, _Shares], ...], BeforeValidator(_table)]


@dataclass(frozen=True, slots=True)
class SamplingSpec:
    """Parameters sent with every request; None leaves a parameter to the endpoint.

    Bounds are held to by the specification that it is a part of.
    """

    temperature: Annotated[float, Field(strict=True, ge=0, le=2), KEEPS_NUMBER] | None = None
    top_p: Annotated[float, Field(strict=True, gt=0, le=1), KEEPS_NUMBER] | None = None
    max_tokens: Annotated[int, Field(strict=True, ge=1, le=MOST_TOKENS)] = 1000
    sends_seed: YesOrNo = True
    reasoning_effort: Annotated[str, Field(strict=True, max_length=40), STORABLE] = ""


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


class PanelSpec(BaseModel):
    """A panel of `sessions` sessions, dealt in turn to the cells of the design.

    The cells are arms × scale directions × block orders × wordings. With ``personas="table"`` the
    personas are dealt in the same way; with ``"matched"`` there is one session for each completed
    person and cell, with that person's demographics, language, realised order and scale direction,
    and `sessions` is an upper bound (0: everybody).

    Values are those of JSON or TOML; an arm may have a list of values for a part of it, which
    stands for one arm each. Raises `SpecError`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, revalidate_instances="always")

    model: Annotated[str, Field(strict=True, max_length=200), STORABLE] = ""
    provider: ProviderName = "openai"
    base_url: Address = ""
    # Which interface it speaks, and which kind of it; see `endpoints.apis` and `dialects`.
    api: ApiName = "chat"
    dialect: DialectName = "openai"
    api_key_env: VariableName = ""
    # The traits of the scripted respondent.
    profile: ShortText = ""
    label: ShortText = ""
    sessions: Annotated[int, Field(strict=True, ge=0, le=MAX_SESSIONS)] = 1
    seed: Annotated[int, Field(strict=True, ge=0, le=LARGEST_SEED)] = 1
    language: ShortText = ""
    sampling: SamplingSpec = SamplingSpec()
    # What else is sent with every request.
    extra_body: ExtraBody = Field(default_factory=dict)
    # What becomes of a picture that people are shown: it is sent, or its words stand for it.
    pictures: Pictures = "described"
    arms: tuple[Arm, ...] = (Arm(),)
    scale_directions: ScaleDirections = "forward"
    block_orders: BlockOrders = "study"
    # Name -> system message; empty means the standard wording alone.
    wordings: dict[ShortText, Text] = Field(default_factory=dict)
    personas: Personas = "none"
    persona_table: tuple[_Persona, ...] = ()
    # With personas = "margins": label -> value -> share of the population.
    margins: _Margins = ()
    # With a swapped history: the key of the group whose answers stand in earlier turns.
    history_from: ShortText = ""
    # With an own history: the keys of the blocks that are asked; answers to the others are told.
    asked_blocks: tuple[ShortText, ...] = ()
    # Bounds of one session; 0 means none. A session that reaches one stops with its reason.
    max_turns: Count = 0
    max_session_tokens: Count = 0

    def __init__(self, /, **values: Any) -> None:
        given = as_given(values)
        found, wrong = list(given.mistakes), {str(one.at[0]) for one in given.mistakes}
        try:
            super().__init__(**given.values)
        except ValidationError as error:
            found += mistakes_of(error, _names_at, given.place)
            wrong |= {str(one["loc"][0]) for one in error.errors(include_url=False)}
            # What is right is held to the rules all the same, so that nobody has to ask twice.
            known = PanelSpec.model_fields.keys() - wrong
            super().__init__(**{name: given.values[name] for name in known & given.values.keys()})
        for needs, rule in _RULES:
            if not wrong & set(needs):
                found += [
                    Mistake(given.place(location), code, arguments)
                    for location, code, arguments in rule(self)
                ]
        if found:
            raise SpecError(once(found))

    @classmethod
    def from_json(cls, data: object) -> PanelSpec:
        """Read a specification from JSON or TOML values. Raises `SpecError`."""
        if not isinstance(data, Mapping):
            raise SpecError([Mistake((), MistakeCode.NOT_A_TABLE)])
        return cls(**data)

    @classmethod
    def from_stored(cls, data: Mapping[str, Any]) -> PanelSpec:
        """Read what was recruited: rules that are younger than it do not hold for it."""
        try:
            return cls.from_json(data)
        except SpecError:
            return cls._unchecked(data)

    @classmethod
    def _unchecked(cls, data: Mapping[str, Any]) -> PanelSpec:
        parts = {
            **data,
            "sampling": SamplingSpec(**data["sampling"]),
            "arms": tuple(Arm(**arm) for arm in data["arms"]),
            "persona_table": tuple(
                tuple((label, value) for label, value in row) for row in data["persona_table"]
            ),
            "margins": tuple(
                (label, tuple((value, share) for value, share in shares))
                for label, shares in data.get("margins", ())
            ),
        }
        return cls.model_construct(**parts)

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
        whole: dict[str, Any] = json.loads(json.dumps(self.model_dump(warnings=False)))
        whole["arms"] = [_without(arm, _GAINED_BY_ARMS) for arm in whole["arms"]]
        return _without(whole, _GAINED)

    @property
    def hash(self) -> str:
        """SHA-256 (hex) over the canonical form and the prompt version."""
        return sha256_of([PROMPT_VERSION, self.as_json()])


def session_seed(panel_seed: int, number: int) -> int:
    """The seed of one session: 62 bits of a hash, so that neighbouring sessions share nothing."""
    digest = hashlib.sha256(f"{panel_seed}:session:{number}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 2


def arm_from_json(data: Mapping[str, Any]) -> Arm:
    """Read back the arm of a stored cell."""
    return Arm(**data)


def _without(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in values.items()
        if name not in defaults or value != defaults[name]
    }


def _names_at(location: Location) -> Collection[str]:
    """The names that there are where an unknown one was met."""
    kinds: Mapping[int | str, type[Any]] = {"sampling": SamplingSpec, "arms": Arm}
    if len(location) > 1:
        return [part.name for part in dataclasses.fields(kinds[location[0]])]
    return PanelSpec.model_fields.keys()


# --- Rules between fields


def _who(spec: PanelSpec) -> Iterator[_Objection]:
    if spec.simulated != bool(spec.profile):
        yield ("profile",), MistakeCode.PROFILE_NEEDED, {}


def _model(spec: PanelSpec) -> Iterator[_Objection]:
    if not spec.model:
        yield ("model",), MistakeCode.MODEL_NEEDED, {}


def _sessions(spec: PanelSpec) -> Iterator[_Objection]:
    if not spec.sessions and spec.personas != "matched":
        yield ("sessions",), MistakeCode.TOO_SMALL, {"least": 1}


def _persona_table(spec: PanelSpec) -> Iterator[_Objection]:
    if (spec.personas == "table") != bool(spec.persona_table):
        yield ("persona_table",), MistakeCode.TABLE_NEEDED, {}


def _direction(spec: PanelSpec) -> Iterator[_Objection]:
    if spec.personas == "matched" and spec.scale_directions != "forward":
        yield ("scale_directions",), MistakeCode.MATCHED_DIRECTION, {}


def _margins(spec: PanelSpec) -> Iterator[_Objection]:
    if (spec.personas == "margins") != bool(spec.margins):
        yield ("margins",), MistakeCode.MARGINS_NEEDED, {}


def _labels(spec: PanelSpec) -> Iterator[_Objection]:
    if len({label for label, _ in spec.margins}) != len(spec.margins):
        yield ("margins",), MistakeCode.LABEL_TWICE, {}
    for label, shares in spec.margins:
        for code, arguments in objections_to(shares):
            yield ("margins", label), code, arguments


def _arms(spec: PanelSpec) -> Iterator[_Objection]:
    if not spec.arms:
        yield ("arms",), MistakeCode.NO_ARM, {}
    for at, arm in enumerate(spec.arms):
        if (arm.history == "window") != (arm.window > 0):
            yield ("arms", at, "window"), MistakeCode.WINDOW_NEEDED, {}
        if arm.elicitation == "label" and arm.option_marks != "number":
            yield ("arms", at, "option_marks"), MistakeCode.WORDS_HAVE_NO_MARKS, {}
        if arm.elicitation == "reason" and arm.history in ("swapped", "own"):
            yield ("arms", at, "history"), MistakeCode.NO_REASONS_TO_SWAP, {}


def _reasoning(spec: PanelSpec) -> Iterator[_Objection]:
    """Reasoning lives while all before it is unchanged, and where it has a place in a request."""
    for at, arm in enumerate(spec.arms):
        if arm.reasoning == "carry" and arm.history != "full":
            yield ("arms", at, "reasoning"), MistakeCode.CARRY_NEEDS_FULL, {}
        elif arm.reasoning == "carry" and not APIS[spec.api].carries:
            yield ("arms", at, "reasoning"), MistakeCode.CARRY_NEEDS_API, {"api": spec.api}


def _donors(spec: PanelSpec) -> Iterator[_Objection]:
    if any(arm.history == "swapped" for arm in spec.arms) != bool(spec.history_from):
        yield ("history_from",), MistakeCode.DONORS_NEEDED, {}


def _own(spec: PanelSpec) -> Iterator[_Objection]:
    others = [at for at, arm in enumerate(spec.arms) if arm.history != "own"]
    has_own = len(others) < len(spec.arms)
    if has_own and spec.personas != "matched":
        yield ("personas",), MistakeCode.OWN_NEEDS_MATCHED, {}
    for at in others if has_own else ():
        yield ("arms", at, "history"), MistakeCode.OWN_ALONE, {}
    if has_own != bool(spec.asked_blocks):
        yield ("asked_blocks",), MistakeCode.ASKED_BLOCKS_NEEDED, {}


def _schema(spec: PanelSpec) -> Iterator[_Objection]:
    if spec.api != "chat" or DIALECTS[spec.dialect].enforces_schema:
        return
    for at, arm in enumerate(spec.arms):
        if arm.needs_schema:
            yield ("arms", at, "elicitation"), MistakeCode.NO_SCHEMA, {"dialect": spec.dialect}


def _temperature(spec: PanelSpec) -> Iterator[_Objection]:
    highest = DIALECTS[spec.dialect].highest_temperature
    if not APIS[spec.api].takes_temperature:
        for name in ("temperature", "top_p"):
            if getattr(spec.sampling, name) is not None:
                yield ("sampling", name), MistakeCode.TAKES_NONE, {"api": spec.api}
    elif spec.api == "chat" and (spec.sampling.temperature or 0) > highest:
        arguments: dict[str, Argument] = {"dialect": spec.dialect, "most": f"{highest:g}"}
        yield ("sampling", "temperature"), MistakeCode.TOO_HOT, arguments


# The fields that a rule looks at, and the rule: it is asked where they are right in themselves.
_RULES = (
    (("model",), _model),
    (("provider", "profile"), _who),
    (("personas", "sessions"), _sessions),
    (("personas", "persona_table"), _persona_table),
    (("personas", "scale_directions"), _direction),
    (("personas", "margins"), _margins),
    (("margins",), _labels),
    (("arms",), _arms),
    (("arms", "history_from"), _donors),
    (("arms", "personas", "asked_blocks"), _own),
    (("arms", "api"), _reasoning),
    (("arms", "api", "dialect"), _schema),
    (("sampling", "api", "dialect"), _temperature),
)
