"""The shared schema: instruments, studies, respondents, administrations, answers."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Everything that people and models have in common."""

    name = "surveys"
    verbose_name = "Surveys"
