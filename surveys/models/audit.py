"""The log of a study: who steered what, when, through which door. Rows are added and stay."""

from typing import Any, NoReturn

from django.conf import settings as site
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models.studies import Study

NAME_LENGTH = 150
LABEL_LENGTH = 200


class Door(models.TextChoices):
    """How somebody came to a use case."""

    PAGE = "page", _("page")
    REST = "rest", _("REST")
    COMMAND = "command", _("command")
    JOB = "job", _("job")
    PARTICIPANT = "participant", _("participant")


class Action(models.TextChoices):
    """What was done. One list for all apps: a code without words is a row that nobody can read."""

    INSTRUMENT_PUBLISHED = "instrument_published", _("Instrument published")
    INSTRUMENT_DRAFTED = "instrument_drafted", _("Draft of an instrument made")
    INSTRUMENT_DRAFT_SAVED = "instrument_draft_saved", _("Draft of an instrument changed")
    INSTRUMENT_DRAFT_DELETED = "instrument_draft_deleted", _("Draft of an instrument deleted")
    INSTRUMENT_DELETED = "instrument_deleted", _("Unused version of an instrument deleted")
    MEDIA_STORED = "media_stored", _("Picture, sound or video stored")
    STUDY_CREATED = "study_created", _("Study made")
    FACTS_STATED = "facts_stated", _("Facts for the report stated")
    DRAFT_SAVED = "draft_saved", _("Draft changed")
    STUDY_OPENED = "study_opened", _("Study opened and frozen")
    STUDY_CLOSED = "study_closed", _("Study closed")
    STUDY_ARCHIVED = "study_archived", _("Study archived")
    STUDY_RESTORED = "study_restored", _("Study taken out of the archive")
    STUDY_DELETED = "study_deleted", _("Empty study deleted")
    GROUP_SET_ASIDE = "group_set_aside", _("Group set aside, or taken back")
    MEMBER_SET = "member_set", _("Member's role set")
    MEMBER_REMOVED = "member_removed", _("Member removed")
    MEMBER_LEFT = "member_left", _("Member left")
    STUDY_TRANSFERRED = "study_transferred", _("Study handed over")
    INVITATION_MADE = "invitation_made", _("Invitation to the team made")
    INVITATION_REVOKED = "invitation_revoked", _("Invitation to the team taken back")
    INVITATION_ACCEPTED = "invitation_accepted", _("Invitation to the team accepted")
    LINK_CREATED = "link_created", _("Recruiting link made")
    LINK_LIST_MADE = "link_list_made", _("List of links made")
    WAVES_SET = "waves_set", _("Waves set")
    ADDRESSES_SET = "addresses_set", _("Addresses of people set")
    BOUNCES_NOTED = "bounces_noted", _("Bounced mails noted")
    MAIL_SENT = "mail_sent", _("Mail to people sent")
    LINK_TERMS_SET = "link_terms_set", _("Recruiting link's terms set")
    LINK_SWITCHED = "link_switched", _("Recruiting link switched")
    QUOTAS_SET = "quotas_set", _("Quotas set")
    PEOPLE_IMPORTED = "people_imported", _("People imported")
    MODEL_ANSWERS_IMPORTED = "model_answers_imported", _("Model answers imported")
    REHEARSED = "rehearsed", _("Rehearsal begun")
    ANSWERS_ENTERED = "answers_entered", _("Answers entered for a respondent")
    WITHDRAWN = "withdrawn", _("Person withdrew, answers erased")
    PERSON_ERASED = "person_erased", _("Person erased on request")
    TESTS_ERASED = "tests_erased", _("Tests erased")
    RETENTION_SET = "retention_set", _("Retention set")
    FLAG_LOOKED_AT = "flag_looked_at", _("Flag of a person looked at")
    IDS_DELETED = "ids_deleted", _("Ids deleted at the end of their retention")
    ANSWERS_DELETED = "answers_deleted", _("Answers deleted at the end of their retention")
    PANEL_RECRUITED = "panel_recruited", _("Panel recruited")
    PANEL_RUN = "panel_run", _("Panel's run begun")
    PANEL_RUN_IN_BATCHES = "panel_run_in_batches", _("Panel's run in batches begun")
    PANEL_PROBED = "panel_probed", _("Panel's endpoint probed")
    PANEL_PAUSED = "panel_paused", _("Panel paused")
    PANEL_RESUMED = "panel_resumed", _("Panel made ready to run")
    PANEL_CANCELLED = "panel_cancelled", _("Panel cancelled")
    PANEL_RETUNED = "panel_retuned", _("Panel's calls at once set")
    PANEL_CAPPED = "panel_capped", _("Panel's spend cap set")
    STUDY_CAPPED = "study_capped", _("Study's spend cap set")
    BATCH_LOST = "batch_lost", _("Batch counted as lost")
    PANEL_REPARSED = "panel_reparsed", _("Panel's replies read again")
    READING_DRAWN = "reading_drawn", _("Replies drawn for a person to read")
    READING_DONE = "reading_done", _("Drawn replies all read by a person")
    TURNS_REOPENED = "turns_reopened", _("Panel's lost turns opened again")
    PLAN_DRAFT_SAVED = "plan_draft_saved", _("Draft of a plan changed")
    PLAN_DRAFT_DELETED = "plan_draft_deleted", _("Draft of a plan deleted")
    POWER_PLANNED = "power_planned", _("Power of a plan simulated")
    PLAN_FROZEN = "plan_frozen", _("Analysis plan frozen")
    RUN_STARTED = "run_started", _("Analysis run begun")
    RUN_CANCELLED = "run_cancelled", _("Analysis run asked to stop")
    RUN_ARCHIVED = "run_archived", _("Analysis run archived, or taken back")
    REPORT_WRITTEN = "report_written", _("Report written")
    DATA_EXPORTED = "data_exported", _("Data exported")
    ARCHIVE_BUILT = "archive_built", _("Archive made")
    TOKEN_CREATED = "token_created", _("Token of a program made")
    TOKEN_REVOKED = "token_revoked", _("Token of a program taken back")
    ENDPOINTS_CHANGED = "endpoints_changed", _("List of endpoints changed")
    WEBHOOK_ADDED = "webhook_added", _("Webhook added")
    WEBHOOK_SWITCHED = "webhook_switched", _("Webhook paused, or taken up again")
    WEBHOOK_TESTED = "webhook_tested", _("Webhook tested")
    WEBHOOK_DELETED = "webhook_deleted", _("Webhook deleted")
    JOB_CANCELLED = "job_cancelled", _("Job cancelled")
    ACCOUNT_MADE = "account_made", _("Account made")
    ACCOUNT_MAIL_SET = "account_mail_set", _("Account’s e-mail address set")
    PASSWORD_SET = "password_set", _("Password set")
    SESSIONS_ENDED = "sessions_ended", _("Signed out everywhere else")
    TWO_FACTOR_SET_UP = "two_factor_set_up", _("Second factor set up")
    TWO_FACTOR_ENDED = "two_factor_ended", _("Second factor ended")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("Recovery codes made")
    RECOVERY_CODE_USED = "recovery_code_used", _("Recovery code used")


class AuditIsFinal(TypeError):
    """Code tried to change or delete what the log holds."""

    def __init__(self) -> None:
        super().__init__("The log is added to and read; its rows are never changed or deleted.")


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Reads, and adds; refuses everything that would change what was written.

    Django empties the keys of deleted users and studies (SET_NULL) past this class.
    """

    def update(self, **_values: Any) -> NoReturn:
        """Raise `AuditIsFinal`."""
        raise AuditIsFinal

    def bulk_update(self, *_args: Any, **_options: Any) -> NoReturn:
        """Raise `AuditIsFinal`."""
        raise AuditIsFinal

    def delete(self) -> NoReturn:
        """Raise `AuditIsFinal`."""
        raise AuditIsFinal


class AuditEntry(models.Model):
    """One act of steering. It outlives its user and its study: their names are kept as text."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        site.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The user's name, or the operating system's account where a command named no user.
    actor_name = models.CharField(max_length=NAME_LENGTH, blank=True)
    door = models.CharField(max_length=12, choices=Door)
    action = models.CharField(max_length=40, choices=Action)
    study = models.ForeignKey(Study, models.SET_NULL, null=True, blank=True, related_name="log")
    # What it was done to: the model's name, its key, and how it was called at the time.
    subject_kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField(null=True, blank=True)
    subject_label = models.CharField(max_length=LABEL_LENGTH, blank=True)
    # Settings by name, as plain values: never an answer, a demographic, a token or a key.
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name_plural = "audit entries"
        indexes = (models.Index(fields=("study", "-at", "-id"), name="audit_of_study"),)
        constraints = (
            models.CheckConstraint(condition=Q(door__in=Door.values), name="audit_door"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.subject_label}"

    def save(self, *args: Any, **options: Any) -> None:
        """Add the row. Raises `AuditIsFinal` where it is there already."""
        if not self._state.adding:
            raise AuditIsFinal
        # Without this a new object with the key of an old row would take its place.
        super().save(*args, **{**options, "force_insert": True})

    def delete(self, *_args: Any, **_options: Any) -> NoReturn:
        """Raise `AuditIsFinal`."""
        raise AuditIsFinal
