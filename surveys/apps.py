"""The shared schema: instruments, studies, respondents, administrations, answers."""

from typing import Any

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Everything that people and models have in common."""

    name = "surveys"
    verbose_name = "Surveys"

    def ready(self) -> None:
        """Say which jobs and tabs this app has; erase what jobs made of people who withdraw."""
        from django.utils.translation import gettext_lazy as _

        from surveys.jobs.kinds import Kind, register
        from surveys.services.data.exports import EXPORT, carry_out_export
        from surveys.services.data.import_files import carry_out_import, forget_import
        from surveys.services.data.imports import IMPORT
        from surveys.signals import person_withdrew
        from surveys.workspace import finding, tabs
        from surveys.workspace.own_finders import FINDERS
        from surveys.workspace.own_tabs import TABS

        register(Kind(IMPORT, _("Import of responses"), carry_out_import, forget_import))
        register(Kind("credits", _("Credit for people who completed"), _carry_out_credits))
        register(Kind("mailing", _("Mail to people"), _carry_out_mailing))
        register(Kind(EXPORT, _("Export of data"), carry_out_export))
        tabs.register(*TABS)
        finding.register(*FINDERS)
        person_withdrew.connect(_erase_files, dispatch_uid="surveys.erase_files_of_jobs")


def _carry_out_credits(watch: Any) -> dict[str, Any]:
    from surveys.services.people.crediting import carry_out_credits

    return carry_out_credits(watch)


def _carry_out_mailing(watch: Any) -> dict[str, Any]:
    from surveys.services.inviting.mailing import carry_out_mailing

    return carry_out_mailing(watch)


def _erase_files(*, respondent: Any, **_more: Any) -> None:
    from surveys.jobs.files import erase_files_of

    erase_files_of(respondent.study)
