"""Looking at many people for flags: a job, since nobody waits so long for a page."""

from typing import Any

from surveys.jobs.queue import join_or_start
from surveys.jobs.watch import Watch
from surveys.models import Job, Study
from surveys.roles import Act
from surveys.services.audit import Actor, require
from surveys.services.flagging.signals import MOST_AT_ONCE, raise_flags, unlooked

LOOK = "flags"


def too_many_to_wait_for(study: Study) -> bool:
    """Whether more people are to be looked at than a page does while somebody waits for it."""
    return len(unlooked(study)) > MOST_AT_ONCE


def start_look_at_people(*, study: Study, by: Actor) -> Job:
    """Let a worker look at everybody who was not looked at yet, unless one is at it already.

    Raises `RoleNeeded`.
    """
    require(by=by, study=study, act=Act.IDENTITIES)
    return join_or_start(
        LOOK, study=study, subject=f"flags:{study.pk}", parameters={}, queued_by=by.as_json()
    )


def carry_out_look(watch: Watch) -> dict[str, Any]:
    """The job: whoever takes it up after a worker's death goes on where that one was."""
    study, done = watch.job.study, 0
    assert study is not None
    tell = watch.told("people_looked_at")

    def look(seen: int, total: int) -> None:
        nonlocal done
        done = seen
        tell(seen, total)
        watch.check()

    raise_flags(study=study, most=None, progress=look)
    return {"people": done}
