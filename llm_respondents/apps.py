"""Language models as respondents."""

from typing import Any

from django.apps import AppConfig


class LlmRespondentsConfig(AppConfig):
    """Panels of model sessions: recruiting, running, transcripts."""

    name = "llm_respondents"
    verbose_name = "Language models as respondents"

    def ready(self) -> None:
        """Add the tab; hear of people who withdraw and of cancelled panels with batches; check."""
        from llm_respondents import checks  # noqa: F401 - registers itself
        from llm_respondents.jobs.kinds import KINDS
        from llm_respondents.signals import batches_left_behind
        from llm_respondents.web.workspace.overviews import FINDER, panel_of
        from llm_respondents.web.workspace.tab import TAB
        from surveys.jobs import kinds
        from surveys.selectors.stated import register_stated
        from surveys.services.data.import_files import register_model_import
        from surveys.services.webhooks.happenings import register_source
        from surveys.signals import person_withdrew
        from surveys.workspace import finding, funnel, model_reading, tabs

        tabs.register(TAB)
        finding.register(FINDER)
        model_reading.register_reader(_read_by_model)
        kinds.register(*KINDS)
        funnel.register_panels(panel_of, relation="panel")
        register_model_import(_import_model_answers)
        register_stated(_stated_rows)
        register_source(_panels)
        person_withdrew.connect(_forget, dispatch_uid="llm_respondents.forget_person")
        batches_left_behind.connect(_end_batches, dispatch_uid="llm_respondents.end_batches")


def _read_by_model(shown: Any, refs: Any, arm: Any) -> Any:
    from llm_respondents.readout.previews import read_presentation
    from llm_respondents.web.design_table import PREVIEWED

    return read_presentation(shown, refs, arm, PREVIEWED)


def _import_model_answers(**given: Any) -> Any:
    from llm_respondents.services.collected.importing import import_model_answers

    return import_model_answers(**given)


def _stated_rows(study: Any) -> Any:
    from llm_respondents.readout.stated import stated_rows

    return stated_rows(study)


def _panels(studies: Any, since: Any) -> Any:
    from llm_respondents.readout.happenings import panels_that_ended

    return panels_that_ended(studies, since)


def _forget(*, respondent: Any, **_more: Any) -> None:
    # Models can be imported only once the registry is ready.
    from llm_respondents.services.erasure import forget_person

    forget_person(respondent)


def _end_batches(*, panel_id: int, by: Any, **_more: Any) -> None:
    from llm_respondents.jobs import queue_winding_up

    queue_winding_up(panel_id=panel_id, by=by)
