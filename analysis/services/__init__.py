"""What can be done with plans, runs and reports."""

from analysis.services.archives import build_archive
from analysis.services.plans import comparison_plan, exclusion_rules, freeze_plan
from analysis.services.reports import build_report
from analysis.services.runs import fit_models

__all__ = (
    "build_archive",
    "build_report",
    "comparison_plan",
    "exclusion_rules",
    "fit_models",
    "freeze_plan",
)
