"""Measurement, models, comparison, reports."""

from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    """Frozen plans, fitted models and the reports made of them."""

    name = "analysis"
    verbose_name = "Analysis"
