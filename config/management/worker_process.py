"""A worker beside the web server, so that what a page starts goes on with nothing else running."""

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

# A worker that cannot start (no memory, a faulty setting) must not be started in a hurry.
PAUSE_SECONDS = 20.0
# The job at hand may be a long one: it keeps its lease, and a later worker takes it up.
PATIENCE_SECONDS = 10.0


@contextmanager
def worker_beside() -> Iterator[None]:
    """Keep one `manage.py worker` running until the block is left; one that dies is replaced."""
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(over,), name="worker's keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep(over: threading.Event) -> None:
    while not over.is_set():
        process = _start()
        while process.poll() is None and not over.wait(0.5):
            pass
        if over.is_set():
            _stop(process)
            return
        logger.error(
            "The worker ended with status %s; another one starts in %.0f seconds.",
            process.returncode,
            PAUSE_SECONDS,
        )
        over.wait(PAUSE_SECONDS)


def _start() -> subprocess.Popen[bytes]:
    manage = Path(settings.BASE_DIR) / "manage.py"
    # A session of its own: Ctrl-C reaches the server, which tells the worker to stop, once. The
    # pipe closes when the server is gone, however it went.
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, str(manage), "worker", "--with-parent", "--verbosity", "0"],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE_SECONDS)
    if process.poll() is None:
        process.kill()
        process.wait()
