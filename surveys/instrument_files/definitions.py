"""What an instrument and a study consist of, as frozen values that no database is needed for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal

from surveys.checksums import sha256_of
from surveys.instrument_files.errors import UnknownLanguage
from surveys.media import MediumKind, kind_of
from surveys.presentation import Need
from surveys.questions import CHOICE, AnswerFormat

Texts = Mapping[str, str]
"""One text in every language: language tag -> text."""

CheckKind = Literal["instructed", "infrequency"]
DemographicKind = Literal["choice", "integer"]


@dataclass(frozen=True, slots=True)
class OptionDefinition:
    """One point of a response scale: the value that is scored and the label that is read."""

    value: int
    label: Texts


@dataclass(frozen=True, slots=True)
class ResponseScaleDefinition:
    """How items that share it are answered; `options` ascend by value, and an open format has none.

    The texts of its `format` are in every language.
    """

    key: str
    options: tuple[OptionDefinition, ...]
    format: AnswerFormat = CHOICE

    @property
    def values(self) -> tuple[int, ...]:
        """The scored values, ascending."""
        return tuple(option.value for option in self.options)


@dataclass(frozen=True, slots=True)
class FacetDefinition:
    """A part of the construct that several items measure together."""

    key: str
    label: Texts


@dataclass(frozen=True, slots=True)
class MediumDefinition:
    """A picture, a sound or a video that is shown with the text of an item.

    `file` is its name beside the instrument's file, `sha256` (hex) what it is known by, `alt` what
    is said of it in words; `captions` the name of a WebVTT file. Without `languages` it is shown in
    every language. `width` and `height` are pixels of pictures.
    """

    file: str
    sha256: str
    type: str
    alt: Texts
    width: int = 0
    height: int = 0
    captions: str = ""
    captions_sha256: str = ""
    languages: tuple[str, ...] = ()

    @property
    def kind(self) -> MediumKind:
        """What it is."""
        return kind_of(self.type)

    def is_shown_in(self, language: str) -> bool:
        """Whether it is shown to whoever reads this language."""
        return not self.languages or language in self.languages


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """One statement; `reverse_keyed` means that agreement speaks against the construct.

    `need` says what becomes of it if it is left open; `media` are shown above its text.
    """

    key: str
    text: Texts
    facet: str | None
    response_scale: str
    reverse_keyed: bool
    need: Need = "asked"
    media: tuple[MediumDefinition, ...] = ()


@dataclass(frozen=True, slots=True)
class InstrumentDefinition:
    """One version of one instrument in all its languages.

    `title` and `instruction` are read by respondents; `construct` is the short name used in
    models; `orientation` says what a high score means; `wording_note` says whose words these are.
    """

    slug: str
    version: str
    title: Texts
    instruction: Texts
    construct: str
    orientation: Texts
    citation: str
    licence: str
    wording_note: str
    languages: tuple[str, ...]
    response_scales: tuple[ResponseScaleDefinition, ...]
    facets: tuple[FacetDefinition, ...]
    items: tuple[ItemDefinition, ...]

    def response_scale(self, key: str) -> ResponseScaleDefinition:
        """Return a response scale by its key; `KeyError` if there is none."""
        return {scale.key: scale for scale in self.response_scales}[key]

    def asked(self) -> tuple[ItemDefinition, ...]:
        """The items that are answered, and not only read; for where scales are known to exist."""
        asks = {scale.key: scale.format.asks for scale in self.response_scales}
        return tuple(item for item in self.items if asks.get(item.response_scale, True))

    def content(self, language: str) -> dict[str, Any]:
        """Return everything that counts in one language as plain JSON values.

        Raises `UnknownLanguage`.
        """
        _require_language(self.slug, language, self.languages)
        return {"language": language, **_in_language(self, language)}

    def checksum(self, language: str) -> str:
        """SHA-256 (hex) of `content` as canonical JSON: any change of a word or key changes it."""
        return sha256_of(self.content(language))


@dataclass(frozen=True, slots=True)
class AttentionCheckDefinition:
    """A question whose answer shows whether it was read.

    ``instructed`` names the option to choose; ``infrequency`` is answered the same way by nearly
    everyone who reads it. It is shown when `after` items of the block have been shown, on the
    named response scale of the block's instrument; `expected` are the passing scored values.
    """

    key: str
    kind: CheckKind
    block: str
    after: int
    text: Texts
    expected: tuple[int, ...]
    response_scale: str


@dataclass(frozen=True, slots=True)
class DemographicField:
    """A question about the person: a choice among options, or a whole number in a range."""

    key: str
    kind: DemographicKind
    label: Texts
    options: tuple[tuple[str, Texts], ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    required: bool = False


AssignedBy = Literal["chance", "wave"]


@dataclass(frozen=True, slots=True)
class LevelDefinition:
    """One level of a condition; `label` is what ``{condition:…}`` stands for in a text.

    With a `share` of 2 it is assigned twice as often as a level with a share of 1.
    """

    key: str
    label: Texts
    share: int = 1


@dataclass(frozen=True, slots=True)
class ConditionDefinition:
    """Something that is varied between respondents: each is assigned to one of its levels.

    By ``chance``, or people by the ``wave`` that they are asked in: its first level is that of the
    first wave, and of whoever is in none.
    """

    key: str
    levels: tuple[LevelDefinition, ...]
    by: AssignedBy = "chance"


@dataclass(frozen=True, slots=True)
class RuleDefinition:
    """`show` (an item, an information, a check or a block) is shown only where `when` is true."""

    show: str
    when: str


@dataclass(frozen=True, slots=True)
class ScreeningDefinition:
    """Whoever answers so that `when` is true is thanked, and asked no more."""

    key: str
    when: str


@dataclass(frozen=True, slots=True)
class FlowDefinition:
    """What is varied between respondents, and who is shown what (`surveys.flow`)."""

    conditions: tuple[ConditionDefinition, ...] = ()
    show_if: tuple[RuleDefinition, ...] = ()
    screening: tuple[ScreeningDefinition, ...] = ()


EVERYTHING = FlowDefinition()


@dataclass(frozen=True, slots=True)
class BlockDefinition:
    """One instrument at one place in a study."""

    key: str
    instrument: str
    version: str
    items_per_page: int = 8
    shuffle: bool = True


@dataclass(frozen=True, slots=True)
class ConsentDefinition:
    """What people are told before they take part, and the sentence that they agree to.

    `sharing` says whether they are told that their answers may be given to others; None where
    nothing is said of it.
    """

    version: str
    information: Texts
    statement: Texts
    contact: str
    sharing: bool | None = None


@dataclass(frozen=True, slots=True)
class StudyDefinition:
    """Blocks in order with consent, demographics and attention checks.

    `settings` are the agreed values (`settings.StudySettings`) as they are written, `facts` what a
    report says of the study (`settings.StatedFacts`).
    """

    slug: str
    version: str
    title: Texts
    languages: tuple[str, ...]
    consent: ConsentDefinition
    blocks: tuple[BlockDefinition, ...]
    demographics: tuple[DemographicField, ...] = ()
    attention_checks: tuple[AttentionCheckDefinition, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    flow: FlowDefinition = EVERYTHING

    def content(self, language: str) -> dict[str, Any]:
        """Return everything that counts in one language as plain JSON values.

        Raises `UnknownLanguage`.
        """
        _require_language(self.slug, language, self.languages)
        words = _in_language(self, language)
        return {"language": language, **words, "settings": dict(self.settings)}

    def checksum(self, language: str) -> str:
        """SHA-256 (hex) of `content` as canonical JSON."""
        return sha256_of(self.content(language))


# `languages` stays out of the content: a translation added later must not change the checksum of
# the words that others have already answered. So do facts, which nobody who takes part is shown,
# and of a picture all that follows from its checksum, or is only what its file is called.
_NOT_CONTENT = frozenset(
    {"languages", "settings", "facts", "file", "captions", "type", "width", "height"}
)
# What came later counts where it is said: words published before it keep their checksums.
_ADDED = {
    "format": CHOICE,
    "need": "asked",
    "sharing": None,
    "flow": EVERYTHING,
    "share": 1,
    "media": (),
    "captions_sha256": "",
}


def _in_language(value: Any, language: str) -> Any:
    if isinstance(value, AnswerFormat):
        return {"kind": value.kind, **value.in_language(language).values()}
    if is_dataclass(value):
        held = {part.name: getattr(value, part.name) for part in fields(value)}
        return {
            name: _in_language(part, language)
            for name, part in held.items()
            if name not in _NOT_CONTENT and (name not in _ADDED or part != _ADDED[name])
        }
    if isinstance(value, Mapping):
        return value[language]
    if isinstance(value, tuple):
        return [_in_language(part, language) for part in value if _is_said_in(part, language)]
    return value


def _is_said_in(part: Any, language: str) -> bool:
    return not isinstance(part, MediumDefinition) or part.is_shown_in(language)


def _require_language(slug: str, language: str, known: tuple[str, ...]) -> None:
    if language not in known:
        raise UnknownLanguage(slug, language, known)
