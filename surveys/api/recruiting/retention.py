"""The REST door of how long a study keeps ids and answers."""

from typing import Any, ClassVar, Literal

from django.shortcuts import get_object_or_404
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from surveys.api.description.told import Answer
from surveys.instrument_files.settings import MOST_DAYS_KEPT
from surveys.models import Study
from surveys.roles import Act
from surveys.selectors import studies_for
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor
from surveys.services.people.erasure import set_retention


class RetentionSerializer(serializers.Serializer[Any]):
    """How many days after a person's end ids are deleted, and whether their answers are."""

    days = serializers.IntegerField(allow_null=True, min_value=1, max_value=MOST_DAYS_KEPT)
    delete = serializers.ChoiceField(choices=["ids", "answers"], default="ids")
    hashes_kept = serializers.BooleanField(default=False)


class Retention(TypedDict):
    """How long a study keeps ids and answers; without days it keeps both."""

    days: int | None
    delete: Literal["ids", "answers"]
    hashes_kept: bool


class RetentionActions(viewsets.GenericViewSet[Study]):
    """`/api/studies/<slug>/retention/`; the view set that this is part of reads the studies."""

    takes: ClassVar[dict[str, Any]] = {"retention": RetentionSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "retention.get": Retention,
        "retention.put": Answer(Retention, called="set_retention_of_study"),
    }

    @action(detail=True, methods=("get", "put"))
    def retention(self, request: Request, slug: str) -> Response:
        """What is deleted, and how many days after a person's end; PUT sets it."""
        study = get_object_or_404(studies_for(request.user), slug=slug)
        if request.method == "PUT":
            require_role(study.reader_role, Act.ERASE)
            sent = RetentionSerializer(data=request.data)
            sent.is_valid(raise_exception=True)
            given = sent.validated_data
            study = set_retention(
                study=study,
                days=given["days"],
                answers_deleted=given["delete"] == "answers",
                hashes_kept=given["hashes_kept"],
                by=rest_actor(request.user),
            )
        return Response(
            {
                "days": study.ids_kept_days,
                "delete": "answers" if study.answers_deleted else "ids",
                "hashes_kept": study.hashes_kept,
            }
        )
