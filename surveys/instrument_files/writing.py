"""Write instruments and studies as the tables of a file, and tables as TOML. Pure.

What is written reads back to the same definition:

    parse_study(to_toml(study_values(study))) == study
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from surveys.instrument_files.definitions import (
    AttentionCheckDefinition,
    BlockDefinition,
    ConsentDefinition,
    DemographicField,
    InstrumentDefinition,
    ItemDefinition,
    MediumDefinition,
    ResponseScaleDefinition,
    StudyDefinition,
)
from surveys.instrument_files.flows import flow_values
from surveys.questions import Choice

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
Values = dict[str, Any]


def study_values(study: StudyDefinition) -> Values:
    """Return a study as the tables of its file; what is not written yet is left out."""
    return {
        "slug": study.slug,
        "version": study.version,
        "languages": list(study.languages),
        "title": dict(study.title),
        **_if_any(
            consent=_consent(study.consent),
            blocks=[_block(one) for one in study.blocks],
            attention_checks=[_check(one) for one in study.attention_checks],
            demographics=[_demographic(one) for one in study.demographics],
            **flow_values(study.flow),
            settings=dict(study.settings),
            facts=dict(study.facts),
        ),
    }


def _consent(consent: ConsentDefinition) -> Values:
    said = {} if consent.sharing is None else {"sharing": consent.sharing}
    words = _if_any(
        version=consent.version,
        contact=consent.contact,
        information=dict(consent.information),
        statement=dict(consent.statement),
    )
    return {**words, **said}


def instrument_values(instrument: InstrumentDefinition) -> Values:
    """Return an instrument as the tables of its file."""
    return {
        "slug": instrument.slug,
        "version": instrument.version,
        "construct": instrument.construct,
        "languages": list(instrument.languages),
        "licence": instrument.licence,
        "citation": instrument.citation,
        "wording_note": instrument.wording_note,
        **_if_any(reverse_keyed=[one.key for one in instrument.items if one.reverse_keyed]),
        "title": dict(instrument.title),
        "instruction": dict(instrument.instruction),
        "orientation": dict(instrument.orientation),
        "response_scales": [_scale(one) for one in instrument.response_scales],
        **_if_any(facets=[{"key": f.key, "label": dict(f.label)} for f in instrument.facets]),
        "items": [_item(one) for one in instrument.items],
    }


def to_toml(values: Mapping[str, Any]) -> str:
    """Return tables as TOML, in the order in which they are given."""
    return "\n".join(_lines(values)).strip() + "\n"


def _block(block: BlockDefinition) -> Values:
    return {
        "key": block.key,
        "instrument": block.instrument,
        "version": block.version,
        "items_per_page": block.items_per_page,
        "shuffle": block.shuffle,
    }


def _check(check: AttentionCheckDefinition) -> Values:
    return {
        "key": check.key,
        "kind": check.kind,
        "block": check.block,
        "after": check.after,
        "response_scale": check.response_scale,
        "expected": list(check.expected),
        "text": dict(check.text),
    }


def _demographic(field: DemographicField) -> Values:
    options = [{"value": value, "label": dict(label)} for value, label in field.options]
    bounds = {"minimum": field.minimum, "maximum": field.maximum}
    return {
        "key": field.key,
        "kind": field.kind,
        "label": dict(field.label),
        **{name: bound for name, bound in bounds.items() if bound is not None},
        **_if_any(required=field.required, options=options),
    }


def _scale(scale: ResponseScaleDefinition) -> Values:
    kind, values = scale.format.kind, scale.format.values()
    if isinstance(scale.format, Choice):
        options = [{"value": one.value, "label": dict(one.label)} for one in scale.options]
        return {"key": scale.key, **values, "options": options}
    return {"key": scale.key, "kind": kind, **values}


def _item(item: ItemDefinition) -> Values:
    return {
        "key": item.key,
        **_if_any(facet=item.facet),
        "response_scale": item.response_scale,
        **({} if item.need == "asked" else {"need": item.need}),
        "text": dict(item.text),
        **_if_any(media=[_medium(one) for one in item.media]),
    }


def _medium(medium: MediumDefinition) -> Values:
    return {
        "file": medium.file,
        "sha256": medium.sha256,
        "type": medium.type,
        **_if_any(
            width=medium.width,
            height=medium.height,
            captions=medium.captions,
            captions_sha256=medium.captions_sha256,
            languages=list(medium.languages),
        ),
        "alt": dict(medium.alt),
    }


def _if_any(**values: Any) -> Values:
    return {key: value for key, value in values.items() if value}


def _lines(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """Single values first: what follows a header belongs to its table."""
    tables = {key: one for key, one in values.items() if isinstance(one, Mapping)}
    lists = {key: one for key, one in values.items() if _is_tables(one)}
    for key, value in values.items():
        if key not in tables and key not in lists:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in tables.items():
        yield f"\n[{_dotted(*path, key)}]"
        yield from _lines(value, (*path, key))
    for key, rows in lists.items():
        for row in rows:
            yield f"\n[[{_dotted(*path, key)}]]"
            yield from _row(row)


def _row(row: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """The lines of one table of a list: tables in it as dotted keys, lists of tables in place."""
    for key, value in row.items():
        if isinstance(value, Mapping) and value:
            yield from _row(value, (*path, key))
        elif _is_tables(value):
            yield f"{_dotted(*path, key)} = ["
            yield from (f"  {_inline(part)}," for part in value)
            yield "]"
        else:
            yield f"{_dotted(*path, key)} = {_value(value)}"


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _long(value) if "\n" in value else _basic(value)
    return _inline(value)


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_inline(one)}' for key, one in value.items())} }}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(_inline(one) for one in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _basic(value) if isinstance(value, str) else str(value)


def _basic(text: str) -> str:
    # The escapes of JSON are among those of TOML; only DEL has to be escaped in one and not both.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _long(text: str) -> str:
    lines = (_basic(line)[1:-1] for line in text.split("\n"))
    return '"""\n' + "\n".join(line.replace('\\"', '"') for line in _guarded(lines)) + '"""'


def _guarded(lines: Iterator[str]) -> Iterator[str]:
    """Keep quotation marks as they are, but where they could end the text."""
    for line in lines:
        risky = '\\"\\"\\"' in line or line.endswith('\\"')
        yield line.replace('\\"', "\\u0022") if risky else line


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else _basic(key)


def _dotted(*keys: str) -> str:
    return ".".join(map(_key, keys))
