"""The REST interface: one router for all apps, one shape for every error."""

from typing import Any

from django.urls import include, path
from rest_framework import status
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter
from rest_framework.views import exception_handler as drf_exception_handler

from surveys.errors import CounterpartError

router = DefaultRouter()

urlpatterns = [path("", include(router.urls))]


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """A use case that said no answers 409 with its code and its sentence."""
    if isinstance(exc, CounterpartError):
        body = {"code": exc.code, "detail": exc.message, "errors": exc.details}
        return Response(body, status=status.HTTP_409_CONFLICT)
    return drf_exception_handler(exc, context)
