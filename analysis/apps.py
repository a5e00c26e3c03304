"""Measurement, models, comparison, reports."""

from typing import Any

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    """Frozen plans, fitted models and the reports made of them."""

    name = "analysis"
    verbose_name = "Analysis"

    def ready(self) -> None:
        """Say which jobs and tabs this app has, and the sentences of its refusals."""
        from analysis.errors import Refusal
        from analysis.jobs import KINDS
        from analysis.web.tabs import TABS
        from surveys.jobs.kinds import register
        from surveys.jobs.reasons import register_reasons
        from surveys.services.webhooks.happenings import register_source
        from surveys.workspace import funnel, printed, tabs

        tabs.register(*TABS)
        register(*KINDS)
        register_reasons(Refusal)
        register_source(_runs)
        funnel.register_runs(_runs_of, kept=_kept)
        printed.register_printed(_printed)


def _runs_of(study: Any) -> Any:
    from analysis.runs.selectors import numbers_of_runs

    return numbers_of_runs(study)


def _kept(number: int) -> Any:
    from analysis.runs.selectors import kept_in_run

    return kept_in_run(number)


def _runs(studies: Any, since: Any) -> Any:
    from analysis.runs.selectors import runs_that_are_done

    return runs_that_are_done(studies, since)


def _printed(study: Any) -> Any:
    from analysis.runs.selectors import printed_of_study

    return printed_of_study(study)
