"""The REST door of the analysis: frozen plans, runs and reports of the user's studies.

Fitting and writing are jobs: a POST answers 202 with the job's id, ``/api/jobs/`` says how far it
is, and the run or report appears when a worker has made it. A stranger's request finds nothing
(404).
"""

from datetime import datetime
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter
from typing_extensions import TypedDict

from analysis.api.drafts import PlanDraftViewSet
from analysis.api.quality import QualityViewSet
from analysis.api.shapes import RunFound, SummaryRow
from analysis.archive.services import start_archive
from analysis.models import AnalysisPlan, AnalysisRun, Report
from analysis.plans.files import parse_plan
from analysis.plans.services import freeze_plan
from analysis.report.services import start_report
from analysis.runs.selectors import found_in, summary_rows
from analysis.runs.services import set_run_archived, start_fit
from analysis.web.beside import Beside, as_json, two_runs_of
from analysis.web.downloads import report_pdf, supplement_pdf
from surveys.api.description.told import PDF, Answer, StartedJob, begun, content_of, made
from surveys.instrument_files import InstrumentFileError
from surveys.jobs.queue import look_after_jobs
from surveys.models import Scope
from surveys.roles import Act
from surveys.selectors import rows_for, studies_for
from surveys.services.access.refusals import require_role
from surveys.services.audit import rest_actor

Row = TypeVar("Row", bound=Model)


def register(router: BaseRouter) -> None:
    """Put the analysis's resources on the project's router."""
    # Before the frozen ones, of which "drafts" would be a number.
    router.register("plans/drafts", PlanDraftViewSet, basename="plan-draft")
    router.register("plans", PlanViewSet, basename="plan")
    router.register("quality", QualityViewSet, basename="quality")
    router.register("runs", RunViewSet, basename="run")
    router.register("reports", ReportViewSet, basename="report")


class AnalysisPlanSerializer(serializers.ModelSerializer[AnalysisPlan]):
    """A frozen plan."""

    study = serializers.SlugField(source="study.slug", read_only=True)

    class Meta:
        model = AnalysisPlan
        fields = (
            "id",
            "study",
            "name",
            "sha256",
            "frozen_at",
            "model_answers_when_frozen",
            "definition",
        )


class NewPlanSerializer(serializers.Serializer[Any]):
    """A plan file to freeze."""

    study = serializers.SlugField()
    plan = serializers.CharField(help_text="The plan file's text (TOML).", trim_whitespace=False)
    reference_group = serializers.CharField(default="", allow_blank=True)


class AnalysisRunSerializer(serializers.ModelSerializer[AnalysisRun]):
    """A run with its summary; the whole result has an address of its own."""

    study = serializers.SlugField(source="plan.study.slug", read_only=True)
    plan = serializers.CharField(source="plan.name", read_only=True)
    summary = serializers.SerializerMethodField()
    json_shapes: ClassVar = {
        "error_args": dict[str, Any],
        "exclusions": dict[str, Any],
        "software": dict[str, Any],
    }

    class Meta:
        model = AnalysisRun
        fields = (
            "id",
            "study",
            "plan",
            "job",
            "status",
            "seed",
            "data_sha256",
            "exclusions",
            "software",
            "error_code",
            "error_args",
            "error",
            "started_at",
            "finished_at",
            "archived_at",
            "summary",
        )

    def get_summary(self, run: AnalysisRun) -> list[SummaryRow]:
        """One row per group; people and model sessions are never added together."""
        return cast("list[SummaryRow]", summary_rows(run))


class ArchivedSerializer(serializers.Serializer[Any]):
    """Whether a run is out of sight."""

    archived = serializers.BooleanField()


class ArchivedAt(TypedDict):
    """Since when a run is out of sight; null where it is not."""

    archived_at: datetime | None


class ReportSerializer(serializers.ModelSerializer[Report]):
    """A report; its PDF is at ``file/`` below it, that of its supplement at ``supplement/``."""

    class Meta:
        model = Report
        fields = ("id", "run", "page_size", "sha256", "supplement_sha256", "created_at")


class WritingSerializer(serializers.Serializer[Any]):
    """How a report is set."""

    page_size = serializers.ChoiceField(choices=("A4", "Letter"), default="A4")


class PlanViewSet(viewsets.ReadOnlyModelViewSet[AnalysisPlan]):
    """Frozen plans; POST freezes one, POST to ``fit/`` carries it out."""

    parameters: ClassVar = {"list": ("study",)}
    acts: ClassVar = {"fit": Act.ANALYSE}

    serializer_class = AnalysisPlanSerializer
    takes: ClassVar[dict[str, Any]] = {"create": NewPlanSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "create": made(AnalysisPlanSerializer, "freeze_plan"),
        "fit": begun(StartedJob),
    }

    def get_queryset(self) -> QuerySet[AnalysisPlan]:
        """The plans of the user's studies."""
        plans = AnalysisPlan.objects.select_related("study").order_by("pk")
        return _rows(self.request, plans, "study")

    def create(self, request: Request) -> Response:
        """Freeze a plan file; 400 with every mistake in it, each with path, code and sentence."""
        given = NewPlanSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        study = get_object_or_404(studies_for(request.user), slug=given.validated_data["study"])
        require_role(study.reader_role, Act.ANALYSE)
        text = given.validated_data["plan"]
        try:
            plan = freeze_plan(
                study=study,
                plan=parse_plan(text),
                source=text,
                reference_group=given.validated_data["reference_group"],
                by=rest_actor(request.user),
            )
        except InstrumentFileError as error:
            return _refused(error)
        return Response(AnalysisPlanSerializer(plan).data, status=status.HTTP_201_CREATED)

    @action(detail=True, methods=("post",))
    def fit(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's signature
        """Enqueue the fit."""
        job = start_fit(plan=self.get_object(), by=rest_actor(request.user))
        return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)


def _rows(request: Request, rows: QuerySet[Row], path: str) -> QuerySet[Row]:
    """The rows of the studies that the user may see, or of the one named by ``?study=``."""
    found = rows_for(request.user, rows, path)
    slug = request.query_params.get("study")
    return found.filter(**{f"{path}__slug": slug}) if slug else found


def _refused(error: InstrumentFileError) -> Response:
    problems = [problem.as_json(gettext) for problem in error.problems]
    detail = "The plan file cannot be used as it is; see errors."
    body = {"code": "invalid", "detail": detail, "errors": {"plan": problems}}
    return Response(body, status=status.HTTP_400_BAD_REQUEST)


class RunViewSet(viewsets.ReadOnlyModelViewSet[AnalysisRun]):
    """Runs; ``result/`` is the comparison as JSON, POST to ``report/`` writes the PDF."""

    parameters: ClassVar = {"list": ("study",)}
    # The archive holds what people answered.
    action_scopes: ClassVar = {"archive": Scope.PEOPLE}
    acts: ClassVar = {
        "report": Act.ANALYSE,
        "archived": Act.ANALYSE,
        "archive": Act.EXPORT,
    }

    serializer_class = AnalysisRunSerializer
    takes: ClassVar[dict[str, Any]] = {"report": WritingSerializer, "archived": ArchivedSerializer}
    answers: ClassVar[dict[str, Any]] = {
        "result": RunFound | None,
        "beside": Answer(Beside, called="compare_runs"),
        "archived": Answer(ArchivedAt, called="archive_run"),
        "report": begun(StartedJob, "write_report_of_run"),
        "archive": begun(StartedJob, "make_archive_of_run"),
    }

    def get_queryset(self) -> QuerySet[AnalysisRun]:
        """The runs of the user's studies, none "running" whose worker is gone."""
        look_after_jobs()
        runs = AnalysisRun.objects.select_related("plan__study").order_by("pk")
        rows = runs.prefetch_related("plan__study__groups")
        return _rows(self.request, rows, "plan__study")

    @action(detail=True)
    def result(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's signature
        """Everything the comparison found."""
        return Response(found_in(self.get_object()))

    @action(detail=True, url_path=r"beside/(?P<other>\d+)")
    def beside(self, request: Request, pk: str, other: str) -> Response:
        """This run beside another of the study: what changed, each path and number in both."""
        return Response(as_json(two_runs_of(request.user, int(pk), int(other))))

    @action(detail=True, methods=("patch",))
    def archived(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's
        """Put the run out of sight (`archived` true), or take it back."""
        form = ArchivedSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data["archived"]
        run = set_run_archived(run=self.get_object(), archived=asked, by=rest_actor(request.user))
        return Response({"archived_at": run.archived_at})

    @action(detail=True, methods=("post",))
    def report(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's
        """Enqueue the report."""
        given = WritingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        size = given.validated_data["page_size"]
        job = start_report(run=self.get_object(), page_size=size, by=rest_actor(request.user))
        return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)

    @action(detail=True, methods=("post",))
    def archive(self, request: Request, pk: str) -> Response:  # noqa: ARG002 - the router's
        """Let the replication archive be made; the job's ``file/`` is it for an hour."""
        job = start_archive(run=self.get_object(), by=rest_actor(request.user))
        return Response({"job": job.pk}, status=status.HTTP_202_ACCEPTED)


class ReportViewSet(viewsets.ReadOnlyModelViewSet[Report]):
    """Reports; ``file/`` is the PDF, ``supplement/`` that of what stands behind it."""

    parameters: ClassVar = {"list": ("study",)}

    serializer_class = ReportSerializer
    answers: ClassVar[dict[str, Any]] = {"file": content_of(PDF), "supplement": content_of(PDF)}

    def get_queryset(self) -> QuerySet[Report]:
        """The reports of the user's studies."""
        return _rows(self.request, Report.objects.order_by("pk"), "run__plan__study")

    @action(detail=True)
    def file(self, request: Request, pk: str) -> HttpResponse:  # noqa: ARG002 - the router's
        """The PDF."""
        return report_pdf(self.get_object())

    @action(detail=True)
    def supplement(self, request: Request, pk: str) -> HttpResponse:  # noqa: ARG002 - the router's
        """The PDF of what stands behind the report; 404 where it was written as one document."""
        return supplement_pdf(self.get_object())
