"""How much of a list is sent at once, and where its next piece begins."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

if TYPE_CHECKING:
    # The views read the settings, which name the class of this module.
    from rest_framework.views import APIView

# The largest number of a row in any database.
LARGEST_ID = 2**63 - 1


class Pages(BasePagination):
    """``?limit=`` rows behind the row that ``?after=`` names.

    A page is found by the number of the row before it, not by counting: rows that come in meanwhile
    move nothing, and the last page costs what the first does. Nobody is told how many there are.
    Whoever asks for more than a thousand rows gets a thousand.
    """

    default_limit = 100
    max_limit = 1000

    def paginate_queryset(
        self,
        queryset: QuerySet[Any],
        request: Request,
        view: "APIView | None" = None,  # noqa: ARG002 - DRF's signature
    ) -> list[Any]:
        """The rows of the page. 400 for a limit or a row that is no number."""
        limit = min(_number(request, "limit", 1) or self.default_limit, self.max_limit)
        after = _number(request, "after", 0)
        latest_first = queryset.query.order_by[-1:] == ("-pk",)
        rows = queryset.order_by("-pk" if latest_first else "pk")
        if after is not None:
            rows = rows.filter(**{"pk__lt" if latest_first else "pk__gt": after})
        found: list[Model] = list(rows[: limit + 1])
        self._next = None
        if len(found) > limit:
            address = request.build_absolute_uri()
            self._next = replace_query_param(address, "after", found[limit - 1].pk)
        return found[:limit]

    def get_paginated_response(self, data: Any) -> Response:
        """The page, and the address of the next one; null where there is none."""
        return Response({"next": self._next, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The same for the description of this interface."""
        following = {
            "type": ["string", "null"],
            "format": "uri",
            "description": "The address of the next page; null where this is the last.",
        }
        rows = {"type": "array", "items": schema}
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": following, "results": rows},
        }

    def get_schema_operation_parameters(self, view: Any) -> Sequence[dict[str, Any]]:  # type: ignore[override] # noqa: ARG002
        """What an address of a list takes besides."""
        said = {
            "limit": "How many rows at most: 100 without it, never more than 1000.",
            "after": "The `id` of the last row of the page before, as `next` has it.",
        }
        wanted = {"type": "integer", "minimum": 0}
        return [
            {"name": name, "in": "query", "description": text, "schema": wanted}
            for name, text in said.items()
        ]


def _number(request: Request, name: str, least: int) -> int | None:
    given = request.query_params.get(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and least <= int(given[:20]) <= LARGEST_ID):
        raise ValidationError({name: [f"Send a whole number of at least {least}."]})
    return int(given)
