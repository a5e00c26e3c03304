"""Plans as written and as frozen, the runs that carry them out, and the reports made of runs."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from surveys.models import Job, Study

# Kinds of jobs.
FIT, REPORT, ARCHIVE, POWER, QUALITY = "fit", "report", "archive", "power", "quality"


class AnalysisPlan(models.Model):
    """What will be estimated and which signs are expected, fixed before model data are looked at.

    Never changed once stored; a new plan gets a new name.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="plans")
    name = models.SlugField()
    # The comparison plan and the exclusion rules, as canonical JSON values.
    definition = models.JSONField()
    # The plan file as its author wrote it.
    source = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    # How many answers of models the study held at that moment: 0 is what a reader hopes for.
    model_answers_when_frozen = models.PositiveIntegerField()
    frozen_at = models.DateTimeField(auto_now_add=True)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("study", "frozen_at")
        constraints = (
            models.UniqueConstraint(fields=("study", "name"), name="analysis_plan_name"),
        )

    def __str__(self) -> str:
        return self.name


class PlanDraft(models.Model):
    """A plan that is being written, perhaps over days. Freezing it makes an `AnalysisPlan`."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="plan_drafts")
    name = models.SlugField()
    # The tables of a plan file as far as they are written; parts may be missing or not fit.
    content = models.JSONField(default=dict)
    # Counts what was saved, so that nobody writes over what they have not read.
    revision = models.PositiveIntegerField(default=1)
    # The analysis of power that was asked for last, of the plan as it was then.
    power = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("study", "pk")
        constraints = (
            models.UniqueConstraint(fields=("study", "name"), name="analysis_plan_draft_name"),
        )

    def __str__(self) -> str:
        return self.name


class AnalysisRun(models.Model):
    """One carrying-out of a plan on the data as they were."""

    class Status(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    plan = models.ForeignKey(AnalysisPlan, models.PROTECT, related_name="runs")
    status = models.CharField(max_length=8, choices=Status, default=Status.RUNNING)
    seed = models.BigIntegerField()
    # SHA-256 of the scored frame: the same data and plan give the same result.
    data_sha256 = models.CharField(max_length=64, blank=True)
    # The comparison as JSON (analysis.compare.results), and who was excluded by which rule.
    result = models.JSONField(null=True, blank=True)
    exclusions = models.JSONField(default=dict, blank=True)
    software = models.JSONField(default=dict, blank=True)
    # Who carries it out, how far it is, and whether somebody asked it to stop.
    job = models.OneToOneField(
        Job, models.SET_NULL, null=True, blank=True, related_name="analysis_run"
    )
    # How it ended without a result: code, arguments, and the sentence as it was said then.
    error_code = models.CharField(max_length=60, blank=True)
    error_args = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # By language, the sentences of its page, and of which version of the words and facts they are.
    told = models.JSONField(default=dict, blank=True)
    # Put out of sight, not away: it is left out of lists and keeps its page.
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-started_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(status="running", finished_at__isnull=True)
                | (Q(status__in=("done", "failed")) & Q(finished_at__isnull=False)),
                name="analysis_run_status",
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(result__isnull=False), name="analysis_run_result"
            ),
        )

    def __str__(self) -> str:
        return f"run {self.pk} of {self.plan}"

    @property
    def cancel_requested(self) -> bool:
        """Whether somebody asked it to stop."""
        return self.job is not None and self.job.cancel_requested_at is not None


class Report(models.Model):
    """A report made of a run, and its supplement: two PDFs, named by their checksums."""

    run = models.ForeignKey(AnalysisRun, models.CASCADE, related_name="reports")
    page_size = models.CharField(max_length=6)
    # Relative to MEDIA_ROOT, so that a data directory can be moved.
    file = models.FileField(upload_to="reports/")
    sha256 = models.CharField(max_length=64)
    # Empty in reports that were written as one document.
    supplement = models.FileField(upload_to="reports/", blank=True)
    supplement_sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=Q(page_size__in=("A4", "Letter")), name="report_page"),
        )

    def __str__(self) -> str:
        return f"report {self.pk}"


class RunFigure(models.Model):
    """A figure of a run in one language, drawn once: drawing eleven takes most of a second."""

    run = models.ForeignKey(AnalysisRun, models.CASCADE, related_name="figures")
    language = models.CharField(max_length=12)
    # The state of the program's drawings: those of another are drawn anew.
    drawn_by = models.CharField(max_length=64)
    place = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=80)
    title = models.TextField()
    # What the drawing shows, for whoever does not see it, and what must be known to read it.
    alternative = models.TextField()
    note = models.TextField(blank=True)
    svg = models.TextField()
    # The numbers that it shows, a head and rows; and the same drawing in pixels, once asked for.
    numbers = models.JSONField(default=list, blank=True)
    png = models.BinaryField(null=True, blank=True)

    class Meta:
        ordering = ("run", "language", "place")
        constraints = (
            models.UniqueConstraint(fields=("run", "language", "key"), name="run_figure_key"),
        )

    def __str__(self) -> str:
        return self.key
