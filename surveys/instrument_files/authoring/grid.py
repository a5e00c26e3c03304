"""The form of the editor becomes the tables of an instrument again. Pure.

Fields are called by their place: ``item.3.text.de``, ``scale.1.words.en``, ``facet.2.label.en``,
``title.en``. Rows are read in the order of their numbers; where nothing is written there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from surveys.instrument_files.authoring.names import name_of, numbered_name
from surveys.instrument_files.authoring.scale_lines import options_of_lines, unscored_of_lines
from surveys.instrument_files.authoring.taking_over import facet_key

Values = dict[str, Any]
Fields = Mapping[str, str]
HEAD = ("slug", "version", "construct", "licence", "citation", "wording_note")
WORDS = ("title", "instruction", "orientation")
# What each kind has besides its options: numbers, plain values, and words in every language.
NUMBERS: Mapping[str, Sequence[str]] = {
    "numbered": ("minimum", "maximum"),
    "number": ("minimum", "maximum", "decimals"),
    "slider": ("minimum", "maximum", "decimals"),
    "text": ("longest",),
}
PLAIN: Mapping[str, Sequence[str]] = {"date": ("earliest", "latest")}
SAID: Mapping[str, Sequence[str]] = {
    "slider": ("low", "high"),
    "number": ("unit",),
    "several": ("none",),
}
OPTIONS: Mapping[str, str] = {
    "choice": "options",
    "numbered": "labels",
    "several": "options",
    "ranking": "options",
}
NAMED = ("several", "ranking")
NO_ANSWER_KINDS = ("information",)


def tables_of_form(fields: Fields, before: Mapping[str, Any]) -> Values:
    """The tables that the form says; `before` are those that it was made of.

    What the form has no field for is kept as it was.
    """
    languages = [one for one in _text(fields, "languages").replace(",", " ").split() if one]
    languages = list(dict.fromkeys(languages))
    made: Values = {
        **{key: _text(fields, key) for key in HEAD},
        "languages": languages,
        **{key: _said(fields, key, languages) for key in WORDS},
        "response_scales": list(_scales(fields, languages, before)),
        "facets": list(_facets(fields, languages)),
    }
    made["items"], reverse = _items(fields, languages, made, before)
    used = {item.get("facet") for item in made["items"]}
    made["facets"] = [one for one in made["facets"] if one.get("key") in used]
    if reverse:
        made["reverse_keyed"] = reverse
    # A text that is written in no language yet is missing in each.
    return {key: value for key, value in made.items() if value or key in WORDS}


_ACT = re.compile(r"(up|down|remove)\.(item|scale)\.(\d{1,5})")
_PARTS = {"item": "items", "scale": "response_scales"}


def moved(tables: Mapping[str, Any], act: str) -> Values:
    """The tables after a button that moves or removes a row, ``up.item.3``; rows count from 1.

    Any other leaves them as they are.
    """
    found = _ACT.fullmatch(act)
    rows = list(tables.get(_PARTS[found[2]], ())) if found else []
    at = int(found[3]) - 1 if found else -1
    if not found or not 0 <= at < len(rows):
        return dict(tables)
    verb, part, row = found[1], _PARTS[found[2]], rows.pop(at)
    made = {**tables, part: rows}
    if verb != "remove":
        rows.insert(max(at - 1, 0) if verb == "up" else at + 1, row)
    elif part == "items":
        used = {one.get("facet") for one in rows}
        kept = [one for one in tables.get("reverse_keyed", ()) if one != row.get("key")]
        made["reverse_keyed"] = kept
        made["facets"] = [one for one in tables.get("facets", ()) if one.get("key") in used]
    return {key: value for key, value in made.items() if value or key in WORDS}


def _items(
    fields: Fields, languages: Sequence[str], made: Values, before: Mapping[str, Any]
) -> tuple[list[Values], list[str]]:
    items: list[Values] = []
    reverse = []
    rows = list(_rows(fields, "item"))
    taken = [_text(fields, f"item.{n}.key") for n in rows]
    for n in rows:
        at = f"item.{n}"
        text = _said(fields, f"{at}.text", languages)
        facet = facet_key(made, _text(fields, f"{at}.facet"))
        key = _text(fields, f"{at}.key")
        if not (text or key):
            continue
        if not key:
            key = numbered_name(facet or name_of(made["construct"]) or "item", taken)
            taken.append(key)
        rest = {"facet": facet, "response_scale": _text(fields, f"{at}.response_scale")}
        need = _text(fields, f"{at}.need")
        rest["need"] = "" if need == "asked" else need
        media = _filled({"media": _media_of(before, n)})
        items.append({"key": key, **_filled(rest), "text": text, **media})
        if _text(fields, f"{at}.reverse"):
            reverse.append(key)
    return items, reverse


def _media_of(before: Mapping[str, Any], number: int) -> list[Any]:
    """What the item of this number showed; another page says what it shows."""
    items = before.get("items", ())
    return list(items[number - 1].get("media", ())) if number <= len(items) else []


def _facets(fields: Fields, languages: Sequence[str]) -> Iterator[Values]:
    for n in _rows(fields, "facet"):
        label = _said(fields, f"facet.{n}.label", languages)
        yield {"key": _text(fields, f"facet.{n}.key"), "label": label}


def _scales(
    fields: Fields, languages: Sequence[str], before: Mapping[str, Any]
) -> Iterator[Values]:
    known = {one.get("key"): one for one in before.get("response_scales", ())}
    for n in _rows(fields, "scale"):
        at = f"scale.{n}"
        kind = _text(fields, f"{at}.kind") or "choice"
        key = _text(fields, f"{at}.key")
        if kind not in {*OPTIONS, *NUMBERS, *PLAIN, *SAID, *NO_ANSWER_KINDS}:
            yield dict(known.get(key, {"key": key, "kind": kind}))
            continue
        table: Values = {"key": key, **({} if kind == "choice" else {"kind": kind})}
        table |= {one: _number(text) for one, text in _given(fields, at, NUMBERS.get(kind, ()))}
        table |= dict(_given(fields, at, PLAIN.get(kind, ())))
        if kind == "text" and _text(fields, f"{at}.long"):
            table["long"] = True
        for one in SAID.get(kind, ()):
            table |= _filled({one: _said(fields, f"{at}.{one}", languages)})
        if kind in OPTIONS:
            lines = _said(fields, f"{at}.words", languages)
            options = options_of_lines(lines, named=kind in NAMED)
            table[OPTIONS[kind]] = options
        unscored = unscored_of_lines(_said(fields, f"{at}.unscored", languages))
        yield {**table, **_filled({"unscored": unscored})}


def _rows(fields: Fields, kind: str) -> list[int]:
    """The numbers of the rows of a kind, in their order."""
    parts = (name.split(".") for name in fields)
    found = {part[1] for part in parts if part[0] == kind and len(part) > 2}
    return sorted(int(one) for one in found if one.isascii() and one.isdigit() and len(one) < 6)


def _given(fields: Fields, at: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        if text := _text(fields, f"{at}.{name}"):
            yield name, text


def _said(fields: Fields, name: str, languages: Sequence[str]) -> dict[str, str]:
    """The text of a field in each language in which it is written."""
    texts = {language: _text(fields, f"{name}.{language}") for language in languages}
    return _filled(texts)


def _number(text: str) -> int | float | str:
    """The number that is typed; what is none stays a text, so that the mistake can be shown."""
    said = text.replace("−", "-").replace(",", ".")
    if re.fullmatch(r"[-+]?\d{1,15}", said):
        return int(said)
    return float(said) if re.fullmatch(r"[-+]?\d{1,15}\.\d{1,9}", said) else text


def _text(fields: Fields, name: str) -> str:
    return fields.get(name, "").replace("\r\n", "\n").strip()


def _filled(values: Values) -> Values:
    return {key: value for key, value in values.items() if value}
