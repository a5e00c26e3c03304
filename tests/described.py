"""Whatever REST answers in a test is what the description of REST says it answers."""

import json
import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from surveys.api.description.pages import description

ADDRESS = "urn:rest"


def require_described(response: Any) -> None:
    """Fail where the answer, or what was sent and taken, is not as it is described."""
    request = response.wsgi_request
    found = _operation(request.path, request.method.lower())
    if found is None:
        assert response.status_code in (400, 401, 403, 404, 405), f"{request.path} is not described"
        return
    place, operation = found
    told = operation["responses"].get(str(response.status_code))
    about = f"{request.method} {place}: {response.status_code}"
    if response.status_code in (304, 405, 415):
        return
    assert told is not None, f"{about} is not described: {response.content[:300]!r}"
    pointer = f"/paths/{_escaped(place)}/{request.method.lower()}"
    if "$ref" in told:
        pointer = "/components/schemas/Refusal"
        assert response["Content-Type"] == "application/json", (
            f"{about}: {response.content[:300]!r}"
        )
        _require(about, pointer, response.json())
        return
    told_media = told.get("content", {})
    media = response["Content-Type"].partition(";")[0] if told_media else ""
    assert not media or media in told_media or "application/octet-stream" in told_media, about
    if media == "application/json" and media in told_media:
        at = f"{pointer}/responses/{response.status_code}/content/{_escaped(media)}/schema"
        _require(about, at, response.json())
    sent = operation.get("requestBody", {}).get("content", {})
    is_json = "application/json" in sent and request.content_type == "application/json"
    if is_json and response.sent is not None:
        at = f"{pointer}/requestBody/content/{_escaped('application/json')}/schema"
        _require(f"{about}, as it was sent", at, json.loads(response.sent or b"{}"))


def _require(about: str, pointer: str, value: Any) -> None:
    problems = [
        f"{one.json_path}: {one.message[:300]}" for one in _validator(pointer).iter_errors(value)
    ]
    assert not problems, f"{about}\n" + "\n".join(problems[:5])


@cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator(
        {"$ref": f"{ADDRESS}#{pointer}"}, registry=_registry(), format_checker=FormatChecker()
    )


@cache
def _registry() -> Registry:
    resource = Resource.from_contents(_closed(description()), DRAFT202012)
    return Registry().with_resource(ADDRESS, resource)


def _closed(part: Any) -> Any:
    """The same where nothing may be in an object that is not described."""
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    made = {key: _closed(one) for key, one in part.items()}
    if made.get("type") == "object" and "properties" in made:
        made.setdefault("additionalProperties", False)
    return made


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Each address as a pattern; those with fewer names of rows in them come first."""
    paths = sorted(description()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", path) + r"\Z"), path) for path in paths]


def _operation(path: str, method: str) -> tuple[str, dict[str, Any]] | None:
    for pattern, place in _patterns():
        operation = description()["paths"][place].get(method)
        if operation is not None and pattern.match(path):
            return place, operation
    return None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
