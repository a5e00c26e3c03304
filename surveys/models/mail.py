"""Mail to people who were invited: where they can be reached, kept apart from what they answer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models.studies import LinkList, RecruitingLink, Study, new_token


class Contact(models.Model):
    """The address of the person whom a link of a list belongs to. No answer's row names it."""

    class State(models.TextChoices):
        REACHABLE = "reachable", _("reachable")
        BOUNCED = "bounced", _("bounced")
        COMPLAINED = "complained", _("complained")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")

    link = models.OneToOneField(RecruitingLink, models.CASCADE, related_name="contact")
    address = models.EmailField(max_length=254)
    language = models.CharField(max_length=12)
    state = models.CharField(max_length=12, choices=State, default=State.REACHABLE)
    # In the address at which this person asks for no more mail.
    token = models.CharField(max_length=40, unique=True, default=new_token)
    created_at = models.DateTimeField(auto_now_add=True)
    # When this address took an earlier one's place; what bounced before then was that one's.
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("link",)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("reachable", "bounced", "complained", "unsubscribed")),
                name="contact_state",
            ),
        )

    def __str__(self) -> str:
        return f"contact {self.pk}"


class Mailing(models.Model):
    """One mail to the people of a list, in each language of the study."""

    class Recipients(models.TextChoices):
        ALL = "all", _("everybody on the list")
        NOT_BEGUN = "not_begun", _("those who have not begun")
        NOT_ENDED = "not_ended", _("those who have not handed in")

    study = models.ForeignKey(Study, models.CASCADE, related_name="mailings")
    link_list = models.ForeignKey(LinkList, models.CASCADE, related_name="mailings")
    # Language -> subject, and language -> text with its places unfilled.
    subjects = models.JSONField()
    texts = models.JSONField()
    recipients = models.CharField(max_length=12, choices=Recipients)
    per_minute = models.PositiveIntegerField()
    # The wave that it invites to or reminds of; 0 in a study without waves.
    wave = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("study", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(recipients__in=("all", "not_begun", "not_ended")),
                name="mailing_recipients",
            ),
        )

    def __str__(self) -> str:
        return next(iter(self.subjects.values()), "")


class Delivery(models.Model):
    """One mail to one person: handed over once, or not at all."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        # A worker has it in hand, or died with it in hand: perhaps it was sent. Never sent again.
        IN_HAND = "in_hand", _("perhaps sent")
        SENT = "sent", _("sent")
        REFUSED = "refused", _("refused by the mail server")
        # Sent, and came back, or its reader called it unwanted.
        BOUNCED = "bounced", _("bounced")
        COMPLAINED = "complained", _("complained")
        LEFT_OUT = "left_out", _("left out")

    mailing = models.ForeignKey(Mailing, models.CASCADE, related_name="deliveries")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    at = models.DateTimeField(null=True, blank=True)
    # What the mail server said, without the address.
    said = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("mailing", "pk")
        verbose_name_plural = "deliveries"
        constraints = (
            models.UniqueConstraint(fields=("mailing", "contact"), name="delivery_once"),
            models.CheckConstraint(
                condition=Q(
                    state__in=(
                        *("waiting", "in_hand", "sent", "refused"),
                        *("bounced", "complained", "left_out"),
                    )
                ),
                name="delivery_state",
            ),
        )

    def __str__(self) -> str:
        return f"delivery {self.pk}"
