"""What an answer format is: how a question is answered, by people and by models alike. Pure.

A format knows its keys in an instrument file, how a person's fields become what was given, what a
model is told and replies, what is stored of it, and how it is scored. One module holds one kind of
format, and `registry` names them; nothing else in the house asks which kind a question is of.

Where options are chosen, they are those of the item's response scale. Every other answer is an open
one (`open_answers`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Protocol, Self, TypeVar

from surveys.codes import SentenceCode
from surveys.questions.mistakes import KindMistake

Shape = TypeVar("Shape")
Words = str | Mapping[str, str]
"""A text in every language (language tag -> text) or, of a format in one language, the text."""

# Marks a field of a format whose value is read by respondents, in each language.
WORDS = {"words": True}
LONGEST_LABEL = 300


class Mistaken(NamedTuple):
    """Why something written, entered or replied cannot be, with what varies in the sentence."""

    code: SentenceCode
    arguments: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Unscored:
    """An answer that is offered and never scored; `code` is its number in codebooks, if any."""

    reason: str
    label: Words = field(metadata=WORDS)
    code: int | None = None


class Table(Protocol):
    """What a format needs of a table of an instrument file; see `instrument_files.toml_tables`."""

    def has(self, key: str) -> bool: ...  # noqa: D102 - as the table itself says
    def text(self, key: str, *, default: str | None = None) -> str: ...  # noqa: D102
    def name(self, key: str) -> str: ...  # noqa: D102
    def integer(  # noqa: D102
        self,
        key: str,
        *,
        default: int | None = None,
        minimum: int | None = None,
        maximum: int = ...,
    ) -> int: ...
    def number(self, key: str, *, default: float | None = None) -> float: ...  # noqa: D102
    def boolean(self, key: str, *, default: bool) -> bool: ...  # noqa: D102
    def texts(  # noqa: D102
        self, key: str, languages: Sequence[str], *, longest: int | None = None
    ) -> Mapping[str, str]: ...
    def tables(  # noqa: D102
        self, key: str, *, named_by: str = "key", required: bool = True
    ) -> Sequence[Table]: ...
    def note(self, key: str, code: SentenceCode, /, **arguments: Any) -> None: ...  # noqa: D102
    def finish(self) -> None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class AnswerFormat:
    """How a question is answered. Fields are the keys of its table in an instrument file."""

    # Its name in files, rows and exports.
    kind: ClassVar[str]
    # Whether its values are numbers that a comparison can take; else they are counted and exported.
    scored: ClassVar[bool] = True
    # Whether one of the options of its response scale is chosen: marks, directions and stated
    # distributions belong to these alone.
    chooses: ClassVar[bool] = False
    # Whether anything is answered at all.
    asks: ClassVar[bool] = True
    # Classes of the fields that are lists of tables.
    tables: ClassVar[Mapping[str, type[Any]]] = {"unscored": Unscored}

    unscored: tuple[Unscored, ...] = ()

    # The instrument file

    @classmethod
    def read(cls, table: Table, languages: Sequence[str]) -> Self:
        """Read its keys from a table, noting there what is wrong with them."""
        return cls(unscored=read_unscored(table, languages))

    def mistakes(self) -> Iterable[tuple[str, Mistaken]]:
        """Yield what is well formed and cannot be asked: the key, and what is wrong."""
        reasons = [one.reason for one in self.unscored]
        for reason in dict.fromkeys(reasons):
            if reasons.count(reason) > 1:
                yield "unscored", Mistaken(KindMistake.REPEATED_REASON, {"given": reason})

    def values(self) -> dict[str, Any]:
        """Its keys as they are written in a file; those left as they are by default are left out.

        Of a format in one language, the plain values that are stored.
        """
        return {
            one.name: _plain(getattr(self, one.name))
            for one in fields(self)
            if getattr(self, one.name) != one.default
        }

    @classmethod
    def of_values(cls, values: Mapping[str, Any]) -> Self:
        """The format with these `values`."""
        made = dict(values)
        for name, part in cls.tables.items():
            if name in made:
                made[name] = tuple(part(**one) for one in made[name])
        return cls(**made)

    def in_language(self, language: str) -> Self:
        """The format as it is shown in one language."""
        return _in_language(self, language)

    # What is exported

    @property
    def parts(self) -> tuple[str, ...]:
        """What is appended to the question's key for each value that is stored; () for one value.

        Each part is an item of its own in data and plans.
        """
        return ()

    @property
    def span(self) -> tuple[float, float] | None:
        """The least and the greatest value of each part; None where values are no numbers.

        Where options are chosen it is that of the options.
        """
        return None

    @property
    def codes(self) -> tuple[tuple[int, str], ...]:
        """What whole numbers among the values mean, in one language, for codebooks."""
        return ()

    @property
    def part_labels(self) -> tuple[str, ...]:
        """In one language, what each part is called in codebooks behind the question's text."""
        return ()

    # Answers that are not scored

    def reason_of(self, text: str) -> str:
        """The missing reason of the unscored answer with this label; empty if there is none."""
        folded = " ".join(text.split()).casefold()
        return next(
            (one.reason for one in self.unscored if str(one.label).casefold() == folded), ""
        )

    def label_of(self, reason: str) -> str:
        """What the unscored answer of a missing reason reads."""
        return next(str(one.label) for one in self.unscored if one.reason == reason)


def read_unscored(table: Table, languages: Sequence[str]) -> tuple[Unscored, ...]:
    """Read the answers that are offered and not scored."""
    return tuple(
        _read_unscored(one, languages)
        for one in table.tables("unscored", named_by="reason", required=False)
    )


def _read_unscored(table: Table, languages: Sequence[str]) -> Unscored:
    reason = table.text("reason")
    if reason and reason not in DECLARED_REASONS:
        table.note("reason", KindMistake.UNKNOWN_REASON, given=reason, known=_listed_reasons())
    made = Unscored(
        reason,
        table.texts("label", languages, longest=LONGEST_LABEL),
        table.integer("code") if table.has("code") else None,
    )
    table.finish()
    return made


def _listed_reasons() -> str:
    return ", ".join(repr(one) for one in DECLARED_REASONS)


# What an unscored answer can mean; each is a missing reason, so that no number stands for it.
DECLARED_REASONS = ("dont_know", "not_applicable", "prefer_not_to_say", "no_opinion")


def number_shown(number: float) -> str:
    """A number as people write it: without a fraction where there is none."""
    return str(int(number)) if float(number).is_integer() else repr(float(number))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {
            one.name: _plain(getattr(value, one.name))
            for one in fields(value)
            if getattr(value, one.name) is not None
        }
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


def _in_language(value: Shape, language: str) -> Shape:
    changed: dict[str, Any] = {}
    for one in fields(value):  # type: ignore[arg-type] # a format or a part of one
        held = getattr(value, one.name)
        if one.metadata.get("words") and isinstance(held, Mapping):
            changed[one.name] = held.get(language, "")
        elif isinstance(held, tuple) and held and is_dataclass(held[0]):
            changed[one.name] = tuple(_in_language(part, language) for part in held)
    return replace(value, **changed)  # type: ignore[type-var] # a format or a part of one


def joined(by_language: Mapping[str, Any]) -> Any:
    """Return the format in all languages, of what it is in each of them."""
    first = next(iter(by_language.values()))
    changed: dict[str, Any] = {}
    for one in fields(first):
        held = getattr(first, one.name)
        if one.metadata.get("words"):
            texts = {language: getattr(part, one.name) for language, part in by_language.items()}
            changed[one.name] = texts if any(texts.values()) else one.default
        elif isinstance(held, tuple) and held and is_dataclass(held[0]):
            rows = {language: getattr(part, one.name) for language, part in by_language.items()}
            changed[one.name] = tuple(
                joined({language: row[at] for language, row in rows.items()})
                for at in range(len(held))
            )
    return replace(first, **changed)
