"""Which use case does the work of which kind of job. Apps register theirs when they are ready."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from surveys.jobs.watch import Watch
from surveys.models import Job
from surveys.roles import Act


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    `act` is what somebody must be allowed to stop one, and to take the file that it leaves.
    `carry_out` does it from the row alone and returns what came of it, so that any worker can; None
    where only the process that began it can. `ended` hears, in the same transaction, of a job that
    ended without a result. So many workers take it up at most, one after another's death. Of what
    it is about, `address` says where it is looked at. A `daily` one is started by workers.
    """

    name: str
    label: Any  # a translatable string
    carry_out: Callable[[Watch], dict[str, Any]] | None = None
    ended: Callable[[Job], None] | None = None
    act: Act = Act.ANALYSE
    attempts: int = 2
    address: Callable[[Job], str] | None = None
    daily: bool = False


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Make kinds of jobs known to workers and pages."""
    _kinds.update({kind.name: kind for kind in kinds})


def daily_kinds() -> list[Kind]:
    """What workers start by themselves once a day."""
    return [kind for kind in _kinds.values() if kind.daily]


def kind_named(name: str) -> Kind:
    """A kind by its name; one that nobody registered can be shown, and not carried out."""
    return _kinds.get(name) or Kind(name, name)
