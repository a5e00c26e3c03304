"""The REST door of rehearsals: simulated people who answer a study through its pages."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api.description.told import begun
from surveys.api.jobs import JobSerializer
from surveys.models import Study
from surveys.selectors import studies_for
from surveys.services.audit import rest_actor
from surveys.services.rehearsal import MOST_PEOPLE, start_rehearsal
from surveys.simulation import PROFILES


class RehearsalSerializer(serializers.Serializer[Any]):
    """How many simulated people there are to be in all, and with which known traits."""

    people = serializers.IntegerField(min_value=1, max_value=MOST_PEOPLE)
    profile = serializers.ChoiceField(choices=sorted(PROFILES), default="people")
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=1)


class RehearsalActions(viewsets.GenericViewSet[Study]):
    """`/api/studies/<slug>/rehearsals/`; the view set that this is part of reads the studies."""

    takes: ClassVar[dict[str, Any]] = {"rehearsals": RehearsalSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "rehearsals": begun(JobSerializer, "start_rehearsal_of_study"),
    }

    @action(detail=True, methods=("post",))
    def rehearsals(self, request: Request, slug: str) -> Response:
        """Let simulated people answer through the pages (202, a job); 409 unless it is open.

        They are marked as simulated wherever they are shown. Who has finished is left alone.
        """
        study = get_object_or_404(studies_for(request.user), slug=slug)
        given = RehearsalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        job = start_rehearsal(study=study, by=rest_actor(request.user), **given.validated_data)
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
