"""The REST door of a study's waves."""

from datetime import datetime
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from surveys.api.description.told import Answer
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


class WaveRow(TypedDict):
    """A wave, and how many people began and completed it."""

    number: int
    opens_at: datetime | None
    closes_at: datetime | None
    began: int
    completed: int


class Waves(TypedDict):
    """All waves of a study, in their order."""

    waves: list[WaveRow]


class WaveActions(viewsets.GenericViewSet[Study]):
    """`/api/studies/<slug>/waves/`; the view set that this is part of reads the studies."""

    takes: ClassVar[dict[str, Any]] = {"waves": WavesSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "waves.get": Waves,
        "waves.put": Answer(Waves, called="set_waves_of_study"),
    }

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


def _as_json(number: int, wave: WaveDraft, counts: dict[int, tuple[int, int]]) -> WaveRow:
    began, completed = counts.get(number, (0, 0))
    return {
        "number": number,
        "opens_at": wave.opens_at,
        "closes_at": wave.closes_at,
        "began": began,
        "completed": completed,
    }
