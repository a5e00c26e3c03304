"""Types of plain values as JSON schemas, each named type a component of its own."""

import inspect
from typing import Any

from drf_spectacular.plumbing import ResolvedComponent
from pydantic import TypeAdapter

REF = "#/components/schemas/{model}"


def schema_of_type(shape: Any, registry: Any) -> dict[str, Any]:
    """The JSON schema of a type; what it is made of is put into the registry."""
    schema = TypeAdapter(shape).json_schema(mode="serialization", ref_template=REF)
    for name, part in schema.pop("$defs", {}).items():
        _register(registry, name, part)
    if not (isinstance(shape, type) and schema.get("type") == "object" and "properties" in schema):
        return dict(schema)
    _register(registry, shape.__name__, schema)
    return {"$ref": REF.format(model=shape.__name__)}


def _register(registry: Any, name: str, schema: dict[str, Any]) -> None:
    for part in schema.get("properties", {}).values():
        part.pop("title", None)
    schema.pop("title", None)
    if text := schema.get("description"):
        schema["description"] = inspect.cleandoc(text)
    kind = ResolvedComponent.SCHEMA
    component = ResolvedComponent(name, kind, schema=schema, object=name)  # type: ignore[no-untyped-call]
    registry.register_on_missing(component)
