"""Pasted items become part of the tables of a draft. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from surveys.instrument_files.authoring.names import free_name, name_of, numbered_name
from surveys.instrument_files.authoring.pasting import PastedItem
from surveys.instrument_files.authoring.presets import Preset, preset_scale

Values = dict[str, Any]


def with_items(values: Mapping[str, Any], items: Sequence[PastedItem], scale: str) -> Values:
    """The tables with the items behind those that are there.

    `scale` answers every item whose row names none: the key of a scale of the draft, or a preset.
    Languages, facets and scales that are new are added; texts that are missing stay missing.
    """
    made: Values = {**values}
    new = [one for item in items for one in item.text]
    made["languages"] = list(dict.fromkeys([*made.get("languages", ()), *new]))
    made["items"] = list(made.get("items", ()))
    made["reverse_keyed"] = list(made.get("reverse_keyed", ()))
    for item in items:
        facet = facet_key(made, item.facet)
        table = {"key": _item_key(made, item, facet), **({"facet": facet} if facet else {})}
        answered = scale_key(made, item.scale or scale)
        made["items"].append({**table, "response_scale": answered, "text": dict(item.text)})
        if item.reverse:
            made["reverse_keyed"].append(table["key"])
    if not made["reverse_keyed"]:
        del made["reverse_keyed"]
    return made


def facet_key(values: Values, said: str) -> str:
    """The key of the facet that goes by these words, a new one if need be. Changes `values`."""
    words = said.strip()
    if not words:
        return ""
    facets = values.setdefault("facets", [])
    for facet in facets:
        called = [facet.get("key", ""), *facet.get("label", {}).values()]
        if words.casefold() in [one.casefold() for one in called]:
            return str(facet.get("key", ""))
    taken = [one.get("key", "") for one in facets]
    key = free_name(name_of(words) or "facet", taken)
    values["facets"] = [*facets, {"key": key, "label": {_first_language(values): words}}]
    return key


def scale_key(values: Values, said: str) -> str:
    """The key of the scale that goes by this name; a preset becomes a scale. Changes `values`.

    A name that is neither stays as it is, to be found where the draft is checked.
    """
    scales = list(values.get("response_scales", ()))
    keys = [one.get("key", "") for one in scales]
    preset = Preset.of("-".join(said.lower().replace("_", "-").split()))
    if said in keys or preset is None:
        return said
    if preset.value.replace("-", "_") in keys:
        return preset.value.replace("-", "_")
    made = preset_scale(preset, values.get("languages", ()), keys)
    values["response_scales"] = [*scales, made]
    return str(made["key"])


def _item_key(values: Values, item: PastedItem, facet: str) -> str:
    taken = [one.get("key", "") for one in values["items"]]
    if item.key:
        return free_name(name_of(item.key) or "item", taken)
    return numbered_name(facet or values.get("construct") or "item", taken)


def _first_language(values: Mapping[str, Any]) -> str:
    return next(iter(values.get("languages") or ()), "en")
