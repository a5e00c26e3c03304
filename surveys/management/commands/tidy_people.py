"""Do for people what was promised for a time: delete ids, end who is late, ask for credit again."""

from typing import Any

from surveys.management.base import Made, SteeringCommand
from surveys.services.audit import Actor
from surveys.services.people.tidying import tidy_people


class Command(SteeringCommand):
    nothing_follows = "it is called again by cron, or by the next worker that starts"
    help = (
        "Delete ids, answers and mail addresses whose retention is over, end whoever is out of "
        "time, and ask again for credit that waits; delete pictures, sounds and videos that no "
        "instrument and no draft has shown for 30 days, and what dead imports left. A worker does "
        "it at its start and once a day; without one let cron run it."
    )

    def perform(self, *, by: Actor, **_options: Any) -> Made:
        done = tidy_people(by=by)
        return Made([f"{name}: {count}" for name, count in done.items()], done)
