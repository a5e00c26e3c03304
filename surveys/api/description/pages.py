"""The description of REST for programs, and the pages on which people read it."""

import hashlib
import json
from functools import cache
from threading import Lock
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.http import condition, require_safe

from surveys.api.description.reference import Reference

MEDIA = "application/vnd.oai.openapi+json"
# What puts it together loads its parts as it goes, and breaks where two threads do so at once.
_PUT_TOGETHER = Lock()


def description() -> dict[str, Any]:
    """What the views say of themselves; it changes with the program alone."""
    with _PUT_TOGETHER:
        return _description()


@cache
def _description() -> dict[str, Any]:
    from drf_spectacular.generators import SchemaGenerator

    with override("en"):
        found = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return dict(json.loads(json.dumps(found)))


@cache
def _text() -> bytes:
    return json.dumps(description(), ensure_ascii=False, indent=1).encode()


@cache
def _reference() -> Reference:
    return Reference(description())


def _etag(_request: HttpRequest, **_parts: Any) -> str:
    return f'"{hashlib.sha256(_text()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=_etag)
def schema(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The description as OpenAPI 3.1 (JSON)."""
    return HttpResponse(_text(), content_type=MEDIA)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """What REST can do, by resource; ``?q=`` finds words in addresses and summaries."""
    asked = request.GET.get("q", "").strip()
    found = [
        (one, [each for each in one.operations if each.mentions(asked)])
        for one in _reference().resources
    ]
    context = {
        "about": _reference().about,
        "asked": asked,
        "found": [(one, operations) for one, operations in found if operations],
    }
    return render(request, "rest/docs.html", context)


@require_safe
def resource(request: HttpRequest, name: str) -> HttpResponse:
    """Everything about one resource."""
    found = _reference().resource(name)
    if found is None:
        raise Http404
    context = {
        "resource": found,
        "resources": _reference().resources,
        "shapes": _reference().shapes_of(found),
    }
    return render(request, "rest/resource.html", context)
