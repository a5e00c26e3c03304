"""How a question is answered here: its kind, as a response scale of an instrument file. Pure.

Which kinds of a file can be kept, and as what, stands in `_KINDS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.questionnaire_files.errors import Changed, LeftOut, NotKept
from surveys.questionnaire_files.made.names import key_of
from surveys.questionnaire_files.made.scales import (
    Beside,
    Labels,
    Point,
    beside_of,
    is_no_answer,
    scale_of,
)
from surveys.questionnaire_files.questionnaire import Kind, Option, Question, Texts
from surveys.questionnaire_files.wording import shown

Note = Callable[..., None]
Values = dict[str, Any]
# The longest key of an option, so that there is room for the item's before it.
LONGEST_PART = 20
# Where a file sets no range.
LEAST, MOST = -1_000_000, 1_000_000
FIRST_DAY, LAST_DAY = "1900-01-01", "2100-12-31"
LONGEST_TEXT = 5_000
DECIMALS = 2
_NUMBER = re.compile(r"[-+]?\d{1,9}(?:[.,]\d{1,6})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE = re.compile(r"\bint(?:eger)?\b|^[5NK]$|range|number [-\d]+,[-\d]+,1\b", re.IGNORECASE)
_LONG = re.compile(r"notes|comment|textarea|TE/ML|TE/ESTB|^[TU]$", re.IGNORECASE)
_NO_DAY = re.compile(r"\b(?:time|hour|year|yearmonth|month|week)\b", re.IGNORECASE)
REVERSIBLE = frozenset(("choice", "numbered", "number", "slider"))


@dataclass(frozen=True, slots=True)
class Answered:
    """How items that share it are answered. Whatever is read stands in pairs of language and text.

    `fixed` are keys with plain values, `words` keys with texts, `parts` the options of a list.
    """

    kind: str
    fixed: tuple[tuple[str, Any], ...] = ()
    words: tuple[tuple[str, Labels], ...] = ()
    points: tuple[Point, ...] = ()
    parts: tuple[tuple[str, Labels], ...] = ()
    beside: tuple[Beside, ...] = ()

    @property
    def asks(self) -> bool:
        """Whether it is answered, and not only read."""
        return self.kind != "information"

    @property
    def reversible(self) -> bool:
        """Whether an answer can be turned round."""
        return self.kind in REVERSIBLE

    @property
    def read(self) -> tuple[Labels, ...]:
        """Everything that respondents read of it, in the languages that there are."""
        points = [one.labels for one in self.points]
        beside = [one.labels for one in self.beside]
        return (*points, *beside, *(label for _, label in (*self.words, *self.parts)))

    def table(self, key: str, languages: Sequence[str]) -> Values:
        """The response scale of a file, in these languages."""

        def texts(labels: Labels) -> Texts:
            return {language: dict(labels)[language] for language in languages}

        listed = [{"value": one.value, "label": texts(one.labels)} for one in self.points]
        listed += [{"key": part, "label": texts(labels)} for part, labels in self.parts]
        named = "labels" if self.kind == "numbered" else "options"
        beside = [
            {
                "reason": one.reason,
                **({} if one.code is None else {"code": one.code}),
                "label": texts(one.labels),
            }
            for one in self.beside
        ]
        return {
            "key": key,
            **({} if self.kind == "choice" else {"kind": self.kind}),
            **dict(self.fixed),
            **{name: texts(labels) for name, labels in self.words},
            **({named: listed} if listed else {}),
            **({"unscored": beside} if beside else {}),
        }


def answered(question: Question, languages: Sequence[str], note: Note) -> Answered | None:
    """How a question is answered; None, with the reason noted, if it cannot be kept."""
    make = _KINDS.get(question.kind)
    day = question.kind is Kind.DATE and _NO_DAY.search(re.sub(r"[/_-]", " ", question.type))
    if make is None or (day and "date" not in question.type.lower()):
        note(LeftOut.KIND, type=question.type or "?", kind=question.kind.value)
        return None
    return make(question, languages, note)


def _choice(question: Question, languages: Sequence[str], note: Note) -> Answered | None:
    """Labelled options; a scale of numbers where some of them have no words."""
    scale = scale_of(question, languages, note)
    if scale is None:
        return None
    values = [point.value for point in scale.points]
    labelled = tuple(point for point in scale.points if point.value not in scale.bare)
    rising = values == list(range(values[0], values[0] + len(values)))
    if scale.bare and labelled and rising and not any(_begins_with_number(one) for one in labelled):
        ends = (("minimum", values[0]), ("maximum", values[-1]))
        return Answered("numbered", fixed=ends, points=labelled, beside=scale.beside)
    if scale.bare:
        note(Changed.NUMBER_AS_LABEL, values=shown(", ".join(map(str, scale.bare))))
    return Answered("choice", points=scale.points, beside=scale.beside)


def _begins_with_number(point: Point) -> bool:
    return any(text.lstrip("-+−")[:1].isdigit() for text in point.label.values())


def _listed(question: Question, languages: Sequence[str], note: Note) -> Answered | None:
    """Several of many, or a ranking: each option has a key of its own."""
    base = languages[0]
    offered = [one for one in question.options if one.scored and not is_no_answer(one)]
    if len(offered) < 2:
        note(LeftOut.TOO_FEW_OPTIONS if question.options else LeftOut.NO_OPTIONS)
        return None
    labels = [" ".join(option.label.get(base, "").split()) for option in offered]
    if not all(labels):
        note(LeftOut.NO_TEXT, language=base)
        return None
    for label in labels:
        if labels.count(label) > 1:
            note(LeftOut.SAME_LABELS, label=shown(label), language=base)
            return None
    apart = [(None, option) for option in question.options if option not in offered]
    return Answered(
        question.kind.value,
        parts=tuple(zip(_part_keys(offered), map(_labels, offered), strict=True)),
        beside=beside_of(apart, base, note),
    )


def _part_keys(options: Sequence[Option]) -> list[str]:
    keys: list[str] = []
    for number, option in enumerate(options, start=1):
        bare = option.code.strip()
        name = f"option_{bare}" if bare.isdigit() else bare
        key = key_of(name, f"option_{number}")[:LONGEST_PART].rstrip("_")
        keys.append(key if key not in keys else f"{key[: LONGEST_PART - 5]}_{number}")
    return keys


def _labels(option: Option) -> Labels:
    return tuple((language, " ".join(text.split())) for language, text in option.label.items())


def _number(question: Question, _languages: Sequence[str], note: Note) -> Answered:
    least, most = _range(question, LEAST, MOST, note)
    whole = bool(_WHOLE.search(question.type)) and _is_whole(least) and _is_whole(most)
    decimals = () if whole else (("decimals", DECIMALS),)
    return Answered("number", fixed=(("minimum", least), ("maximum", most), *decimals))


def _slider(question: Question, languages: Sequence[str], note: Note) -> Answered:
    least, most = _range(question, 0, 100, note)
    if not (question.low and question.high):
        note(Changed.ENDS_ASSUMED)
    ends = (
        ("low", _pairs(question.low) or _numbered(least, languages)),
        ("high", _pairs(question.high) or _numbered(most, languages)),
    )
    return Answered("slider", fixed=(("minimum", least), ("maximum", most)), words=ends)


def _range(question: Question, least: float, most: float, note: Note) -> tuple[float, float]:
    """The range of the file, or the usual one where it sets none that is a number."""
    given = [_as_number(one) for one in (question.minimum, question.maximum)]
    found = (least if given[0] is None else given[0], most if given[1] is None else given[1])
    if None in given:
        note(Changed.RANGE_ASSUMED, minimum=_shown(found[0]), maximum=_shown(found[1]))
    return found


def _as_number(written: str) -> float | None:
    if not _NUMBER.fullmatch(written.strip()):
        return None
    number = float(written.strip().replace(",", "."))
    return int(number) if number.is_integer() else number


def _is_whole(number: float) -> bool:
    return float(number).is_integer()


def _shown(number: float) -> str:
    return str(int(number)) if _is_whole(number) else str(number)


def _numbered(number: float, languages: Sequence[str]) -> Labels:
    return tuple((language, _shown(number)) for language in languages)


def _pairs(texts: Mapping[str, str]) -> Labels:
    return tuple((language, " ".join(text.split())) for language, text in texts.items())


def _text(question: Question, _languages: Sequence[str], _note: Note) -> Answered:
    long = (("long", True),) if _LONG.search(question.type) else ()
    return Answered("text", fixed=(("longest", LONGEST_TEXT), *long))


def _date(question: Question, _languages: Sequence[str], note: Note) -> Answered:
    if "datetime" in question.type.lower():
        note(NotKept.TIME_OF_DAY, type=shown(question.type))
    given = (question.minimum.strip(), question.maximum.strip())
    first, last = (one if _DAY.fullmatch(one) else "" for one in given)
    if not (first and last):
        note(Changed.RANGE_ASSUMED, minimum=first or FIRST_DAY, maximum=last or LAST_DAY)
    ends = (("earliest", first or FIRST_DAY), ("latest", last or LAST_DAY))
    return Answered("date", fixed=ends)


def _information(_question: Question, _languages: Sequence[str], _note: Note) -> Answered:
    return Answered("information")


_KINDS: Mapping[Kind, Callable[[Question, Sequence[str], Note], Answered | None]] = {
    Kind.CHOICE: _choice,
    Kind.SEVERAL: _listed,
    Kind.RANKING: _listed,
    Kind.NUMBER: _number,
    Kind.SLIDER: _slider,
    Kind.TEXT: _text,
    Kind.DATE: _date,
    Kind.INFORMATION: _information,
}
