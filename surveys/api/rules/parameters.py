"""What may stand behind the question mark of an address."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from surveys.codes import Problem, advice
from surveys.instrument_files.errors import FileMistake

if TYPE_CHECKING:
    # The views read the settings, which name the classes of this module.
    from rest_framework.views import APIView

PAGED = ("limit", "after")
# Renderings of one and the same answer.
EVERYWHERE = ("format",)


class KnownParameters(BasePermission):
    """Refuses a parameter that the address does not know: a typing error would else be a filter
    that filters nothing.

    A view says what it knows by ``parameters``, for each of its actions; lists are paged besides.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """True, or 400 with every parameter that is unknown and the nearest known one."""
        known = known_parameters(view)
        unknown = [name for name in request.query_params if name not in known]
        if unknown:
            raise ValidationError({name: [_refused(name, known)] for name in unknown})
        return True


def known_parameters(view: "APIView") -> tuple[str, ...]:
    """The parameters that an address knows."""
    action = getattr(view, "action", None)
    paged = PAGED if action == "list" and getattr(view, "paginator", None) else ()
    return (*getattr(view, "parameters", {}).get(action, ()), *paged, *EVERYWHERE)


def _refused(name: str, known: tuple[str, ...]) -> ErrorDetail:
    problem = Problem(name, FileMistake.UNKNOWN_KEY, {"advice": advice(name, known)})
    return ErrorDetail(problem.said(gettext), code="unknown_parameter")
