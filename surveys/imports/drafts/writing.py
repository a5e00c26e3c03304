"""A draft of a mapping as TOML: what was recognised, and a ``?`` wherever somebody must answer."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.imports.drafts.columns import (
    DraftColumn,
    draft_columns,
    instruments_of,
    looks_like_models,
)
from surveys.imports.drafts.recognising import Recognised, recognise
from surveys.imports.mapping import QUESTION
from surveys.instrument_files import to_toml
from surveys.instrument_files.toml_tables import KEY, SLUG

LANGUAGE = "en"
_ROLES = {"weight": "weight", "cluster": "cluster", "stratum": "stratum"}


@dataclass(frozen=True, slots=True)
class MappingDraft:
    """A draft: its text, what each column would become, and how much is asked in it."""

    text: str
    columns: tuple[DraftColumn, ...]
    items: Mapping[str, str]
    questions: int
    rows: int
    recognised: Recognised

    def aim_of(self, column: DraftColumn) -> str:
        """What a column would become."""
        return self.items.get(column.name) or (
            "left out" if column.role == "other" else column.role
        )


@dataclass(frozen=True, slots=True)
class _Block:
    key: str
    slug: str
    items: Sequence[tuple[str, DraftColumn]]


def draft_file(content: bytes, *, name: str, study: str = "") -> MappingDraft:
    """Draft the mapping of a file; the study is named after it. Raises `ImportFileError`."""
    return draft_of(recognise(content, name=name), slug=study or _slug(name))


def draft_of(recognised: Recognised, *, slug: str) -> MappingDraft:
    """Draft a mapping of people for a study of this name. What cannot be known is a question."""
    columns = draft_columns(recognised)
    blocks = list(_blocks(columns, slug))
    items = {one.name: f"{b.key}.{key}" for b in blocks for key, one in b.items}
    head = to_toml({**_head(recognised, columns), "study": _study(slug, blocks)})
    tail = to_toml({"instruments": [_instrument(block) for block in blocks]}) if blocks else ""
    text = "\n".join([_OPENING, head, tail, *_columns(columns, items)]).rstrip() + "\n"
    questions = text.count(f'"{QUESTION}"')
    return MappingDraft(text, columns, items, questions, len(recognised.data.rows), recognised)


_OPENING = """\
# A draft, made from the data file alone. Where a ? stands between quotation marks, nobody can know
# the answer from the file: put it there, or remove the line where there is none (an instrument
# without reversed items). Nothing is imported before that. docs/imports.md explains every key.
"""


def _head(recognised: Recognised, columns: Sequence[DraftColumn]) -> dict[str, Any]:
    layout = recognised.layout
    data: dict[str, Any] = {"respondents": QUESTION if looks_like_models(columns) else "people"}
    if found := next((one.name for one in columns if one.role == "id"), ""):
        data["id_column"] = found
    usual = {
        "format": "csv",
        "delimiter": ",",
        "encoding": "utf-8",
        "decimal": ".",
        "header_rows": 1,
    }
    data |= {name: getattr(layout, name) for name in usual if getattr(layout, name) != usual[name]}
    return {"source": {"citation": QUESTION, "licence": QUESTION}, "data": data}


def _study(slug: str, blocks: Sequence[_Block]) -> dict[str, Any]:
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


def _blocks(columns: Sequence[DraftColumn], slug: str) -> Iterator[_Block]:
    taken: set[str] = set()
    for stem, found in instruments_of(columns):
        key = _unused(_key(stem), taken)
        own: set[str] = set()
        items = [(_unused(_key(one.name), own), one) for one in found]
        yield _Block(key, f"{slug}-{key.replace('_', '-')}".rstrip("-"), items)


def _instrument(block: _Block) -> dict[str, Any]:
    first = block.items[0][1]
    values = first.values or range(1, len(first.codes) + 1)
    options = [
        {"value": value, "label": {LANGUAGE: (first.values and label) or QUESTION}}
        for value, (_code, label) in zip(values, first.codes, strict=True)
    ]
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
        "reverse_keyed": [QUESTION],
        "response_scales": [{"key": "answers", "options": options}],
        "items": [
            {"key": key, "response_scale": "answers", "text": {LANGUAGE: one.text or QUESTION}}
            for key, one in block.items
        ],
    }


def _columns(columns: Sequence[DraftColumn], items: Mapping[str, str]) -> Iterator[str]:
    for column in columns:
        yield f"# {_told(column)}"
        if column.name in items:
            yield to_toml({"columns": [_item(column, items[column.name])]})
        elif column.role in _ROLES:
            entry = {"name": column.name, "sampling": _ROLES[column.role]}
            yield to_toml({"columns": [entry]})
        else:
            said = "the id, see [data]" if column.role == "id" else "left out"
            asked = "; a demographic question of [study] could take it"
            yield f"# {said}{asked if column.role == 'demographic' else ''}\n"


def _told(column: DraftColumn) -> str:
    """Name, words, counts and examples, in one line."""
    shown = "  ".join(f"{cell[:40]}: {count}" for cell, count in column.examples)
    line = f"{column.name}  {column.text[:120]}  {column.filled} filled  {shown}"
    return " ".join(line.split())


def _item(column: DraftColumn, ref: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column.name, "item": ref}
    if not column.values:
        entry["values"] = {code: QUESTION for code, _label in column.codes}
    if column.apart:
        entry["missing"] = {code: QUESTION for code, _label in column.apart}
    return entry


def _key(name: str) -> str:
    """A name fit for a key: lower case, words joined by underscores."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:30].rstrip("_")
    return key if KEY.fullmatch(key) else f"q_{key}".rstrip("_")


def _slug(name: str) -> str:
    words = _key(name.partition(".")[0]).replace("_", "-")
    return words if SLUG.fullmatch(words) else "study"


def _unused(key: str, taken: set[str]) -> str:
    """The key, with a number where it is taken."""
    found, number = key, 2
    while found in taken:
        found, number = f"{key}_{number}", number + 1
    taken.add(found)
    return found
