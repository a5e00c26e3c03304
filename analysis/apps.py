"""Measurement, models, comparison, reports."""

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    """Frozen plans, fitted models and the reports made of them."""

    name = "analysis"
    verbose_name = "Analysis"

    def ready(self) -> None:
        """Say which jobs this app has, and the sentences of its refusals."""
        from analysis.errors import Refusal
        from analysis.jobs import KINDS
        from surveys.jobs.kinds import register
        from surveys.jobs.reasons import register_reasons

        register(*KINDS)
        register_reasons(Refusal)
