"""What can be done with plans, runs and reports."""

from analysis.services.archives import build_archive
from analysis.services.plans import comparison_plan, exclusion_rules, freeze_plan
from analysis.services.reports import build_report
from analysis.services.runs import cancel_run, fit_models
from analysis.services.watching import Conduct

__all__ = (
    "Conduct",
    "build_archive",
    "build_report",
    "cancel_run",
    "comparison_plan",
    "exclusion_rules",
    "fit_models",
    "freeze_plan",
)
