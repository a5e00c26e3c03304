"""Do for people what was promised for a time: delete ids, end who is late, ask for credit again."""

from typing import Any

from surveys.management.base import Made, SteeringCommand
from surveys.services.audit import Actor
from surveys.services.inviting.contacts import forget_addresses
from surveys.services.people.erasure import keep_retention
from surveys.services.people.tidying import end_late, wake_credit


class Command(SteeringCommand):
    nothing_follows = "it is called again by cron, or by the next worker that starts"
    help = (
        "Delete ids and mail addresses whose retention is over, end whoever is out of time, and "
        "ask again for credit that waits. Let cron run it once a day; a worker does it at its "
        "start as well."
    )

    def perform(self, *, by: Actor, **_options: Any) -> Made:
        done = {
            "ids_deleted": keep_retention(by=by),
            "addresses_deleted": forget_addresses(),
            "timed_out": end_late(),
            "links_with_credit": wake_credit(),
        }
        return Made([f"{name}: {count}" for name, count in done.items()], done)
