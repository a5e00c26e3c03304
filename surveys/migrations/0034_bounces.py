"""Mails that came back, and readers who called them unwanted."""

from django.db import migrations, models
from django.db.models import Q

CONTACT_STATES = [
    ("reachable", "reachable"),
    ("bounced", "bounced"),
    ("complained", "complained"),
    ("unsubscribed", "unsubscribed"),
]
DELIVERY_STATES = [
    ("waiting", "waiting"),
    ("in_hand", "perhaps sent"),
    ("sent", "sent"),
    ("refused", "refused by the mail server"),
    ("bounced", "bounced"),
    ("complained", "complained"),
    ("left_out", "left out"),
]


def _among(states):
    return Q(state__in=tuple(state for state, _label in states))


class Migration(migrations.Migration):
    dependencies = [("surveys", "0033_paradata")]

    operations = [
        migrations.RemoveConstraint("contact", "contact_state"),
        migrations.RemoveConstraint("delivery", "delivery_state"),
        migrations.AddField(
            "contact", "changed_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AlterField(
            "contact",
            "state",
            models.CharField(choices=CONTACT_STATES, default="reachable", max_length=12),
        ),
        migrations.AlterField(
            "delivery",
            "state",
            models.CharField(choices=DELIVERY_STATES, default="waiting", max_length=10),
        ),
        migrations.AddConstraint(
            "contact",
            models.CheckConstraint(condition=_among(CONTACT_STATES), name="contact_state"),
        ),
        migrations.AddConstraint(
            "delivery",
            models.CheckConstraint(condition=_among(DELIVERY_STATES), name="delivery_state"),
        ),
    ]
