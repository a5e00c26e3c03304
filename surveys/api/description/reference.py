"""The description of REST as a person reads it: by resource, with examples to copy."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

JSON = "application/json"
_SITE = "https://counterpart.example.org"


@dataclass(frozen=True, slots=True)
class Row:
    """One name with its type: a parameter, or a part of what is sent or answered."""

    name: str
    type: str
    shape: str
    required: bool
    said: SafeString
    place: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A named type, and its parts."""

    name: str
    said: SafeString
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for."""

    name: str
    method: str
    path: str
    summary: SafeString
    said: SafeString
    scopes: tuple[str, ...]
    parameters: tuple[Row, ...]
    body: tuple[Row, ...]
    body_is_form: bool
    answers: tuple[tuple[str, str, str], ...]
    curl: str
    python: str
    r: str

    def mentions(self, words: str) -> bool:
        """Whether each of the words stands in what is shown first."""
        here = f"{self.name} {self.method} {self.path} {self.summary}".lower()
        return all(word in here for word in words.lower().split())


@dataclass(frozen=True, slots=True)
class Resource:
    """All that can be asked of one kind of thing."""

    name: str
    slug: str
    operations: tuple[Operation, ...]


class Reference:
    """A description (OpenAPI 3.1) as resources and shapes."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self._schemas = description["components"]["schemas"]
        self._paths = description["paths"]
        self.about = as_html(description["info"]["description"])

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """The resources in the order of their names."""
        by_tag: dict[str, list[Operation]] = {}
        for path, methods in self._paths.items():
            for method, operation in methods.items():
                made = self._operation(path, method, operation)
                by_tag.setdefault(operation["tags"][0], []).append(made)
        return tuple(Resource(tag, slugify(tag), tuple(of)) for tag, of in sorted(by_tag.items()))

    def resource(self, slug: str) -> Resource | None:
        """One of them; None where there is none of this name."""
        return next((one for one in self.resources if one.slug == slug), None)

    def shapes_of(self, resource: Resource) -> list[Shape]:
        """Every named type that its operations send or answer, with those within them."""
        names: set[str] = set()
        for operation in resource.operations:
            whole = json.dumps(self._paths[operation.path][operation.method.lower()])
            self._collect(whole, names)
        return [self._shape(name) for name in sorted(names - {"Refusal"})]

    def _collect(self, text: str, names: set[str]) -> None:
        for name in re.findall(r"#/components/schemas/([\w.-]+)", text):
            if name not in names:
                names.add(name)
                self._collect(json.dumps(self._schemas[name]), names)

    def _shape(self, name: str) -> Shape:
        schema = self._schemas[name]
        return Shape(name, as_html(schema.get("description", "")), tuple(self._rows(schema)))

    def _operation(self, path: str, method: str, operation: Mapping[str, Any]) -> Operation:
        content = operation.get("requestBody", {}).get("content", {})
        schema = next((one["schema"] for one in content.values()), None)
        known: list[dict[str, list[str]]] = operation["security"]
        scopes = next((one["token"] for one in known if "token" in one), [])
        sample = self._sample(schema) if schema and JSON in content else None
        return Operation(
            name=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=_inline(operation["summary"]),
            said=as_html(operation.get("description", "").rpartition("A token needs:")[0]),
            scopes=tuple(scopes),
            parameters=tuple(self._parameter(one) for one in operation.get("parameters", ())),
            body=tuple(self._rows(schema)) if schema else (),
            body_is_form=bool(content) and JSON not in content,
            answers=tuple(self._answers(operation["responses"])),
            curl=_curl(path, method.upper(), sample, [*self._files(content)]),
            python=_python(path, method.upper(), sample),
            r=_r(path, method.upper(), sample),
        )

    def _parameter(self, one: Mapping[str, Any]) -> Row:
        said, required = _inline(one["description"]), one.get("required", False)
        return Row(one["name"], self._type(one["schema"]), "", required, said, one["in"])

    def _answers(self, responses: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        for code, answer in responses.items():
            if "$ref" not in answer:
                content = answer.get("content", {})
                media = next(iter(content), "")
                schema = content[media]["schema"] if media else {}
                shape = self._type(schema) if media == JSON else media
                yield code, shape, _name_in(schema)

    def _rows(self, schema: Mapping[str, Any]) -> Iterator[Row]:
        schema = self._resolved(schema)
        required = schema.get("required", ())
        for name, part in schema.get("properties", {}).items():
            said = _inline(part.get("description", ""))
            yield Row(name, self._type(part), _name_in(part), name in required, said)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        name = schema.get("$ref", "").rpartition("/")[2]
        return self._schemas[name] if name else schema

    def _type(self, schema: Mapping[str, Any]) -> str:
        """In a few words: what it is, or one of what."""
        if "$ref" in schema:
            return str(schema["$ref"].rpartition("/")[2])
        if "enum" in schema or "const" in schema:
            values = schema.get("enum", [schema.get("const")])
            return " | ".join(json.dumps(one, ensure_ascii=False) for one in values)
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return " | ".join(self._type(one) for one in schema[several])
        kind = schema.get("type", "any")
        if isinstance(kind, list):
            return " | ".join(self._type({**schema, "type": one}) for one in kind)
        if kind == "array":
            return f"list of {self._type(schema.get('items', {}))}"
        if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
            inside = self._type(schema["additionalProperties"])
            return "object" if inside == "any" else f"object of {inside}"
        return str(schema.get("format", kind) if kind == "string" else kind)

    def _sample(self, schema: Mapping[str, Any]) -> Any:
        """A small value of this type: what has to be there, or else the first that may."""
        schema = self._resolved(schema)
        parts = schema.get("properties", {})
        if parts:
            names = schema.get("required") or list(parts)[:1]
            return {name: self._sample(parts[name]) for name in names if name in parts}
        if "default" in schema:
            return schema["default"]
        if "enum" in schema:
            return schema["enum"][0]
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return self._sample(schema[several][0])
        kind = schema.get("type", "string")
        samples: dict[str, Any] = {"integer": 1, "number": 1.0, "boolean": True, "object": {}}
        if kind == "array":
            return [self._sample(schema.get("items", {}))]
        return samples.get(kind if isinstance(kind, str) else kind[0], "…")

    def _files(self, content: Mapping[str, Any]) -> Iterator[str]:
        for media, one in content.items():
            if media != JSON:
                parts = self._resolved(one["schema"])
                yield from parts.get("required", ())


def _name_in(schema: Mapping[str, Any]) -> str:
    found = re.search(r"#/components/schemas/([\w.-]+)", json.dumps(schema))
    return found.group(1) if found else ""


def _curl(path: str, method: str, sample: Any, parts: list[str]) -> str:
    lines = [f'curl -H "Authorization: Bearer $TOKEN" {_SITE}{path}']
    if method != "GET":
        lines.append(f"-X {method}")
    lines += [f"-F {part}=@{part}" for part in parts]
    if sample is not None:
        body = json.dumps(sample, ensure_ascii=False)
        lines += [f"-H 'Content-Type: {JSON}'", f"-d {shlex.quote(body)}"]
    return " \\\n  ".join(lines)


def _python(path: str, method: str, sample: Any) -> str:
    beside = f", {sample!r}" if sample is not None else ""
    return f'client.{method.lower()}("{path.removeprefix("/api/")}"{beside})'


def _r(path: str, method: str, sample: Any) -> str:
    verb = f'"{method}", ' if method != "GET" else ""
    name = "counterpart_send" if method != "GET" else "counterpart_get"
    beside = f", {_r_value(sample)}" if sample is not None else ""
    return f'{name}({verb}"{path.removeprefix("/api/")}"{beside})'


def _r_value(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"`{name}` = {_r_value(one)}" for name, one in value.items())
        return f"list({inside})"
    if isinstance(value, list):
        return f"list({', '.join(_r_value(one) for one in value)})"
    return (
        {True: "TRUE", False: "FALSE", None: "NULL"}.get(value, json.dumps(value))
        if (value is None or isinstance(value, bool))
        else json.dumps(value, ensure_ascii=False)
    )


def as_html(text: str) -> SafeString:
    """Paragraphs, lists and code of the little Markdown that descriptions are written in."""
    made = []
    for part in re.split(r"\n\s*\n", text.strip()):
        lines = part.splitlines()
        if lines and lines[0].startswith("- "):
            items = re.split(r"(?:^|\n)- ", part)[1:]
            made.append("<ul>" + "".join(f"<li>{_inline(one)}</li>" for one in items) + "</ul>")
        elif part:
            made.append(f"<p>{_inline(part)}</p>")
    return mark_safe("\n".join(made))  # noqa: S308 - every text was escaped


def _inline(text: str) -> SafeString:
    said = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text)))
    said = re.sub(r"\*([^*\n]+(?:\n[^*\n]+)?)\*", r"<em>\1</em>", said)
    return mark_safe(said)  # noqa: S308 - it was escaped
