"""The options of a question as a response scale: values, labels, and what is no point of it. Pure.

A value is the code that the file stores wherever that is a whole number. What is no number is
numbered, and said so; what cannot be told apart is no scale.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.codes import SentenceCode
from surveys.instrument_files.instruments import LONGEST_LABEL
from surveys.instrument_files.marks import label_number
from surveys.instrument_files.toml_tables import LARGEST_SMALL_INTEGER
from surveys.questionnaire_files.errors import Changed, LeftOut, NotKept
from surveys.questionnaire_files.questionnaire import Option, Question, Texts
from surveys.questionnaire_files.wording import shown

Note = Callable[..., None]
Labels = tuple[tuple[str, str], ...]
_WHOLE = re.compile(r"[-+−]?0*\d{1,9}(?:\.0+)?")
_ENDS_IN_NUMBER = re.compile(r"([^\W\d]+|.*[^\d])0*(\d{1,4})")
_NO_POINT = re.compile(
    r"\W*(?:i )?(?:do ?n[o’']?t know|don[’']?t know|(?:i )?prefer not|refus|declin(?:e|ed) to|"
    r"not applicable(?! to me)|does not apply\W*$|n\.?/?a\.?\W*$|no answer|no opinion|unknown\W*$|"
    r"missing\W*$|no basis|cannot (?:say|judge)|can[’']t (?:say|judge)|not sure/|rather not|"
    r"wei(?:ß|ss) (?:ich )?nicht|keine angabe|k\. ?a\.?\W*$|keine antwort|keine meinung|"
    r"nicht anwendbar|m(?:ö|oe)chte (?:ich )?nicht|ne sais pas|sans r(?:é|e)ponse|no s(?:é|e)\W*$|"
    r"weet (?:ik )?niet)",
    re.IGNORECASE,
)
_MISSING_VALUES = frozenset((77, 88, 97, 98, 99, 777, 888, 997, 998, 999, 9999))
_FAR = 10


# Which reason a declared answer is, by its words; the first that fits counts.
_REASONS = (
    (
        "dont_know",
        re.compile(
            r"know|unknown|sure|say\b|judge|wei(?:ß|ss)|sais|s(?:é|e)\b|weet", re.IGNORECASE
        ),
    ),
    ("no_opinion", re.compile(r"opinion|meinung|basis", re.IGNORECASE)),
    (
        "prefer_not_to_say",
        re.compile(r"prefer|refus|declin|rather|angabe|k\. ?a|antwort|answer", re.IGNORECASE),
    ),
    ("not_applicable", re.compile(r"applicable|apply|n\.?/?a\b|anwendbar", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Beside:
    """An answer that is offered behind the scale and never scored."""

    reason: str
    code: int | None
    labels: Labels


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a scale: the value that is stored, and pairs of a language and a label."""

    value: int
    labels: Labels

    @property
    def label(self) -> Texts:
        """The label in each language."""
        return dict(self.labels)


@dataclass(frozen=True, slots=True)
class Scale:
    """The points of a scale, rising by value, and what is offered behind it."""

    points: tuple[Point, ...]
    beside: tuple[Beside, ...] = ()
    # Points that the file has no words for; the number stands in their place.
    bare: tuple[int, ...] = ()


def scale_of(question: Question, languages: Sequence[str], note: Note) -> Scale | None:
    """The response scale of a question; None, with the reason noted, if none is.

    Every label must be there in the first of the languages. `note` is called with a code and with
    what varies in its sentence.
    """
    if not question.options:
        note(LeftOut.NO_OPTIONS)
        return None
    values = _values(question.options, note)
    pairs = list(zip(values, question.options, strict=True))
    apart = [(value, option) for value, option in pairs if _is_no_point(value, option, values)]
    kept = [(value, option) for value, option in pairs if value is not None]
    kept = [pair for pair in kept if pair not in apart]
    if len(kept) < 2:
        note(LeftOut.TOO_FEW_OPTIONS)
        return None
    _note_order([value for value, _ in kept], note)
    kept = _storable(sorted(kept, key=lambda one: one[0]), note)
    points = tuple(
        Point(value, tuple(_label(value, option, languages, note).items()))
        for value, option in kept
    )
    if any(languages[0] not in point.label for point in points):
        note(LeftOut.NO_TEXT, language=languages[0])
        return None
    problem = next(iter(_contradictions(points)), None)
    if problem:
        note(problem[0], **problem[1])
        return None
    bare = tuple(value for value, option in kept if not option.label)
    return Scale(points, beside_of(apart, languages[0], note), bare)


def beside_of(
    apart: Iterable[tuple[int | None, Option]], base: str, note: Note
) -> tuple[Beside, ...]:
    """What is offered behind a scale: each with a reason of its own, the rest listed as lost."""
    found: dict[str, Beside] = {}
    for value, option in apart:
        label = option.label.get(base, "")
        reason = next((name for name, words in _REASONS if words.search(label)), "")
        short = " ".join(label.split())
        if reason and reason not in found and len(short) <= LONGEST_LABEL:
            labels = tuple((one, " ".join(text.split())) for one, text in option.label.items())
            code = value if value is not None and abs(value) <= LARGEST_SMALL_INTEGER else None
            found[reason] = Beside(reason, code, labels)
            note(Changed.BESIDE, label=shown(label), code=option.code)
        else:
            note(NotKept.MISSING_CODE, label=shown(label), code=option.code)
    return tuple(found.values())


def _values(options: Sequence[Option], note: Note) -> list[int | None]:
    codes = [option.code.strip() for option in options]
    whole = [_whole(code) for code in codes]
    numbers = [value for value in whole if value is not None]
    if len(numbers) == len(codes) or len(numbers) >= 2:
        _note_scores(options, whole, note)
        return whole
    named = shown(", ".join(codes))
    scores = [option.score for option in options]
    if all(score is not None for score in scores) and len(set(scores)) == len(scores):
        values = ", ".join(map(str, scores))
        note(Changed.NUMBERED_BY_SCORE, codes=named, values=values)
        return list(scores)
    ended = [_ENDS_IN_NUMBER.fullmatch(code) for code in codes]
    ends = [(one[1], int(one[2])) for one in ended if one]
    numbered = [value for _, value in ends]
    alike = len({prefix for prefix, _ in ends}) == 1
    if len(ends) == len(codes) and alike and len(set(numbered)) == len(numbered):
        note(Changed.NUMBERED_BY_CODE, codes=named)
        return list(numbered)
    asked = [place for place, option in enumerate(options) if option.scored]
    order = {place: value for value, place in enumerate(asked, start=1)}
    note(Changed.NUMBERED_BY_ORDER, codes=named, most=len(order))
    return [order.get(place) for place in range(len(options))]


def _note_scores(options: Sequence[Option], values: Sequence[int | None], note: Note) -> None:
    scores = [option.score for option in options]
    if any(score is not None for score in scores) and scores != list(values):
        pairs = zip(options, scores, strict=True)
        note(
            Changed.SCORE_DIFFERS,
            scores=shown(", ".join(f"{one.code}: {score}" for one, score in pairs)),
        )


def _whole(code: str) -> int | None:
    if not _WHOLE.fullmatch(code):
        return None
    return int(code.replace("−", "-").split(".")[0])


def _is_no_point(value: int | None, option: Option, values: Sequence[int | None]) -> bool:
    """Tell whether an option stands beside the scale: by what the file, its words or code say."""
    return (
        not option.scored
        or value is None
        or is_no_answer(option)
        or _stands_apart(value, [one for one in values if one is not None])
    )


def is_no_answer(option: Option) -> bool:
    """Tell whether an option says that there is no answer, such as "don't know"."""
    return any(_NO_POINT.match(label) for label in option.label.values())


def _stands_apart(value: int, values: Sequence[int]) -> bool:
    """A code such as 99 far from the others, or −1 beside a scale that has no other negative."""
    others = [one for one in values if one != value]
    if len(others) < 2:
        return False
    usual = [one for one in others if abs(one) not in _MISSING_VALUES] or others
    if abs(value) in _MISSING_VALUES:
        return min(abs(value - one) for one in usual) >= _FAR
    negative = [one for one in values if one < 0]
    positive = [one for one in values if one > 0]
    return value < 0 and 0 not in values and len(negative) < len(positive) - 1


def _storable(kept: list[tuple[int, Option]], note: Note) -> list[tuple[int, Option]]:
    """The options, rising by code; numbered in that order where codes are too large as values."""
    codes = [value for value, _ in kept]
    if max(map(abs, codes)) <= LARGEST_SMALL_INTEGER or len(set(codes)) < len(codes):
        return kept
    named = shown(", ".join(map(str, codes)))
    note(Changed.NUMBERED_LARGE, codes=named, most=len(kept), largest=LARGEST_SMALL_INTEGER)
    return [(place, option) for place, (_code, option) in enumerate(kept, start=1)]


def _note_order(values: Sequence[int], note: Note) -> None:
    if list(values) == sorted(values):
        return
    note(Changed.FALLING if list(values) == sorted(values, reverse=True) else Changed.REORDERED)


def _label(value: int, option: Option, languages: Sequence[str], note: Note) -> Texts:
    if not option.label:
        return dict.fromkeys(languages, str(value))
    if any("\n" in label for label in option.label.values()):
        note(Changed.LABEL_LINES)
    return {language: " ".join(label.split("\n")) for language, label in option.label.items()}


def _contradictions(scale: Sequence[Point]) -> Iterable[tuple[SentenceCode, dict[str, Any]]]:
    for value, count in Counter(point.value for point in scale).items():
        if count > 1:
            yield LeftOut.SAME_CODES, {"code": value}
    for language in {language for point in scale for language in point.label}:
        labels = Counter(point.label[language] for point in scale if language in point.label)
        for label, count in labels.items():
            if count > 1:
                yield LeftOut.SAME_LABELS, {"label": shown(label), "language": language}
    for point in scale:
        for label in point.label.values():
            number = label_number(label)
            if number is not None and number != point.value:
                about = {"label": shown(label), "value": point.value, "number": number}
                yield LeftOut.NUMBER_IN_LABEL, about
            if len(label) > LONGEST_LABEL:
                yield LeftOut.LABEL_TOO_LONG, {"label": shown(label), "most": LONGEST_LABEL}
