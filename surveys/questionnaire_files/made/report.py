"""An import as plain values and lines: what was read, what it becomes, what is not kept. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from surveys.codes import Problem, SentenceCode, Translate
from surveys.codes import marked as _
from surveys.questionnaire_files.errors import Changed, LeftOut, NotKept
from surveys.questionnaire_files.made.instruments import Import, MadeInstrument
from surveys.questionnaire_files.made.items import Item

ReverseKeys = Mapping[str, set[str]]


class Weight(SentenceCode):
    """How much is lost by what is listed, the most first."""

    LEFT_OUT = "left_out", _("left out")
    NOT_KEPT = "not_kept", _("not kept")
    CHANGED = "changed", _("kept in another form")


_WEIGHTS = ((LeftOut, Weight.LEFT_OUT), (NotKept, Weight.NOT_KEPT), (Changed, Weight.CHANGED))


def weight_of(problem: Problem) -> Weight:
    """How much is lost by one problem."""
    return next(weight for kind, weight in _WEIGHTS if isinstance(problem.code, kind))


def by_weight(made: Import) -> dict[Weight, list[Problem]]:
    """Everything that is listed, by its weight and within it in the order of the file."""
    return {weight: [one for one in made.losses if weight_of(one) is weight] for weight in Weight}


def import_json(
    made: Import, reverse: ReverseKeys | None = None, translate: Translate = str
) -> dict[str, Any]:
    """Return an import as plain values; `reverse` holds the keys that somebody has said."""
    return {
        "questionnaire": made.questionnaire.as_json(),
        "instruments": [_instrument(one, reverse) for one in made.instruments],
        "study": dict(made.study),
        "losses": [
            {"weight": weight_of(one).value, **one.as_json(translate)} for one in made.losses
        ],
        "asked": asked(made, reverse),
    }


def asked(made: Import, reverse: ReverseKeys | None) -> list[str]:
    """What somebody still has to say before the instruments can be published."""
    return [] if reverse is not None or not made.instruments else ["reverse"]


def import_lines(made: Import) -> Iterator[str]:
    """Lines for a person who reads a terminal."""
    read = made.questionnaire
    number = sum(len(one.items) for one in made.instruments)
    yield (
        f"{read.tool.value}: {len(read.questions)} questions in {', '.join(read.languages)}; "
        f"{number} become items of {len(made.instruments)} instruments"
    )
    for one in made.instruments:
        definition = one.definition
        yield f"  {definition.slug} ({len(one.items)} items, {', '.join(definition.languages)})"
        for item in one.items:
            marked = " (the file marks it as reverse-keyed)" if item.key in one.claimed else ""
            yield f"    {item.key}: {item.question.text[read.languages[0]]}{marked}"
    for weight, problems in by_weight(made).items():
        for problem in problems:
            yield f"  {weight.sentence}: {problem.where}: {problem.message}"


def _instrument(one: MadeInstrument, reverse: ReverseKeys | None) -> dict[str, Any]:
    definition = one.definition
    keys = None if reverse is None else reverse[definition.slug]
    return {
        "slug": definition.slug,
        "version": definition.version,
        "construct": definition.construct,
        "title": dict(definition.title),
        "instruction": dict(definition.instruction),
        "languages": list(definition.languages),
        "items": [_item(item, one, keys) for item in one.items],
    }


def _item(item: Item, one: MadeInstrument, keys: set[str] | None) -> dict[str, Any]:
    languages = one.definition.languages
    return {
        "key": item.key,
        "name": item.question.name,
        "place": item.question.place,
        "text": {language: item.question.text[language] for language in languages},
        "answered": item.answered.table("", languages),
        "reversible": item.answered.reversible,
        "reversed_in_file": item.question.reversed_in_file,
        "reverse_keyed": None if keys is None else item.key in keys,
    }
