"""An instrument as it would be asked, whole or as far as it is written. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from surveys.codes import Problem
from surveys.flow.placeholders import filled
from surveys.instrument_files.authoring.draft_tables import finished
from surveys.instrument_files.definitions import (
    BlockDefinition,
    ConsentDefinition,
    InstrumentDefinition,
    StudyDefinition,
    Texts,
)
from surveys.instrument_files.questionnaires import questionnaire_of
from surveys.presentation import Questionnaire

# What stands where a draft has no words yet.
NOT_WRITTEN = "…"
_NEEDED = ("title", "instruction", "orientation")
_BLOCK = "instrument"
_NAMED = "[{}]".format


def asked_alone(
    instrument: InstrumentDefinition, language: str, *, items_per_page: int = 8
) -> Questionnaire:
    """The questionnaire of a study that asks this instrument and nothing else, in its order."""
    block = BlockDefinition(
        _BLOCK, instrument.slug, instrument.version, items_per_page, shuffle=False
    )
    study = StudyDefinition(
        slug=instrument.slug,
        version=instrument.version,
        title=instrument.title,
        languages=instrument.languages,
        consent=ConsentDefinition("", {}, {}, ""),
        blocks=(block,),
    )
    return questionnaire_of(study, [_with_places_named(instrument)], language)


def _with_places_named(instrument: InstrumentDefinition) -> InstrumentDefinition:
    """What a study would fill (a condition, an answer) stands by its name: ``[scene.share]``."""
    items = tuple(replace(one, text=_places_named(one.text)) for one in instrument.items)
    instruction = _places_named(instrument.instruction)
    return replace(instrument, instruction=instruction, items=items)


def _places_named(texts: Texts) -> Texts:
    return {
        language: filled(text, condition=_NAMED, answer=_NAMED) for language, text in texts.items()
    }


def as_far_as_written(
    values: Mapping[str, Any], language: str
) -> tuple[InstrumentDefinition | None, tuple[Problem, ...]]:
    """The instrument in one language with the items that are written in it, or why there is none.

    Words that nobody reads in a preview (name, licence, citation) need not be written for it.
    """
    items = [one for one in values.get("items", ()) if one.get("text", {}).get(language)]
    used = {one.get("response_scale") for one in items}
    facets = {one.get("facet") for one in items}
    keys = {one.get("key") for one in items}
    return finished(
        {
            "slug": "preview",
            "version": "0",
            "construct": "preview",
            "languages": [language],
            **dict.fromkeys(("licence", "citation", "wording_note"), NOT_WRITTEN),
            **{key: {language: _words(values, key, language)} for key in _NEEDED},
            "reverse_keyed": [one for one in values.get("reverse_keyed", ()) if one in keys],
            "response_scales": _in_language(
                [one for one in values.get("response_scales", ()) if one.get("key") in used],
                language,
            ),
            "facets": [
                {"key": one.get("key", ""), "label": {language: NOT_WRITTEN}}
                for one in values.get("facets", ())
                if one.get("key") in facets
            ],
            "items": [_shown_in(one, language) for one in _in_language(items, language)],
        }
    )


def _shown_in(item: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """An item with what it shows in one language."""
    if not item.get("media"):
        return item
    shown = [one for one in item["media"] if language in one.get("languages", (language,))]
    without = [{key: one[key] for key in one if key != "languages"} for one in shown]
    return {**item, "media": without}


def _words(values: Mapping[str, Any], key: str, language: str) -> str:
    return str(values.get(key, {}).get(language) or NOT_WRITTEN)


_TEXTS = frozenset({"text", "alt", "label", "low", "high", "unit", "none"})


def _in_language(value: Any, language: str) -> Any:
    """Tables with the texts of one language alone."""
    if isinstance(value, list | tuple):
        return [_in_language(one, language) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {
        key: {language: part.get(language) or NOT_WRITTEN}
        if key in _TEXTS and isinstance(part, Mapping)
        else _in_language(part, language)
        for key, part in value.items()
    }
