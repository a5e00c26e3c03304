"""The REST door of plans that are written: what a draft holds, what it lacks, what becomes of it.

A plan is written as JSON of the same shape as its TOML file. Everything that is wrong with it comes
under ``problems``, each with `path`, `code`, `arguments` and `sentence`; what could not even be a
draft is refused with the same under ``errors.plan``.
"""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from analysis.api.shapes import PlanTables
from analysis.models import PlanDraft
from analysis.plans.drafting.services import (
    check_draft,
    delete_draft,
    freeze_draft,
    plan_draft_power,
    save_draft,
)
from analysis.plans.expectations import Assumptions
from surveys.api.description.told import TOML, ProblemRow, StartedJob, begun, content_of, made
from surveys.api.drafts import refused_file
from surveys.instrument_files import InstrumentFileError, to_toml
from surveys.jobs.queue import look_after_jobs
from surveys.jobs.reading import job_state
from surveys.models import Job
from surveys.roles import Act
from surveys.selectors import rows_for, studies_for
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor

# As many simulated studies as a page asks for, and the most that a worker draws for a request.
STUDIES, MOST_STUDIES = 100, 1000


class PlanDraftSerializer(serializers.ModelSerializer[PlanDraft]):
    """A draft in a list; it is shown with what is wrong with it by itself."""

    study = serializers.SlugField(source="study.slug", read_only=True)
    saved_by = serializers.CharField(
        source="saved_by.username", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = PlanDraft
        fields = ("id", "study", "name", "revision", "saved_at", "saved_by")


class WrittenSerializer(serializers.Serializer[Any]):
    """A plan that is sent: its tables, and the revision that they are a change of."""

    plan = serializers.DictField()
    revision = serializers.IntegerField(required=False, default=None, allow_null=True)


class NewDraftSerializer(WrittenSerializer):
    """A plan that is begun, and whose study it is of."""

    study = serializers.SlugField()


class FreezingSerializer(serializers.Serializer[Any]):
    """Freezing names the revision that was read, so that nothing else is frozen."""

    revision = serializers.IntegerField()


class ExpectedSerializer(serializers.Serializer[Any]):
    """What is expected of people and of a model: n, reliability, standardised slopes by path."""

    people_n = serializers.IntegerField(min_value=20, max_value=5000)
    model_n = serializers.IntegerField(min_value=20, max_value=5000)
    paths = serializers.DictField(child=serializers.FloatField(min_value=-0.95, max_value=0.95))
    model_paths = serializers.DictField(
        child=serializers.FloatField(min_value=-0.95, max_value=0.95), default=dict
    )
    reliability = serializers.FloatField(min_value=0.3, max_value=0.99, default=0.8)
    studies = serializers.IntegerField(min_value=10, max_value=MOST_STUDIES, default=STUDIES)


class DraftedPlan(TypedDict):
    """What a draft holds, and everything that is wrong with it."""

    id: int
    study: str
    name: str
    revision: int
    saved_at: str
    saved_by: str | None
    plan: PlanTables
    ready: bool
    problems: list[ProblemRow]


class FrozenPlan(TypedDict):
    """The plan that the draft has become."""

    plan: int
    name: str
    sha256: str


class PowerFound(TypedDict):
    """How far an analysis of power is, what was expected, and what was found."""

    job: int | None
    status: str | None
    assumed: dict[str, Any] | None
    result: dict[str, Any] | None
    error: str


class PlanDraftViewSet(viewsets.ReadOnlyModelViewSet[PlanDraft]):
    """Drafts of plans; PUT lets one hold what is sent, POST to ``freeze/`` freezes it."""

    parameters: ClassVar = {"list": ("study",)}
    acts: ClassVar = dict.fromkeys(("update", "destroy", "freeze"), Act.ANALYSE)

    serializer_class = PlanDraftSerializer
    takes: ClassVar[dict[str, Any]] = {
        "create": NewDraftSerializer,
        "update": WrittenSerializer,
        "freeze": FreezingSerializer,
        "power": ExpectedSerializer,
    }
    answers: ClassVar[dict[str, Any]] = {
        "retrieve": DraftedPlan,
        "create": made(DraftedPlan),
        "update": DraftedPlan,
        "file": content_of(TOML),
        "freeze": made(FrozenPlan),
        "power.get": PowerFound,
        "power.post": begun(StartedJob, "simulate_power_of_plan_draft"),
    }

    def get_queryset(self) -> QuerySet[PlanDraft]:
        """The drafts of the user's studies."""
        drafts = PlanDraft.objects.select_related("study", "saved_by", "power").order_by("pk")
        drafts = rows_for(self.request.user, drafts, "study")
        study = self.request.query_params.get("study")
        return drafts.filter(study__slug=study) if study else drafts

    def retrieve(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's
        """What a draft holds, and everything that is wrong with it."""
        return _shown(self.get_object())

    def create(self, request: Request) -> Response:
        """Begin a plan; 400 with everything that is wrong, 409 if the name is taken."""
        given = NewDraftSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        study = get_object_or_404(studies_for(request.user), slug=given.validated_data["study"])
        require_role(study.reader_role, Act.ANALYSE)
        try:
            draft = save_draft(
                study=study, values=given.validated_data["plan"], by=rest_actor(request.user)
            )
        except InstrumentFileError as error:
            return refused_file("plan", error)
        return _shown(draft, status.HTTP_201_CREATED)

    def update(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's
        """Let the draft hold what is sent; 409 where somebody changed it since `revision`."""
        draft = self.get_object()
        given = WrittenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            saved = save_draft(
                study=draft.study,
                values=given.validated_data["plan"],
                draft=draft,
                revision=given.validated_data["revision"],
                by=rest_actor(request.user),
            )
        except InstrumentFileError as error:
            return refused_file("plan", error)
        return _shown(saved)

    def destroy(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's
        """Delete the draft."""
        delete_draft(draft=self.get_object(), by=rest_actor(request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True)
    def file(self, request: Request, pk: str) -> HttpResponse:  # noqa: ARG002 - the router's
        """The draft as a plan file (TOML)."""
        text = to_toml(self.get_object().content)
        return HttpResponse(text, content_type="application/toml; charset=utf-8")

    @action(detail=True, methods=("post",))
    def freeze(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's
        """Freeze the plan; 400 with everything that keeps it from that. The draft is gone then."""
        given = FreezingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            frozen = freeze_draft(
                draft=self.get_object(),
                revision=given.validated_data["revision"],
                by=rest_actor(request.user),
            )
        except InstrumentFileError as error:
            return refused_file("plan", error)
        body = {"plan": frozen.pk, "name": frozen.name, "sha256": frozen.sha256}
        return Response(body, status=status.HTTP_201_CREATED)

    @action(detail=True, methods=("get", "post"))
    def power(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's
        """The analysis of power that stays with the draft; POST lets a worker make another one."""
        draft = self.get_object()
        if request.method == "POST":
            require_role(draft.reader_role, Act.ANALYSE)  # type: ignore[attr-defined]
            given = ExpectedSerializer(data=request.data)
            given.is_valid(raise_exception=True)
            expected = dict(given.validated_data)
            studies = expected.pop("studies")
            job = plan_draft_power(
                draft=draft,
                assumed=Assumptions(**expected),
                studies=studies,
                by=rest_actor(request.user),
            )
            return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)
        look_after_jobs()
        return Response(_power(draft))


def _shown(draft: PlanDraft, code: int = status.HTTP_200_OK) -> Response:
    checked = check_draft(draft)
    body = {
        **PlanDraftSerializer(draft).data,
        "plan": draft.content,
        "ready": checked.plan is not None,
        "problems": [problem.as_json(gettext) for problem in checked.problems],
    }
    return Response(body, status=code)


def _power(draft: PlanDraft) -> dict[str, Any]:
    """How far it is, what was expected, and what was found; empty before anybody asked."""
    job: Job | None = draft.power
    if job is None:
        return {"job": None, "status": None, "assumed": None, "result": None, "error": ""}
    done = job.status == Job.Status.DONE
    return {
        "job": job.pk,
        "status": job.status,
        "assumed": job.parameters["assumed"],
        "result": job.result if done else None,
        "error": job_state(job).sentence,
    }
