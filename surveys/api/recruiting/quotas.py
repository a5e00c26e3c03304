"""The REST door of a study's quotas: how they stand, and how many people are wanted."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from surveys.api.description.told import Answer
from surveys.api.recruiting.refusals import refusal
from surveys.instrument_files.flows.quotas import QuotaPlan
from surveys.models import Study
from surveys.roles import Act
from surveys.selectors import studies_for
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor
from surveys.services.people.quotas import (
    QuotaState,
    quota_states,
    set_quotas,
)
from surveys.services.people.refusing import ArrangementRefused


class QuotaRow(TypedDict):
    """A quota, who has a place in it, and how many found it full."""

    label: str
    most: int
    when: str
    link: int | None
    taken: int
    turned_away: int
    completed: int


class Quotas(TypedDict):
    """All quotas of a study."""

    quotas: list[QuotaRow]


class QuotaActions(viewsets.GenericViewSet[Study]):
    """`/api/studies/<slug>/quotas/`; the view set that this is part of reads the studies."""

    takes: ClassVar[dict[str, Any]] = {"quotas": QuotaPlan}
    answers: ClassVar[dict[str, Any]] = {
        "quotas.get": Quotas,
        "quotas.put": Answer(Quotas, called="set_quotas_of_study"),
    }

    @action(detail=True, methods=("get", "put"))
    def quotas(self, request: Request, slug: str) -> Response:
        """The quotas with their places; PUT replaces them all, 409 with all that is wrong."""
        study = get_object_or_404(studies_for(request.user), slug=slug)
        if request.method == "PUT":
            require_role(study.reader_role, Act.RECRUIT)
            if not isinstance(request.data, dict):
                raise ValidationError({"quotas": ["Send an object with a list of quotas."]})
            try:
                set_quotas(study=study, values=request.data, by=rest_actor(request.user))
            except ArrangementRefused as error:
                return refusal(error, "quotas")
        return Response({"quotas": [_as_json(one) for one in quota_states(study=study)]})


def _as_json(state: QuotaState) -> QuotaRow:
    quota = state.quota
    return {
        "label": quota.label,
        "most": quota.most,
        "when": quota.when,
        "link": quota.link_id,
        "taken": quota.taken,
        "turned_away": quota.turned_away,
        "completed": state.completed,
    }
