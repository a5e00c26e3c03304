"""The REST door of jobs: how far one is, how it ended, cancelling it, and the file it left."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from surveys.api.description.told import content_of
from surveys.jobs.downloads import file_of
from surveys.jobs.queue import look_after_jobs
from surveys.jobs.reading import job_state, jobs_for
from surveys.models import Job, Scope
from surveys.services.audit import rest_actor
from surveys.services.jobs import cancel_job, require_file


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job: ``place`` of ``total`` pieces in a ``phase``; ``lease_owner`` names the worker."""

    study = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True, allow_null=True)
    ahead = serializers.SerializerMethodField()
    seconds_left = serializers.SerializerMethodField()
    has_file = serializers.SerializerMethodField()
    json_shapes: ClassVar = {"result": dict[str, Any], "error_args": dict[str, Any]}

    class Meta:
        model = Job
        fields = (
            "id",
            "kind",
            "study",
            "subject",
            "status",
            "phase",
            "place",
            "total",
            "ahead",
            "seconds_left",
            "attempts",
            "max_attempts",
            "lease_owner",
            "lease_until",
            "cancel_requested_at",
            "result",
            "has_file",
            "error_code",
            "error_args",
            "error",
            "created_at",
            "started_at",
            "ended_at",
        )

    def get_ahead(self, job: Job) -> int:
        """How many jobs wait before it."""
        return job_state(job).ahead

    def get_seconds_left(self, job: Job) -> int | None:
        """In the phase at hand; null where nobody can know."""
        return job_state(job).seconds_left

    def get_has_file(self, job: Job) -> bool:
        """Whether ``file/`` has something."""
        return bool(job.file)


class JobViewSet(viewsets.ReadOnlyModelViewSet[Job]):
    """`GET /api/jobs/`, of one study with ``?study=``; POST to ``cancel/`` stops one."""

    parameters: ClassVar = {"list": ("study",)}
    # A file that was made may hold what people answered.
    action_scopes: ClassVar = {"file": Scope.PEOPLE}

    serializer_class = JobSerializer
    answers: ClassVar[dict[str, Any]] = {
        "cancel": JobSerializer,
        "file": content_of("application/octet-stream"),
    }

    def get_queryset(self) -> QuerySet[Job]:
        """The jobs of the user's studies, none "running" whose worker is gone."""
        look_after_jobs()
        jobs = jobs_for(self.request.user).order_by("-pk")
        slug = self.request.query_params.get("study")
        return jobs.filter(study__slug=slug) if slug else jobs

    @action(detail=True, methods=("post",))
    def cancel(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's signature
        """Stop it: at once if nobody works on it, otherwise after the piece of work at hand."""
        job = self.get_object()
        cancel_job(job=job, by=rest_actor(request.user))
        return Response(JobSerializer(self.get_object()).data)

    @action(detail=True)
    def file(self, request: Request, pk: str) -> HttpResponse:  # noqa: ARG002 - the router's
        """The file it left, as long as that is kept."""
        job: Job = self.get_object()
        require_file(job=job, user=request.user)
        return file_of(job)
