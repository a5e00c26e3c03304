"""The REST interface: one router for all apps, one shape for every error."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import include, path
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.views import exception_handler as drf_exception_handler

import analysis.api.viewsets
import llm_respondents.api.viewsets
import surveys.api.viewsets
from llm_respondents.readout.sentences import refusal_sentence
from surveys.api.description import pages
from surveys.api.rules.repetition import AnsweredBefore, Repeatable, repeated_answer
from surveys.api.rules.unchanged import Unchanged
from surveys.errors import CounterpartError


class Router(DefaultRouter):
    """Registers each resource with what holds of all of them.

    A POST can be sent again, and a GET be answered that nothing changed.
    """

    def register(  # type: ignore[override]  # a name that DRF gave up
        self, prefix: str, viewset: Any, basename: str | None = None
    ) -> None:
        """Put a resource at its address."""
        about = {"__module__": viewset.__module__, "__doc__": viewset.__doc__}
        made = type(viewset.__name__, (Unchanged, Repeatable, viewset), about)
        super().register(prefix, made, basename)


router = Router()
surveys.api.viewsets.register(router)
llm_respondents.api.viewsets.register(router)
analysis.api.viewsets.register(router)

urlpatterns = [
    path("schema/", pages.schema, name="rest_schema"),
    path("docs/", pages.docs, name="rest_docs"),
    path("docs/<slug:name>/", pages.resource, name="rest_resource"),
    path("", include(router.urls)),
]


def exception_handler(exc: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Every error answers with a code for programs, a sentence for people, and details.

    A use case that said no is a conflict (409); what the framework refuses keeps its own status.
    """
    if isinstance(exc, AnsweredBefore):
        return repeated_answer(exc)
    if isinstance(exc, CounterpartError):
        body = {"code": exc.code, "detail": refusal_sentence(exc), "errors": exc.details}
        # Django's own word for it, which the apps' errors are where somebody's role is too little.
        forbidden = isinstance(exc, PermissionDenied)
        code = status.HTTP_403_FORBIDDEN if forbidden else status.HTTP_409_CONFLICT
        return Response(body, status=code)
    response = drf_exception_handler(exc, context)
    if response is not None:
        response.data = _error(exc, response)
    return response


def _error(exc: Exception, response: Response) -> dict[str, Any]:
    if isinstance(exc, ValidationError):
        detail = "Some fields cannot be used as they are; see errors."
        body = {"code": "invalid", "detail": detail, "errors": response.data}
        # Where a strict model refused: each mistake as data, beside its sentence by field.
        mistakes = getattr(exc, "mistakes", None)
        return body if mistakes is None else {**body, "mistakes": mistakes}
    if isinstance(exc, APIException):
        return {"code": exc.get_codes(), "detail": str(exc.detail), "errors": {}}
    # Http404 and PermissionDenied of Django itself.
    codes = {status.HTTP_404_NOT_FOUND: "not_found", status.HTTP_403_FORBIDDEN: "forbidden"}
    return {
        "code": codes[response.status_code],
        "detail": str(response.data["detail"]),
        "errors": {},
    }
