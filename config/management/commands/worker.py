"""Do the work that pages, the REST interface and dead workers left to do."""

import argparse
import os
import signal
import sys
import threading
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from surveys.jobs.patrol import beside, patrol
from surveys.services.webhooks.telling import tell_what_happened


class Command(BaseCommand):
    help = (
        "Work on jobs until told to stop: the worker of the queue in use, which also takes up jobs "
        "whose worker died, at its start and while it is idle."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--batch", action="store_true", help="Stop when nothing waits any more."
        )

        parser.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)

    def handle(
        self, *_args: Any, batch: bool, with_parent: bool, verbosity: int, **_options: Any
    ) -> None:
        """Run until SIGTERM or SIGINT; the job at hand is finished first."""
        if with_parent:
            threading.Thread(target=_stop_when_alone, daemon=True).start()
        # What was promised people for a time is kept also where nobody set up cron.
        call_command("tidy_people", verbosity=0, stdout=StringIO())
        with patrol(), beside(tell_what_happened, pause=settings.WEBHOOK_SECONDS):
            if settings.TASKS_BACKEND == "rq":
                job_class = "django_tasks_rq.Job"
                _leave_no_connection()
                call_command(
                    "rqworker", "default", job_class=job_class, burst=batch, verbosity=verbosity
                )
            else:
                call_command("db_worker", batch=batch, reload=False, verbosity=verbosity)


def _leave_no_connection() -> None:
    """Close what this process has open to the database, the pool included.

    RQ forks a process for each job. Two that inherit one connection speak into each other's: the
    second prepares a statement that the server has from the first.
    """
    connections.close_all()
    for one in connections.all():
        # SQLite has none.
        if hasattr(one, "close_pool"):
            one.close_pool()


def _stop_when_alone() -> None:
    """Whoever started this worker holds the other end of its standard input."""
    # Without Python's buffer, whose lock this thread would hold when the interpreter ends.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
