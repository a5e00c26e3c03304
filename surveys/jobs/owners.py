"""Who holds a lease, and whether it is still there."""

import os
import secrets
import socket
from datetime import datetime

from django.utils import timezone


def worker_name() -> str:
    """Host, process and a word of chance: who holds a lease, and whether it is still there."""
    return f"{socket.gethostname()[:50]}:{os.getpid()}:{secrets.token_hex(4)}"


def is_gone(owner: str, until: datetime | None) -> bool:
    """Whether a holder is gone: its lease ran out, or it was a process of this host that ended.

    A worker on another machine keeps what it holds until its lease runs out.
    """
    return until is None or until < timezone.now() or _is_dead_here(owner)


def _is_dead_here(owner: str) -> bool:
    host, _, rest = owner.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname()[:50] or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
