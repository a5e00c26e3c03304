"""The tabs of a study on its plans and on what became of them."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysis.models import AnalysisPlan, AnalysisRun
from surveys.models import Study
from surveys.workspace.tabs import Count, Tab


def _frozen(study: Study) -> Count | None:
    is_frozen = AnalysisPlan.objects.filter(study=study).exists()
    return Count(gettext("frozen")) if is_frozen else None


def _runs(study: Study) -> Count | None:
    number = AnalysisRun.objects.filter(plan__study=study).count()
    return Count(number) if number else None


TABS = (
    Tab("plan", _("Plan"), "analysis:plan", _frozen, pages=("analysis:power",)),
    Tab("compare", _("Compare"), "analysis:compare", _runs, pages=("analysis:run",)),
)
