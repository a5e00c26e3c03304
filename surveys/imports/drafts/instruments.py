"""Instruments of a draft: which items the columns of a file make, and how these are answered."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.imports.drafts.columns import DraftColumn, instruments_of
from surveys.imports.drafts.lists import DraftList
from surveys.imports.drafts.numbers import proposed_scale
from surveys.imports.drafts.words import proposed_date, proposed_text
from surveys.imports.mapping import QUESTION
from surveys.instrument_files.toml_tables import KEY, MAX_NAME_LENGTH, SLUG

LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class DraftBlock:
    """An instrument of a draft and the block that asks it: its items by key.

    Of a question about `listed` options it has one item; `options` are their keys in its order.
    """

    key: str
    slug: str
    items: Sequence[tuple[str, DraftColumn]]
    listed: DraftList | None = None
    options: tuple[str, ...] = ()

    @property
    def column_keys(self) -> Iterator[tuple[DraftColumn, str]]:
        """Every column with the key of the item that it answers."""
        if self.listed is None:
            yield from ((column, key) for key, column in self.items)
        else:
            yield from ((column, self.items[0][0]) for column in self.listed.columns)


def study_of(slug: str, blocks: Sequence[DraftBlock]) -> dict[str, Any]:
    """The study that asks the blocks."""
    return {
        "slug": slug,
        "version": "1.0",
        "languages": [LANGUAGE],
        "title": {LANGUAGE: QUESTION},
        "consent": {
            "version": "1.0",
            "contact": "[name, institution and e-mail address of the responsible researcher]",
            "information": {LANGUAGE: "This study holds answers that were collected elsewhere."},
            "statement": {LANGUAGE: "I have read the information and agree to take part."},
        },
        "blocks": [{"key": b.key, "instrument": b.slug, "version": "1.0"} for b in blocks],
    }


def blocks_of(
    columns: Sequence[DraftColumn], lists: Sequence[DraftList], slug: str
) -> Iterator[DraftBlock]:
    """A block for each instrument that items make, and one for each question about a list."""
    taken: set[str] = set()
    for stem, found in instruments_of(columns):
        key = _unused(_key(stem), taken)
        own: set[str] = set()
        items = [(_unused(_key(one.short), own), one) for one in found]
        yield DraftBlock(key, _slug_of_block(slug, key), items)
    for one in lists:
        key = _unused(_key(one.stem), taken)
        used: set[str] = set()
        options = tuple(_unused(_key(name), used) for name, _label in one.options)
        yield DraftBlock(key, _slug_of_block(slug, key), [(key, one.columns[0])], one, options)


def _slug_of_block(slug: str, key: str) -> str:
    words = key.replace("_", "-")
    before = slug[: MAX_NAME_LENGTH - len(words) - 1].rstrip("-")  # what tells it apart is last
    return f"{before}-{words}"


def instrument_of(block: DraftBlock) -> dict[str, Any]:
    """The instrument of a block, with a question wherever the file does not say."""
    first = block.items[0][1]
    turned = block.listed is None and first.role not in ("text", "date")
    return {
        "slug": block.slug,
        "version": "1.0",
        "construct": block.key,
        "languages": [LANGUAGE],
        "licence": QUESTION,
        "citation": QUESTION,
        "wording_note": QUESTION,
        "title": {LANGUAGE: QUESTION},
        "instruction": {LANGUAGE: QUESTION},
        "orientation": {LANGUAGE: QUESTION},
        **({"reverse_keyed": [QUESTION]} if turned else {}),
        "response_scales": [{"key": "answers", **_scale(block)}],
        "items": [
            {"key": key, "response_scale": "answers", "text": {LANGUAGE: said or QUESTION}}
            for key, said in _sentences(block)
        ],
    }


def _sentences(block: DraftBlock) -> Iterator[tuple[str, str]]:
    if block.listed:
        yield block.items[0][0], block.listed.sentence
    else:
        yield from ((key, one.sentence) for key, one in block.items)


def _scale(block: DraftBlock) -> dict[str, Any]:
    """How the items of an instrument are answered, as far as their columns tell."""
    items = [one for _key, one in block.items]
    if block.listed:
        labels = [label or QUESTION for _name, label in block.listed.options]
        options = [
            {"key": key, "label": {LANGUAGE: label}}
            for key, label in zip(block.options, labels, strict=True)
        ]
        return {"kind": block.listed.kind, "options": options}
    if numbers := [one.numbers for one in items if one.numbers]:
        return proposed_scale(numbers)
    if items[0].role == "text":
        return proposed_text([cell for one in items for cell in one.cells])
    if items[0].role == "date":
        return proposed_date()
    return _options(items[0])


def _options(first: DraftColumn) -> dict[str, Any]:
    values = first.values or range(1, len(first.codes) + 1)
    return {
        "options": [
            {"value": value, "label": {LANGUAGE: (first.values and label) or QUESTION}}
            for value, (_code, label) in zip(values, first.codes, strict=True)
        ]
    }


def column_of_list(block: DraftBlock, name: str) -> dict[str, Any]:
    """What the mapping says of a column that holds the answer to such a question, or a part."""
    listed = block.listed
    assert listed is not None
    place, column = next((n, one) for n, one in enumerate(listed.columns) if one.name == name)
    named = [
        (code, key)
        for (code, label), key in zip(listed.options, block.options, strict=True)
        if not label
    ]
    if listed.by_rank:
        return {"rank": place + 1, **({"values": dict(named)} if named else {})}
    missing = {code: QUESTION for code in column.cells if code in listed.apart}
    asked = {"missing": missing} if missing else {}
    if listed.separator:
        return {"separator": listed.separator, **asked}
    values = {code: value for code, value in listed.values.items() if code in column.cells}
    return {"option": block.options[place], **({"values": values} if values else {}), **asked}


def _key(name: str) -> str:
    """A name fit for a key: lower case, words joined by underscores."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:30].rstrip("_")
    return key if KEY.fullmatch(key) else f"q_{key}".rstrip("_")


def slug_of(name: str) -> str:
    """The name of a study that is called after its file."""
    words = _key(name.partition(".")[0]).replace("_", "-")
    return words if SLUG.fullmatch(words) else "study"


def _unused(key: str, taken: set[str]) -> str:
    """The key, with a number where it is taken."""
    found, number = key, 2
    while found in taken:
        found, number = f"{key}_{number}", number + 1
    taken.add(found)
    return found
