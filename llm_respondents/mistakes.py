"""Mistakes in what somebody wrote: where each is, its code, and one sentence about it. Pure.

Strict models read what comes from pages, programs and files. What they refuse becomes `Mistake`s,
all of them at once, the same whoever asked:

    arms[2].history    not_a_choice    Choose one of: full, window, block, none, swapped, own.

A sentence stands beside its code in English; whoever shows it translates it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, ValidationError, WrapValidator
from pydantic_core import ErrorDetails, PydanticCustomError

from surveys.codes import SentenceCode
from surveys.codes import marked as _

Location = tuple[int | str, ...]
# More are no help to anybody, and a file of a megabyte can have a million.
MOST_TOLD = 50


class MistakeCode(SentenceCode):
    """What can be wrong, each with its sentence; what varies in it are the mistake's arguments."""

    # Of any value
    MISSING = "missing", _("This is missing.")
    UNKNOWN_NAME = (
        "unknown_name",
        _("There is no such field. Those that there are: %(known)s."),
    )
    MISSPELT_NAME = "misspelt_name", _("There is no such field. Is %(nearest)s meant?")
    NOT_TEXT = "not_text", _("Give a text.")
    NOT_STORABLE = "not_storable", _("This text has characters that cannot be stored.")
    NOT_A_WHOLE_NUMBER = "not_a_whole_number", _("Give a whole number.")
    NOT_A_NUMBER = "not_a_number", _("Give a number.")
    NOT_YES_OR_NO = "not_yes_or_no", _("Give true or false.")
    NOT_A_LIST = "not_a_list", _("Give a list.")
    NOT_A_TABLE = "not_a_table", _("Give a table of keys and values.")
    NOT_A_CHOICE = "not_a_choice", _("Choose one of: %(choices)s.")
    TOO_SMALL = "too_small", _("Choose %(least)s or more.")
    NOT_ABOVE = "not_above", _("Choose a number above %(bound)s.")
    TOO_LARGE = "too_large", _("Choose %(most)s or less.")
    EMPTY = "empty", _("Give a text that is not empty.")
    TOO_LONG = "too_long", _("Give a text of at most %(most)s characters.")
    UNUSABLE = "unusable", _("This value cannot be used.")
    # Of an endpoint, wherever it is described
    NO_ADDRESS = "no_address", _("Give an address that begins with http:// or https://.")
    NO_VARIABLE = (
        "no_variable",
        _("Give the NAME of an environment variable, such as LAB_KEY, never a key itself."),
    )
    # Of a specification
    MODEL_NEEDED = "model_needed", _("Name the model to ask, as the endpoint calls it.")
    PROFILE_NEEDED = (
        "profile_needed",
        _("A rehearsal needs a profile, and no other panel takes one."),
    )
    PROFILE_UNKNOWN = (
        "profile_unknown",
        _("No profile is called %(profile)s. Those that there are: %(known)s."),
    )
    ENDPOINT_OR_PROFILE = (
        "endpoint_or_profile",
        _("Name an endpoint, or a profile for a rehearsal; not both."),
    )
    OF_THE_OPERATOR = (
        "of_the_operator",
        _("Whoever operates the server decides this; name an endpoint."),
    )
    ELSEWHERE = (
        "elsewhere",
        _("This is not part of a specification; set it on the page."),
    )
    TABLE_NEEDED = "table_needed", _("Give one for a table, only then.")
    MARGINS_NEEDED = (
        "margins_needed",
        _("Give margins for personas with a population's margins, and only then."),
    )
    MATCHED_DIRECTION = (
        "matched_direction",
        _("A matched session takes its person's direction; leave this from low to high."),
    )
    LABEL_TWICE = "label_twice", _("Give each attribute once.")
    VALUE_TWICE = "value_twice", _("Give each value once.")
    NOT_SHARES = "not_shares", _("Choose shares from 0 to 1.")
    SHARES_SUM = "shares_sum", _("The shares add up to %(sum)s; they have to add up to 1.")
    NO_ARM = "no_arm", _("Give at least one.")
    TOO_MANY_ARMS = "too_many_arms", _("These are more than %(most)s conditions; give fewer.")
    WINDOW_NEEDED = (
        "window_needed",
        _("Give 1 or more for a history of the last turns, and only then."),
    )
    DONORS_NEEDED = (
        "donors_needed",
        _(
            "Choose the group whose answers are shown for turns with another respondent's answers, "
            "and only then."
        ),
    )
    NO_SCHEMA = (
        "no_schema",
        _("This endpoint (%(dialect)s) enforces no schema; let the number of an option be given."),
    )
    TOO_HOT = "too_hot", _("This endpoint (%(dialect)s) takes at most %(most)s.")
    TAKES_NONE = (
        "takes_none",
        _("This interface (%(api)s) takes none of these; leave it out."),
    )
    TAKES_NO_PICTURES = (
        "takes_no_pictures",
        _(
            "This endpoint is not said to take pictures: leave it out, so that words stand for "
            "them, or have the operator write pictures = true."
        ),
    )
    CARRY_NEEDS_FULL = (
        "carry_needs_full",
        _("Reasoning can be sent back with a history of all earlier turns only."),
    )
    CARRY_NEEDS_API = (
        "carry_needs_api",
        _("Reasoning cannot be sent back in this interface (%(api)s); let it be left out."),
    )
    SENT_ANYHOW = (
        "sent_anyhow",
        _("%(name)s is decided elsewhere in the specification, or by Counterpart itself."),
    )
    NOT_JSON = "not_json", _("A value in it is none of JSON, or is nested too deeply.")
    WORDS_HAVE_NO_MARKS = (
        "words_have_no_marks",
        _("An answer in the words of an option goes with numbers only: it names no marks."),
    )
    NO_REASONS_TO_SWAP = (
        "no_reasons_to_swap",
        _("Another respondent's answers have no reasons: ask for JSON without a reason."),
    )
    OWN_NEEDS_MATCHED = (
        "own_needs_matched",
        _("Only a session for each completed person can be told that person's own answers."),
    )
    OWN_ALONE = (
        "own_alone",
        _(
            "Sessions that are told answers of their person are not asked everything: give them a "
            "panel of their own."
        ),
    )
    ASKED_BLOCKS_NEEDED = (
        "asked_blocks_needed",
        _(
            "Choose the blocks that are asked where the person's answers to the others are told, "
            "and only then."
        ),
    )
    # Of a file
    UNREADABLE_TOML = "unreadable_toml", _("This cannot be read as TOML (%(what)s).")
    UNREADABLE_JSON = "unreadable_json", _("This cannot be read as JSON (%(what)s).")
    NOTHING_IN_IT = "nothing_in_it", _("There is nothing in it.")
    NOT_UTF8 = "not_utf8", _("This is no text in UTF-8; save it as such.")
    NO_FILE = "no_file", _("The file cannot be opened (%(what)s).")
    ONLY_ENDPOINTS = "only_endpoints", _("Write [endpoints.NAME] tables and nothing else.")
    CACHED_DEARER = "cached_dearer", _("Cached input costs no more than other input.")


Argument = str | int | float


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake, in the value at a place; () is the whole.

    `line` is that of the file, where there is one and it can be told.
    """

    at: Location
    code: MistakeCode
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    line: int | None = None

    @property
    def path(self) -> str:
        """``arms[2].history``: places in a list are counted from 1; "" for the whole."""
        parts = (f"[{one + 1}]" if isinstance(one, int) else f".{one}" for one in self.at)
        return "".join(parts).removeprefix(".")

    @property
    def sentence(self) -> str:
        """The sentence in English."""
        return self.code.sentence % self.arguments

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs."""
        line = {"line": self.line} if self.line else {}
        arguments = dict(self.arguments)
        return {
            "path": self.path,
            **line,
            "code": self.code.value,
            "arguments": arguments,
            "sentence": self.sentence,
        }

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else ""
        where = ", ".join(part for part in (place, self.path) if part)
        return f"{where}: {self.sentence}" if where else self.sentence


# --- Strict types: nothing is taken for what it is not


def refuse(code: MistakeCode, **arguments: Argument) -> PydanticCustomError:
    """What a validator raises. A field of a model cannot be called `code`."""
    return PydanticCustomError("mistake", "{code}", {"code": code, "arguments": arguments})


def _storable(text: str) -> str:
    if "\0" in text:
        raise refuse(MistakeCode.NOT_STORABLE)
    return text


def _as_given(value: Any, check: Callable[[Any], Any]) -> Any:
    # 1 and 1.0 are one number and two texts: a hash is made of what was given.
    check(value)
    return value


def _address(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^\s/?#]+\S*", text, re.IGNORECASE):
        raise refuse(MistakeCode.NO_ADDRESS)
    return text


def _variable(text: str) -> str:
    if not re.fullmatch(r"(?:[A-Z_][A-Z0-9_]*)?", text):
        raise refuse(MistakeCode.NO_VARIABLE)
    return text


# An `int` stays one where a `float` is asked for.
KEEPS_NUMBER: Final = WrapValidator(_as_given)
STORABLE: Final = AfterValidator(_storable)

Text = Annotated[str, Field(strict=True, max_length=20_000), STORABLE]
ShortText = Annotated[str, Field(strict=True, max_length=120), STORABLE]
Count = Annotated[int, Field(strict=True, ge=0, le=10**9)]
YesOrNo = Annotated[bool, Field(strict=True)]
# Both are "" where there is none.
Address = Annotated[str, Field(strict=True, max_length=300), STORABLE, AfterValidator(_address)]
VariableName = Annotated[str, Field(strict=True, max_length=80), AfterValidator(_variable)]


# --- From what a model refused to mistakes

_SIMPLE: Mapping[str, MistakeCode] = {
    "missing": MistakeCode.MISSING,
    "string_type": MistakeCode.NOT_TEXT,
    "string_unicode": MistakeCode.NOT_STORABLE,
    "string_too_short": MistakeCode.EMPTY,
    "int_type": MistakeCode.NOT_A_WHOLE_NUMBER,
    "float_type": MistakeCode.NOT_A_NUMBER,
    "finite_number": MistakeCode.NOT_A_NUMBER,
    "bool_type": MistakeCode.NOT_YES_OR_NO,
    "tuple_type": MistakeCode.NOT_A_LIST,
    "dict_type": MistakeCode.NOT_A_TABLE,
    "dataclass_type": MistakeCode.NOT_A_TABLE,
}
# Type of pydantic -> code, and what its bound is called there and here.
_BOUNDS: Mapping[str, tuple[MistakeCode, str, str]] = {
    "greater_than_equal": (MistakeCode.TOO_SMALL, "ge", "least"),
    "greater_than": (MistakeCode.NOT_ABOVE, "gt", "bound"),
    "less_than_equal": (MistakeCode.TOO_LARGE, "le", "most"),
    "string_too_long": (MistakeCode.TOO_LONG, "max_length", "most"),
}
_UNKNOWN = {"extra_forbidden", "unexpected_keyword_argument"}


def mistakes_of(
    error: ValidationError,
    known: Callable[[Location], Collection[str]],
    place: Callable[[Location], Location] = lambda location: location,
) -> list[Mistake]:
    """What a model refused, each mistake once. `known` gives the names that there are where one
    is unknown; `place` says where a location of the model stands in what was written.
    """
    return once(_mistake(one, place(one["loc"]), known) for one in error.errors(include_url=False))


def once(mistakes: Iterable[Mistake]) -> list[Mistake]:
    """Mistakes without repetition, in their order: parts that were crossed repeat theirs."""
    unique = {(one.at, one.code, str(one.arguments)): one for one in mistakes}
    return list(unique.values())[:MOST_TOLD]


def unknown_name(at: Location, known: Collection[str]) -> Mistake:
    """The mistake of a name that there is not, with the nearest that there is."""
    near = get_close_matches(str(at[-1]), sorted(known), n=1)
    if near:
        return Mistake(at, MistakeCode.MISSPELT_NAME, {"nearest": near[0]})
    return Mistake(at, MistakeCode.UNKNOWN_NAME, {"known": ", ".join(sorted(known))})


def _mistake(
    error: ErrorDetails, at: Location, known: Callable[[Location], Collection[str]]
) -> Mistake:
    if error["type"] in _UNKNOWN:
        return unknown_name(at, known(error["loc"]))
    code, arguments = _code_of(error["type"], error.get("ctx", {}))
    return Mistake(at, code, arguments)


def _code_of(kind: str, about: Mapping[str, Any]) -> tuple[MistakeCode, Mapping[str, Argument]]:
    if kind == "mistake":
        return about["code"], about["arguments"]
    if kind == "literal_error":
        choices = ", ".join(re.findall("'([^']*)'", about["expected"]))
        return MistakeCode.NOT_A_CHOICE, {"choices": choices}
    if kind in _BOUNDS:
        code, theirs, ours = _BOUNDS[kind]
        return code, {ours: _plain(about[theirs])}
    return _SIMPLE.get(kind, MistakeCode.UNUSABLE), {}


def _plain(bound: Any) -> Argument:
    return int(bound) if bound == int(bound) else float(bound)
