"""The help, made anew beside the web server where it is missing or older than its sources."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from config.help.building import is_current

PATIENCE_SECONDS = 5.0


@contextmanager
def help_beside() -> Iterator[None]:
    """Let `manage.py build_help` run beside the block where the help is not current.

    In a process of its own: what builds pages needs libraries that nobody who serves them does. It
    takes seconds; one that is under way when the block is left ends by itself.
    """
    if is_current():
        yield
        return
    manage = Path(settings.BASE_DIR) / "manage.py"
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, str(manage), "build_help", "--json"],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        yield
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_SECONDS)
        process.terminate()
