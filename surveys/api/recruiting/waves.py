"""The REST door of a study's waves."""

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api.recruiting.refusals import refusal
from surveys.models import Study
from surveys.roles import Act
from surveys.selectors import studies_for
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor
from surveys.services.inviting.waves import WaveDraft, set_waves, wave_counts, waves_of
from surveys.services.people.refusing import ArrangementRefused


class WaveSerializer(serializers.Serializer[Any]):
    """When people can begin a wave."""

    opens_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    closes_at = serializers.DateTimeField(required=False, default=None, allow_null=True)


class WavesSerializer(serializers.Serializer[Any]):
    """All waves of a study, in their order."""

    waves = WaveSerializer(many=True)


class WaveActions(viewsets.GenericViewSet[Study]):
    """`/api/studies/<slug>/waves/`; the view set that this is part of reads the studies."""

    @action(detail=True, methods=("get", "put"))
    def waves(self, request: Request, slug: str) -> Response:
        """The waves with who came; PUT replaces them all, 409 with everything that is wrong."""
        study = get_object_or_404(studies_for(request.user), slug=slug)
        if request.method == "PUT":
            require_role(study.reader_role, Act.RECRUIT)
            given = WavesSerializer(data=request.data)
            given.is_valid(raise_exception=True)
            drafts = [WaveDraft(**one) for one in given.validated_data["waves"]]
            try:
                set_waves(study=study, waves=drafts, by=rest_actor(request.user))
            except ArrangementRefused as error:
                return refusal(error, "waves")
        counts = wave_counts(study=study)
        return Response({"waves": [_as_json(*one, counts) for one in _numbered(study)]})


def _numbered(study: Study) -> list[tuple[int, WaveDraft]]:
    return list(enumerate(waves_of(study=study), start=1))


def _as_json(number: int, wave: WaveDraft, counts: dict[int, tuple[int, int]]) -> dict[str, Any]:
    began, completed = counts.get(number, (0, 0))
    times = {"opens_at": wave.opens_at, "closes_at": wave.closes_at}
    return {"number": number, **times, "began": began, "completed": completed}
