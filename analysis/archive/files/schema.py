"""The JSON Schema of results.json, read off the annotations that the results are written by."""

import dataclasses
import inspect
import types
import typing
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from analysis.archive.content import RunFacts
from analysis.compare.results import Comparison
from analysis.runs.datasheet import (
    AnswerDistribution,
    Correlations,
    Delivery,
    DemographicRow,
    ItemMissing,
    MissingPattern,
    ModelFlow,
    PeopleFlow,
    SetAside,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FORMAT = "counterpart-results"
VERSION = 1
PRIMITIVES: Mapping[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Results:
    """The whole of results.json.

    ``run`` says what was carried out on which data, ``comparison`` what it found; the rest
    describes the data that were analysed, group by group.
    """

    format: Literal["counterpart-results"]
    version: Literal[1]
    run: RunFacts
    comparison: Comparison
    people_flow: tuple[PeopleFlow, ...]
    model_flow: tuple[ModelFlow, ...]
    missing: tuple[ItemMissing, ...]
    missing_patterns: tuple[MissingPattern, ...]
    distributions: tuple[AnswerDistribution, ...]
    correlations: tuple[Correlations, ...]
    demographics: tuple[DemographicRow, ...]
    deliveries: tuple[Delivery, ...]
    set_aside: tuple[SetAside, ...]


def results_schema() -> dict[str, Any]:
    """The schema as plain JSON: one definition per type, every field required."""
    definitions: dict[str, Any] = {}
    root = _schema(Results, definitions)
    return {"$schema": DIALECT, "title": FORMAT, **root, "$defs": dict(sorted(definitions.items()))}


def schema_page() -> str:
    """The schema as Markdown: a table of fields for each type, the whole first."""
    definitions = results_schema()["$defs"]
    order = ["Results", *(name for name in definitions if name != "Results")]
    return "\n".join(line for name in order for line in _section(name, definitions[name]))


def _section(name: str, definition: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"### {name}", "", definition["description"], "")
    if "enum" in definition:
        yield from ("One of " + ", ".join(f"`{value}`" for value in definition["enum"]) + ".", "")
        return
    yield from ("| field | type |", "|---|---|")
    for field, schema in definition["properties"].items():
        yield f"| `{field}` | {_in_words(schema)} |"
    yield ""


def _in_words(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_in_words(option) for option in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if isinstance(schema["type"], list):
        return " or ".join(schema["type"])
    if schema["type"] == "array":
        return f"array of {_in_words(schema['items'])}"
    if schema["type"] == "object":
        return f"object of {_in_words(schema['additionalProperties'])}"
    return str(schema["type"])


def _schema(hint: Any, definitions: MutableMapping[str, Any]) -> dict[str, Any]:
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return {"enum": list(parts)}
    if origin in (typing.Union, types.UnionType):
        return _union(parts, definitions)
    if origin is tuple:
        return {"type": "array", "items": _schema(parts[0], definitions)}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(parts[1], definitions)}
    if hint in PRIMITIVES:
        return {"type": PRIMITIVES[hint]}
    return _named(hint, definitions)


def _union(options: tuple[Any, ...], definitions: MutableMapping[str, Any]) -> dict[str, Any]:
    if all(option in PRIMITIVES for option in options):
        return {"type": [PRIMITIVES[option] for option in options]}
    return {"anyOf": [_schema(option, definitions) for option in options]}


def _named(kind: Any, definitions: MutableMapping[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _definition(kind, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _definition(kind: Any, definitions: MutableMapping[str, Any]) -> dict[str, Any]:
    description = inspect.cleandoc(kind.__doc__ or "").replace("``", "`")
    if issubclass(kind, Enum):
        return {"description": description, "enum": [member.value for member in kind]}
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    return {
        "description": description,
        "type": "object",
        "properties": {name: _schema(hints[name], definitions) for name in names},
        "required": names,
        "additionalProperties": False,
    }
