"""A questionnaire as instruments, each a run of questions under one heading, and a draft. Pure.

Which kinds of questions can be kept, and as what, is decided in `formats`. What a file does not
hold and an instrument needs (licence, citation, what a high score means) stands in square brackets.
Which items are reverse-keyed is asked: nothing that a file says of it is followed unconfirmed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from surveys.codes import Problem
from surveys.instrument_files import (
    InstrumentDefinition,
    InstrumentFileError,
    read_instrument_values,
    to_toml,
)
from surveys.instrument_files.instruments import LONGEST_TITLE
from surveys.instrument_files.toml_tables import MAX_NAME_LENGTH
from surveys.questionnaire_files.errors import Changed, LeftOut, NotKept
from surveys.questionnaire_files.made.items import (
    Item,
    Making,
    make_item,
    runs,
    without_idle_texts,
)
from surveys.questionnaire_files.made.names import key_of, slug_of
from surveys.questionnaire_files.made.said import NOTHING, Said
from surveys.questionnaire_files.questionnaire import Question, Questionnaire, Texts
from surveys.questionnaire_files.wording import shown

VERSION = "1.0"
# Of the file's name in a slug, so that the part's own name has room behind it.
LONGEST_NAME = 24
# Of a key whose item has parts, so that the part's key has room behind it.
LONGEST_WITH_PARTS = 28
LICENCE = "[the terms on which these words may be used]"
CITATION = "[the published work, or who wrote these items]"
ORIENTATION = "[what a high score means]"
_INSTRUCTIONS = {
    "en": "Please answer the following questions.",
    "de": "Bitte beantworten Sie die folgenden Fragen.",
}
_INSTRUCTION = "[what respondents read above the items]"
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MadeInstrument:
    """An instrument with the items that it was made of; `values` are the tables of its file."""

    definition: InstrumentDefinition
    values: Mapping[str, Any]
    items: tuple[Item, ...]

    @property
    def claimed(self) -> tuple[str, ...]:
        """Keys of the items that the file marks as reverse-keyed."""
        return tuple(item.key for item in self.items if item.claimed)


@dataclass(frozen=True, slots=True)
class Import:
    """What becomes of a questionnaire: instruments, the study's tables, and what is not kept."""

    questionnaire: Questionnaire
    instruments: tuple[MadeInstrument, ...]
    study: Mapping[str, Any]
    losses: tuple[Problem, ...]


def make_instruments(questionnaire: Questionnaire, *, name: str, said: Said = NOTHING) -> Import:
    """Make instruments of everything that can be kept; `name` is what theirs begin with."""
    making = Making(questionnaire, slug_of(name)[:LONGEST_NAME].rstrip("-") or "imported", said)
    kept = [item for one in questionnaire.questions if (item := make_item(one, making)) is not None]
    kept = without_idle_texts(kept, making)
    made = [
        instrument for run in runs(kept) if (instrument := _instrument(run, making)) is not None
    ]
    study = _study(made, making) if made else {}
    return Import(questionnaire, tuple(made), study, (*questionnaire.losses, *making.losses))


def _instrument(run: Sequence[Item], making: Making) -> MadeInstrument | None:
    languages = _languages(run, making)
    items = _keyed(run, making)
    first = next(item.question for item in items if item.answered.asks)
    name = _name(first, making)
    kinds = dict.fromkeys(item.answered for item in items)
    scales = {answered: f"scale_{number}" for number, answered in enumerate(kinds, start=1)}
    facets = _facets(items, making)
    values: Values = {
        "slug": _slug(name, making),
        "version": VERSION,
        "construct": key_of(name, "construct"),
        "languages": languages,
        "licence": making.said.licence or LICENCE,
        "citation": making.said.citation or CITATION,
        "wording_note": f"Imported from {making.questionnaire.tool.value}, {making.name}.",
        **_heading(first, languages, making),
        "orientation": dict.fromkeys(languages, ORIENTATION),
        "response_scales": [one.table(key, languages) for one, key in scales.items()],
        **({"facets": _facet_tables(facets, languages)} if facets else {}),
        "items": [
            {
                "key": item.key,
                **({"facet": facets[item.question.facet]} if item.question.facet in facets else {}),
                "response_scale": scales[item.answered],
                **item.need,
                "text": {language: item.question.text[language] for language in languages},
            }
            for item in items
        ],
    }
    try:
        definition = read_instrument_values(values)
    except InstrumentFileError as error:
        for item in items:
            making.note(item.question.place, LeftOut.REFUSED, problem=error.problems[0].saying)
        return None
    return MadeInstrument(definition, values, tuple(items))


def _languages(run: Sequence[Item], making: Making) -> list[str]:
    """The languages that every word of the run is written in; others are left out and listed."""
    complete = []
    for language in making.questionnaire.languages:
        lacking = [
            item.question.place
            for item in run
            if language not in item.question.text
            or any(language not in dict(labels) for labels in item.answered.read)
        ]
        if not lacking:
            complete.append(language)
        elif len(lacking) < len(run) or language == making.base or _written(run, language):
            for place in lacking:
                making.note(place, NotKept.LANGUAGE, language=language)
    return complete or [making.base]


def _written(run: Sequence[Item], language: str) -> bool:
    return any(language in item.question.text for item in run)


def _keyed(run: Sequence[Item], making: Making) -> list[Item]:
    """The items with keys of their own."""
    used: Counter[str] = Counter()
    items = []
    for number, item in enumerate(run, start=1):
        name = item.question.name
        longest = LONGEST_WITH_PARTS if item.answered.parts else MAX_NAME_LENGTH
        key = base = key_of(name, f"item_{number}")[:longest].rstrip("_")
        while key in used:
            used[base] += 1
            key = f"{base[: longest - 5]}_{used[base] + 1}"
        used[key] += 0
        if key != name.lower():
            making.note(item.question.place, Changed.RENAMED, key=key)
        items.append(replace(item, key=key))
    return items


def _name(question: Question, making: Making) -> str:
    """What an instrument is called: its matrix, or else its group."""
    group = next((one for one in making.questionnaire.groups if one.key == question.group), None)
    title = group.title.get(making.base, "") if group else ""
    return (question.matrix if question.stem else "") or title or question.group or making.name


def _slug(name: str, making: Making) -> str:
    part = slug_of(name)
    slug = making.name if not part or part == making.name else f"{making.name}-{part}"
    slug = base = slug[: MAX_NAME_LENGTH - 5].rstrip("-")
    number = 1
    while slug in making.slugs:
        number += 1
        slug = f"{base}-{number}"
    making.slugs.add(slug)
    return slug


def _heading(question: Question, languages: Sequence[str], making: Making) -> Values:
    """Title and instruction: what stands above the items, or else that they are questions."""
    group = next((one for one in making.questionnaire.groups if one.key == question.group), None)
    titles: Texts = group.title if group else {}
    titles = titles or making.questionnaire.title
    fallback = titles.get(making.base) or next(iter(titles.values()), making.name)
    title = {language: titles.get(language, fallback)[:LONGEST_TITLE] for language in languages}
    instruction = {
        language: question.stem.get(language)
        or _INSTRUCTIONS.get(language.split("-")[0], _INSTRUCTION)
        for language in languages
    }
    return {"title": title, "instruction": instruction}


def _facets(items: Sequence[Item], making: Making) -> dict[str, str]:
    """Facets of the file and their keys; none unless every item has one."""
    named = list(dict.fromkeys(item.question.facet for item in items if item.answered.asks))
    if all(named):
        keys: dict[str, str] = {}
        for number, name in enumerate(named, start=1):
            key = key_of(name, f"facet_{number}")
            keys[name] = key if key not in keys.values() else f"{key[:40]}_{number}"
        return keys
    for item in items:
        if item.question.facet:
            making.note(item.question.place, NotKept.FACET, facet=shown(item.question.facet))
    return {}


def _facet_tables(facets: Mapping[str, str], languages: Sequence[str]) -> list[Values]:
    return [
        {"key": key, "label": dict.fromkeys(languages, name[:LONGEST_TITLE])}
        for name, key in facets.items()
    ]


def _study(made: Sequence[MadeInstrument], making: Making) -> Values:
    """A draft that shows the instruments in the order of the file."""
    languages = [
        language
        for language in making.questionnaire.languages
        if all(language in one.definition.languages for one in made)
    ]
    title = making.questionnaire.title
    fallback = title.get(making.base, making.name)
    keys: list[str] = []
    blocks = []
    for one in made:
        key = base = key_of(one.definition.construct, "block")[: MAX_NAME_LENGTH - 5]
        while key in keys:
            key = f"{base}_{keys.index(key) + len(keys) + 1}"
        keys.append(key)
        blocks.append(
            {
                "key": key,
                "instrument": one.definition.slug,
                "version": VERSION,
                "items_per_page": 8,
                "shuffle": all(item.question.shuffled for item in one.items),
            }
        )
    taken = making.name in making.slugs
    return {
        "slug": f"{making.name}-study" if taken else making.name,
        "version": VERSION,
        "languages": languages or [making.base],
        "title": {lang: title.get(lang, fallback)[:LONGEST_TITLE] for lang in languages},
        "blocks": blocks,
    }


def reverse_keys(made: Import, given: Collection[str]) -> dict[str, set[str]]:
    """Keys of reverse-keyed items by the slug of their instrument.

    Only what has one number for an answer can be turned round. An item is named by its key here, by
    its name in the file, or as ``slug/key``. Raises `KeyError`
    for a name that no item has.
    """
    keys: dict[str, set[str]] = {one.definition.slug: set() for one in made.instruments}
    for name in given:
        found = [
            (one.definition.slug, item.key)
            for one in made.instruments
            for item in one.items
            if item.answered.reversible
            and name in (item.key, item.question.name, f"{one.definition.slug}/{item.key}")
        ]
        if not found:
            raise KeyError(name)
        for slug, key in found:
            keys[slug].add(key)
    return keys


def with_reverse_keys(instrument: MadeInstrument, keys: Collection[str]) -> Values:
    """The tables of an instrument in which these items are reverse-keyed."""
    chosen = [item.key for item in instrument.items if item.key in keys]
    values = dict(instrument.values)
    # The scoring key stands where a manual has it, before the words.
    head = {key: values.pop(key) for key in ("slug", "version", "construct", "languages")}
    head |= {key: values.pop(key) for key in ("licence", "citation", "wording_note")}
    return {**head, **({"reverse_keyed": chosen} if chosen else {}), **values}


def instrument_file(instrument: MadeInstrument, keys: Collection[str] | None) -> str:
    """The file of an instrument; `keys` is None where nobody has said which items are reversed.

    Then a comment stands where they are to be written.
    """
    text = to_toml(with_reverse_keys(instrument, keys or ()))
    if keys is not None:
        return text
    claimed = ", ".join(f'"{key}"' for key in instrument.claimed)
    marked = f"the file marks {claimed}" if claimed else "the file marks none"
    return (
        f"# Which items are reverse-keyed has to be said by you ({marked}):\n"
        f"# reverse_keyed = [{claimed}]\n\n{text}"
    )
