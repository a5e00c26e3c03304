"""The tabs of a study on its plans and on what became of them."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analysis.models import AnalysisPlan, AnalysisRun, PlanDraft
from surveys.models import Study
from surveys.selectors.counting import number_of
from surveys.workspace.tabs import Count, Progress, Tab


def _frozen(facts: Mapping[str, Any]) -> Count | None:
    if facts["plan_is_frozen"]:
        return Count(_("frozen"))
    return Count(_("draft")) if facts["plan_is_written"] else None


def _planned(study: Study) -> Progress:
    """Done once a plan is frozen; whether models had answered by then is said."""
    plans = AnalysisPlan.objects.filter(study=study).order_by("frozen_at")
    first = plans.values_list("model_answers_when_frozen", flat=True).first()
    if first is None and study.plan_drafts.exists():
        return Progress("now", _("a draft"), _("Freeze the plan before the first model is asked."))
    if first is None:
        return Progress(
            "open", _("not frozen"), _("Freeze a plan before the first model is asked.")
        )
    return Progress("done", _("frozen after models answered") if first else _("before any model"))


def _runs(facts: Mapping[str, Any]) -> Count | None:
    return Count(facts["runs"]) if facts["runs"] else None


def _compared(study: Study) -> Progress:
    """Done once a run has a report."""
    done = AnalysisRun.objects.filter(plan__study=study, status=AnalysisRun.Status.DONE)
    reports = list(done.values_list("reports", flat=True))
    if not reports:
        return Progress("open", _("not fitted"), _("Fit the plan to people and panels."))
    written = len([one for one in reports if one is not None])
    if not written:
        return Progress("now", _("no report yet"), _("Read the latest run, and write its report."))
    said = ngettext("one report", "%(n)s reports", written)
    return Progress("done", said % {"n": written})


TABS = (
    Tab(
        "plan",
        gettext_lazy("Plan"),
        "analysis:plan",
        _frozen,
        pages=("analysis:power",),
        step=_planned,
        facts={
            "plan_is_frozen": Exists(AnalysisPlan.objects.filter(study=OuterRef("pk"))),
            "plan_is_written": Exists(PlanDraft.objects.filter(study=OuterRef("pk"))),
        },
    ),
    Tab("quality", gettext_lazy("Quality"), "analysis:quality"),
    Tab(
        "compare",
        gettext_lazy("Compare"),
        "analysis:compare",
        _runs,
        pages=("analysis:run", "analysis:beside"),
        step=_compared,
        facts={
            "runs": number_of(
                AnalysisRun.objects.filter(plan__study=OuterRef("pk"), archived_at=None)
            )
        },
    ),
)
