"""Language models as respondents."""

from django.apps import AppConfig


class LlmRespondentsConfig(AppConfig):
    """Panels of model sessions: recruiting, running, transcripts."""

    name = "llm_respondents"
    verbose_name = "Language models as respondents"
