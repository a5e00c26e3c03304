"""What can be done with plans, runs and reports."""

from analysis.services.plans import comparison_plan, exclusion_rules, freeze_plan

__all__ = ("comparison_plan", "exclusion_rules", "freeze_plan")
