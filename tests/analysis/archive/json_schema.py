"""The part of JSON Schema that the results' schema uses, enough to find what does not fit."""

from collections.abc import Iterator, Mapping
from typing import Any

TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "null": type(None),
    "array": list,
    "object": dict,
    "boolean": bool,
}


def violations(
    value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], at: str = "$"
) -> Iterator[str]:
    if "$ref" in schema:
        yield from violations(value, root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root, at)
    elif "anyOf" in schema:
        if all(list(violations(value, option, root, at)) for option in schema["anyOf"]):
            yield f"{at}: {value!r} fits none of the options"
    elif "enum" in schema:
        if value not in schema["enum"]:
            yield f"{at}: {value!r} is not one of {schema['enum']}"
    elif not _is_a(value, schema["type"]):
        yield f"{at}: {value!r} is not {schema['type']}"
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from violations(part, schema["items"], root, f"{at}[{number}]")
    elif isinstance(value, dict):
        yield from _in_object(value, schema, root, at)


def _is_a(value: Any, types: str | list[str]) -> bool:
    names = [types] if isinstance(types, str) else types
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, TYPES[name]) for name in names)


def _in_object(value, schema, root, at) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (
        f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value
    )
    for name, part in value.items():
        inner = known.get(name, schema.get("additionalProperties", False))
        if inner is False:
            yield f"{at}: {name} is not described"
        else:
            yield from violations(part, inner, root, f"{at}.{name}")
