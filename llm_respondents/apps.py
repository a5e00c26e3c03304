"""Language models as respondents."""

from typing import Any

from django.apps import AppConfig


class LlmRespondentsConfig(AppConfig):
    """Panels of model sessions: recruiting, running, transcripts."""

    name = "llm_respondents"
    verbose_name = "Language models as respondents"

    def ready(self) -> None:
        """Hear of people who withdraw."""
        from surveys.signals import person_withdrew

        person_withdrew.connect(_forget, dispatch_uid="llm_respondents.services.erasure")


def _forget(*, respondent: Any, **_more: Any) -> None:
    # Models can be imported only once the registry is ready.
    from llm_respondents.services.erasure import forget_person

    forget_person(respondent)
