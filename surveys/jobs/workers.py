"""Which workers live: each says so by its row while it works or waits."""

from datetime import timedelta

from django.utils import timezone

from surveys.jobs.owners import is_gone
from surveys.jobs.watch import lease_length
from surveys.models import Worker

# How long the row of a worker that was killed is kept, so that pages can say since when it is gone.
REMEMBERED = timedelta(days=1)


def say_alive(name: str) -> None:
    """Give a sign of life of a worker; forget those that are long gone."""
    now = timezone.now()
    Worker.objects.update_or_create(name=name, defaults={"seen_at": now})
    Worker.objects.filter(seen_at__lt=now - REMEMBERED).delete()


def say_gone(name: str) -> None:
    """A worker stops in an orderly way."""
    Worker.objects.filter(name=name).delete()


def is_alive(worker: Worker) -> bool:
    """Whether a worker gave a sign of life within a lease, and has not ended on this machine."""
    return not is_gone(worker.name, worker.seen_at + lease_length())


def living_workers() -> list[Worker]:
    """The workers that live, the oldest first. One query."""
    return [worker for worker in Worker.objects.all() if is_alive(worker)]
