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
        from surveys.jobs.reasons import register_reasons
        from surveys.roles import Act
        from surveys.services.access.invitations import (
            MAIL,
            carry_out_invitation_mail,
            forget_invitation_address,
        )
        from surveys.services.access.new_passwords import RESET, carry_out_new_password
        from surveys.services.access.refusals import InvitationRefused, NewPasswordRefused
        from surveys.services.data.exports import EXPORT, carry_out_export
        from surveys.services.data.import_files import carry_out_import, forget_import
        from surveys.services.data.imports import IMPORT
        from surveys.services.data.staging import TIDYING
        from surveys.services.flagging.looks import LOOK, carry_out_look
        from surveys.services.webhooks.happenings import people_and_jobs, register_source
        from surveys.signals import person_withdrew
        from surveys.workspace import finding, tabs
        from surveys.workspace.own_finders import FINDERS
        from surveys.workspace.own_tabs import TABS

        register(
            Kind(IMPORT, _("Import of responses"), carry_out_import, forget_import, Act.IMPORT)
        )
        register(
            Kind(
                "credits",
                _("Credit for people who completed"),
                _carry_out_credits,
                act=Act.IDENTITIES,
            )
        )
        register(Kind(RESET, _("Mail that sets a new password"), carry_out_new_password))
        register_reasons(NewPasswordRefused)
        # Nobody is written to twice: where a worker died, whoever invites looks and asks again.
        register(
            Kind(
                MAIL,
                _("Mail to a colleague"),
                carry_out_invitation_mail,
                forget_invitation_address,
                act=Act.TEAM,
                attempts=1,
            )
        )
        register_reasons(InvitationRefused)
        register(Kind("mailing", _("Mail to people"), _carry_out_mailing, act=Act.IDENTITIES))
        register(
            Kind("rehearsal", _("Rehearsal with simulated people"), _rehearse, act=Act.RECRUIT)
        )
        register(Kind(TIDYING, _("Keeping what people were promised"), _tidy, daily=True))
        register(Kind(LOOK, _("Look at people for flags"), carry_out_look, act=Act.IDENTITIES))
        register(Kind(EXPORT, _("Export of data"), carry_out_export, act=Act.EXPORT))
        tabs.register(*TABS)
        register_source(people_and_jobs)
        finding.register(*FINDERS)
        person_withdrew.connect(_erase_files, dispatch_uid="surveys.erase_files_of_jobs")


def _carry_out_credits(watch: Any) -> dict[str, Any]:
    from surveys.services.people.crediting import carry_out_credits

    return carry_out_credits(watch)


def _carry_out_mailing(watch: Any) -> dict[str, Any]:
    from surveys.services.inviting.mailing import carry_out_mailing

    return carry_out_mailing(watch)


def _rehearse(watch: Any) -> dict[str, Any]:
    from surveys.services.rehearsal import carry_out_rehearsal

    return carry_out_rehearsal(watch)


def _tidy(watch: Any) -> dict[str, Any]:
    from surveys.services.audit import job_actor
    from surveys.services.people.tidying import tidy_people

    return tidy_people(by=job_actor(watch.job.queued_by))


def _erase_files(*, respondent: Any, **_more: Any) -> None:
    from surveys.jobs.files import erase_files_of

    erase_files_of(respondent.study)
