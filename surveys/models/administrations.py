"""Administrations of a study to a respondent, and the answers given in them."""

import hashlib

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models.instruments import Item
from surveys.models.respondents import Respondent, RespondentGroup
from surveys.models.studies import AttentionCheck, Study, new_token
from surveys.questions import Stored
from surveys.recruiters import Outcome

# Read aloud and typed by hand: no 0/O, 1/I/L.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


class ScaleDirection(models.TextChoices):
    """Whether the options are shown from low to high or turned round."""

    FORWARD = "forward", _("from low to high")
    REVERSED = "reversed", _("from high to low")


class MissingReason(models.TextChoices):
    """Why there is no value. A missing answer is never filled in."""

    SKIPPED = "skipped", _("skipped")
    NOT_SHOWN = "not_shown", _("not shown")
    REFUSED = "refused", _("refused")
    NO_ANSWER = "no_answer", _("no answer")
    CONTENT_FILTER = "content_filter", _("content filter")
    TRUNCATED = "truncated", _("truncated")
    SCHEMA_VIOLATION = "schema_violation", _("schema violation")
    UNPARSABLE = "unparsable", _("unparsable")
    OUT_OF_RANGE = "out_of_range", _("out of range")
    TRANSPORT_ERROR = "transport_error", _("transport error")
    CONTEXT_LENGTH = "context_length", _("too long for the model's context")
    BUDGET_STOP = "budget_stop", _("budget stop")
    CANCELLED = "cancelled", _("cancelled")
    # Answers that a question offers and nobody scores.
    DONT_KNOW = "dont_know", _("don't know")
    NOT_APPLICABLE = "not_applicable", _("not applicable")
    PREFER_NOT_TO_SAY = "prefer_not_to_say", _("prefer not to say")
    NO_OPINION = "no_opinion", _("no opinion")


class Administration(models.Model):
    """One respondent's passage through the study: one bounded, history-carrying session."""

    class Status(models.TextChoices):
        IN_PROGRESS = "in_progress", _("Under way")
        COMPLETED = "completed", _("Completed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        STOPPED = "stopped", _("Stopped")

    study = models.ForeignKey(Study, models.CASCADE, related_name="administrations")
    respondent = models.OneToOneField(Respondent, models.CASCADE, related_name="administration")
    # The group of the respondent, so that an index alone tells how many of a group are how far.
    # Whoever belongs to a group protects it (`Respondent.group`), and nobody changes the group.
    group = models.ForeignKey(
        RespondentGroup, models.CASCADE, related_name="administrations", db_index=False
    )
    # In the address of every page, so that a lost cookie loses nothing.
    token = models.CharField(max_length=40, unique=True, default=new_token)
    status = models.CharField(max_length=12, choices=Status, default=Status.IN_PROGRESS)
    language = models.CharField(max_length=12)
    seed = models.BigIntegerField()
    scale_direction = models.CharField(
        max_length=8, choices=ScaleDirection, default=ScaleDirection.FORWARD
    )
    # What was varied for this respondent, factor -> level; and the number under which that was
    # assigned, from which with the study's seed it can be worked out again. A matched session has
    # its person's condition, and no number.
    condition = models.JSONField(default=dict, blank=True)
    assignment_number = models.PositiveIntegerField(null=True, blank=True)
    # The screening that ended it, by its key.
    screened_by = models.CharField(max_length=50, blank=True, db_default="", default="")
    # Question refs as they were shown, and the checksum of every word, option and place.
    realised_order = models.JSONField()
    presentation_checksum = models.CharField(max_length=64)
    completion_code = models.CharField(max_length=16, blank=True)
    # How a person's part ended, for whoever pays; empty while it goes on. Of models there is one
    # outcome alone: answers that end the questionnaire (`screened_out`).
    outcome = models.CharField(
        max_length=12,
        choices=[(one.value, one.value) for one in Outcome],
        blank=True,
        db_default="",
    )
    # Erased by a member on the person's request, or because their time had come: nobody withdrew of
    # their own accord.
    erased = models.BooleanField(db_default=False, default=False)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # Work on a model's session is leased: an expired lease may be claimed by any worker.
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("study", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    status__in=("in_progress", "completed", "declined", "withdrawn", "stopped")
                ),
                name="administration_status",
            ),
            models.CheckConstraint(
                condition=Q(scale_direction__in=("forward", "reversed")),
                name="administration_scale_direction",
            ),
            models.CheckConstraint(
                condition=Q(status="in_progress", ended_at__isnull=True)
                | (~Q(status="in_progress") & Q(ended_at__isnull=False)),
                name="administration_ended_at",
            ),
            models.CheckConstraint(
                condition=~Q(status="completed") | ~Q(completion_code=""),
                name="administration_completion_code",
            ),
        )
        indexes = (
            models.Index(fields=("study", "status"), name="administration_study_status"),
            models.Index(fields=("status", "lease_until"), name="administration_lease"),
            # All that is counted of a group: its rows need not be read for that.
            models.Index(
                fields=("group", "status", "screened_by", "erased"), name="administration_counted"
            ),
        )

    def __str__(self) -> str:
        return f"administration {self.pk}"

    @property
    def resume_code(self) -> str:
        """What brings a person back who comes with a recruiter's id: 40 bits, in two groups.

        It follows from the token one way, and is stored nowhere: whoever reads it over a shoulder
        has no token, and without the id it is worth nothing.
        """
        number = int.from_bytes(hashlib.sha256(f"resume code:{self.token}".encode()).digest())
        letters = ""
        for _place in range(8):
            number, place = divmod(number, len(CODE_ALPHABET))
            letters += CODE_ALPHABET[place]
        return f"{letters[:4]}-{letters[4:]}"


class SubmissionDoor(models.TextChoices):
    """How answers came in."""

    PAGE = "page"
    # The pages of somebody who came back with a recruiter's id alone.
    RETURN_PAGE = "return_page"
    # REST, with the token of the participant.
    PARTICIPANT_REST = "participant_rest"
    PANEL = "panel"
    IMPORT = "import"
    # Submissions of the version that did not keep it.
    NOT_RECORDED = "not_recorded"


class Submission(models.Model):
    """A submission that was stored. The same key again finds this row and stores nothing."""

    administration = models.ForeignKey(Administration, models.CASCADE, related_name="submissions")
    idempotency_key = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(auto_now_add=True)
    door = models.CharField(
        max_length=16, choices=SubmissionDoor, db_default=SubmissionDoor.NOT_RECORDED
    )
    # Of a page that a person sent: which, the milliseconds since it was shown by our clock, how
    # many questions it answered, and what the study records beside (`surveys.paradata.visits`).
    page = models.PositiveSmallIntegerField(null=True, blank=True)
    elapsed_ms = models.PositiveIntegerField(null=True, blank=True)
    answers = models.PositiveSmallIntegerField(null=True, blank=True)
    paradata = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("administration", "idempotency_key"), name="submission_key"
            ),
            models.CheckConstraint(
                condition=Q(door__in=SubmissionDoor.values), name="submission_door"
            ),
        )

    def __str__(self) -> str:
        return self.idempotency_key


def stored_in(value: int | None, number: float | None, text: str | None) -> Stored | None:
    """What the three columns of an answer hold: one of them at most is filled."""
    if value is not None:
        return value
    return text if number is None else number


# Of the three columns of an answer exactly one is filled.
_ANSWERED = (
    Q(missing_reason="", value__isnull=False, number__isnull=True, text__isnull=True)
    | Q(missing_reason="", value__isnull=True, number__isnull=False, text__isnull=True)
    | Q(missing_reason="", value__isnull=True, number__isnull=True, text__isnull=False)
)


class Answer(models.Model):
    """The answer in force to one item or check: a value, or the reason why there is none."""

    administration = models.ForeignKey(Administration, models.CASCADE, related_name="answers")
    item = models.ForeignKey(Item, models.PROTECT, null=True, blank=True, related_name="answers")
    attention_check = models.ForeignKey(
        AttentionCheck, models.PROTECT, null=True, blank=True, related_name="answers"
    )
    # One of three holds what was answered, before reverse-keying: the value of the chosen option
    # (of an option of a list 0 or 1, or its rank); any other number; a text or a date.
    value = models.SmallIntegerField(null=True, blank=True)
    number = models.FloatField(null=True, blank=True)
    text = models.TextField(null=True, blank=True)  # noqa: DJ001 - an empty text is an answer
    missing_reason = models.CharField(max_length=20, choices=MissingReason, blank=True)
    # Place in the realised order, from 1.
    position = models.PositiveSmallIntegerField()
    # People: milliseconds on the page. Models: milliseconds until the reply was complete.
    elapsed_ms = models.PositiveIntegerField(null=True, blank=True)
    revision = models.PositiveSmallIntegerField(default=1)
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ("administration", "position")
        constraints = (
            models.UniqueConstraint(fields=("administration", "item"), name="answer_item"),
            models.UniqueConstraint(
                fields=("administration", "attention_check"), name="answer_attention_check"
            ),
            models.CheckConstraint(
                condition=Q(item__isnull=False, attention_check__isnull=True)
                | Q(item__isnull=True, attention_check__isnull=False),
                name="answer_item_or_check",
            ),
            models.CheckConstraint(
                condition=_ANSWERED
                | Q(
                    value__isnull=True,
                    number__isnull=True,
                    text__isnull=True,
                    missing_reason__in=MissingReason.values,
                ),
                name="answer_value_or_reason",
            ),
        )

    def __str__(self) -> str:
        return self.missing_reason or str(self.stored)

    @property
    def stored(self) -> Stored | None:
        """What was answered; None where there is a reason instead."""
        return stored_in(self.value, self.number, self.text)


class AnswerRevision(models.Model):
    """What an answer was before it was changed."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="revisions")
    revision = models.PositiveSmallIntegerField()
    value = models.SmallIntegerField(null=True, blank=True)
    number = models.FloatField(null=True, blank=True)
    text = models.TextField(null=True, blank=True)  # noqa: DJ001 - as of an answer
    missing_reason = models.CharField(max_length=20, choices=MissingReason, blank=True)
    elapsed_ms = models.PositiveIntegerField(null=True, blank=True)
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ("answer", "revision")
        constraints = (
            models.UniqueConstraint(fields=("answer", "revision"), name="answer_revision_number"),
        )

    def __str__(self) -> str:
        return f"revision {self.revision}"
