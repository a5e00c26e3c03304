"""Looking after jobs from a worker that has nothing to do, or is busy with something long.

It also says that the worker lives.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from functools import partial

from django.db import DatabaseError, connections
from django.db.utils import DEFAULT_DB_ALIAS

from surveys.jobs.owners import worker_name
from surveys.jobs.queue import look_after_jobs, start_daily_jobs
from surveys.jobs.watch import lease_length
from surveys.jobs.workers import say_alive, say_gone

logger = logging.getLogger(__name__)

LOOKS_PER_LEASE = 4


@contextmanager
def patrol() -> Iterator[None]:
    """Take up the jobs of dead workers from now on, until the block is left."""
    with _in_a_thread("patrol", _patrol):
        yield


def _patrol(over: threading.Event) -> None:
    pause, name = lease_length().total_seconds() / LOOKS_PER_LEASE, worker_name()
    while True:
        with _a_connection_of_ones_own():
            say_alive(name)
            start_daily_jobs()
            look_after_jobs()
        if over.wait(pause):
            break
    with _a_connection_of_ones_own():
        say_gone(name)


@contextmanager
def beside(work: Callable[[], object], *, pause: float) -> Iterator[None]:
    """Do something again and again, `pause` seconds apart, until the block is left.

    In a thread of its own: it may take its time, and keeps no sign of life waiting.
    """
    with _in_a_thread("beside", partial(_again, work, pause)):
        yield


def _again(work: Callable[[], object], pause: float, over: threading.Event) -> None:
    while not over.is_set():
        with _a_connection_of_ones_own():
            try:
                work()
            except (DatabaseError, OSError):
                raise
            except Exception:
                # A fault of ours must not end what else the worker does, nor this for good.
                logger.exception("Work beside jobs failed; it is tried again.")
        over.wait(pause)


@contextmanager
def _in_a_thread(name: str, run: Callable[[threading.Event], object]) -> Iterator[None]:
    """Let `run` go on until the block is left, which sets the event that it is given."""
    over = threading.Event()
    thread = threading.Thread(target=run, args=(over,), daemon=True, name=name)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=lease_length().total_seconds())


@contextmanager
def _a_connection_of_ones_own() -> Iterator[None]:
    """Outside of the pool, which a process that RQ forks for its job would inherit half-used."""
    settings = deepcopy(connections.settings[DEFAULT_DB_ALIAS])
    settings["OPTIONS"].pop("pool", None)
    backend = type(connections[DEFAULT_DB_ALIAS])
    connections[DEFAULT_DB_ALIAS] = backend(settings, DEFAULT_DB_ALIAS)
    try:
        yield
    except (DatabaseError, OSError):
        # The database or the queue is away; the worker says so itself.
        logger.warning("Jobs could not be looked after.", exc_info=True)
    finally:
        connections[DEFAULT_DB_ALIAS].close()
