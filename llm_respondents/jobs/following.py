"""What is seen of a panel while a worker is at it, and what reaches the worker meanwhile.

A thread beside the worker's loop counts the panel, keeps the count where pages read it, and hears
of a pause, an end, a cancelled job and other orders within seconds.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, connections

from llm_respondents.jobs.tallies import count_and_keep
from llm_respondents.models import Panel
from llm_respondents.runner.orders import Orders
from surveys.jobs.watch import Watch

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0
# Counting may take this share of a thread's time: a count of a large panel is made less often.
SHARE_OF_COUNTING = 0.05
LEAST_BETWEEN_COUNTS = 2.0


@contextmanager
def followed(watch: Watch, panel_id: int, stop: threading.Event) -> Iterator[Orders]:
    """Follow a panel until the block is left; `stop` is set when its worker is to end.

    Inside a transaction of the caller nobody else sees anything of it, and nothing is followed.
    """
    orders = Orders()
    if connection.in_atomic_block:
        yield orders
        count_and_keep(panel_id)
        return
    over = threading.Event()
    # Before anything is asked: what is answered within the first second counts as this job's.
    found = count_and_keep(panel_id)
    begun_at = found.progress.closed if found else 0
    follower = threading.Thread(
        target=_follow,
        args=(watch, panel_id, stop, orders, over, begun_at),
        daemon=True,
        name="follower",
    )
    follower.start()
    try:
        yield orders
    finally:
        over.set()
        follower.join()
        count_and_keep(panel_id)


def _follow(
    watch: Watch,
    panel_id: int,
    stop: threading.Event,
    orders: Orders,
    over: threading.Event,
    begun_at: int,
) -> None:
    next_count = 0.0
    try:
        while not over.wait(SECONDS_BETWEEN_LOOKS):
            try:
                _hear(watch, panel_id, stop, orders)
                if time.monotonic() < next_count:
                    continue
                started = time.monotonic()
                _count(watch, panel_id, begun_at)
                took = time.monotonic() - started
                next_count = started + max(LEAST_BETWEEN_COUNTS, took / SHARE_OF_COUNTING)
            except DatabaseError:
                # The next look may reach it; the worker itself says if it does not.
                logger.warning("Panel %s could not be looked at.", panel_id, exc_info=True)
                connections.close_all()
    finally:
        connections.close_all()


def _count(watch: Watch, panel_id: int, begun_at: int) -> None:
    """Count the panel, say in the job how far it has come; `begun_at` is where it began."""
    tally = count_and_keep(panel_id)
    if tally is None:
        return
    closed, questions = tally.progress.closed, tally.progress.questions
    watch.stands_at("asking", max(closed - begun_at, 0), max(questions - begun_at, 0))
    if closed > begun_at and watch.job.attempts > 1:
        watch.goes_forward()


def _hear(watch: Watch, panel_id: int, stop: threading.Event, orders: Orders) -> None:
    """A cancelled job, a paused or ended panel, another number of calls at once."""
    panel = Panel.objects.only("status", "concurrency").filter(pk=panel_id).first()
    ended = panel is None or panel.status in (Panel.Status.PAUSED, *Panel.OVER)
    if ended or watch.cancelled():
        stop.set()
    elif panel is not None:
        orders.concurrency = panel.concurrency
