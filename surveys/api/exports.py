"""The REST door of exports: a job makes the files of a study, and its ``file/`` is the zip."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api.description.told import begun, paged
from surveys.api.jobs import JobSerializer
from surveys.exports.content import FORMATS
from surveys.jobs.reading import jobs_for
from surveys.models import Study
from surveys.roles import Act
from surveys.selectors import studies_for
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor
from surveys.services.data.exports import EXPORT, export_choice, start_export


class ExportSerializer(serializers.Serializer[Any]):
    """What is wanted of the data; see `surveys.exports.ExportChoice`."""

    formats = serializers.MultipleChoiceField(choices=FORMATS, default=lambda: set[str](FORMATS))
    groups = serializers.ListField(child=serializers.CharField(), default=list)
    waves = serializers.ListField(child=serializers.CharField(), default=list)
    demographics = serializers.BooleanField(default=False)
    recruiter_ids = serializers.BooleanField(default=False)
    share = serializers.BooleanField(default=False)
    exact = serializers.BooleanField(default=False)
    paradata = serializers.BooleanField(default=False)


class ExportActions(viewsets.GenericViewSet[Study]):
    """`/api/studies/<slug>/exports/`; the view set that this is part of reads studies."""

    takes: ClassVar[dict[str, Any]] = {"exports": ExportSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "exports.get": paged(JobSerializer, "list_exports_of_study"),
        "exports.post": begun(JobSerializer, "start_export_of_study"),
    }

    @action(detail=True, methods=["get", "post"])
    def exports(self, request: Request, slug: str) -> Response:
        """The exports that were asked for, latest first; POST asks for one (202, a job)."""
        study = get_object_or_404(studies_for(request.user), slug=slug)
        if request.method == "GET":
            jobs = jobs_for(request.user).filter(study=study, kind=EXPORT).order_by("-pk")
            page = self.paginate_queryset(jobs)  # type: ignore[arg-type]
            return self.get_paginated_response(JobSerializer(page or (), many=True).data)
        require_role(study.reader_role, Act.EXPORT)
        given = ExportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = {**given.validated_data}
        wanted["formats"] = [one for one in FORMATS if one in wanted["formats"]]
        choice = export_choice(wanted, study)
        job = start_export(study=study, choice=choice, by=rest_actor(request.user))
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
