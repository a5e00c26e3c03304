"""Workers that are forked from an installation that has started already, and may be killed.

Each takes one task from the queue as `manage.py worker` does, in a process of its own. To start one
anew takes seconds, which nobody has for every statement at which a worker may die.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections
from django.db.backends.utils import CursorWrapper

from surveys.jobs import kinds
from surveys.jobs.watch import Watch
from surveys.services.people import crediting

# As the job is about to say that it is done: everything has been done but that.
AT_ITS_END = -1


def do_one_task(kind: str, *, die_at: int, count: Path, log: Path, sona: str = "") -> int:
    """Let a process of its own do what is first in the queue; how it ended (negative: by signal).

    It kills itself as its job of the `kind` is about to send its statement number `die_at` (0:
    never), or `AT_ITS_END`; otherwise it writes how many there were into the file `count`. Calls to
    a school's SONA go to the address `sona`.
    """
    connections.close_all()
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    status = 1
    try:
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(out, stream)
        if sona:
            _lead_to(sona)
        _let_die(kind, die_at, count)
        call_command(
            "db_worker", batch=True, max_tasks=1, reload=False, startup_delay=False, verbosity=0
        )
        status = 0
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        os._exit(status)


def _lead_to(sona: str) -> None:
    asked = crediting._fetched

    def fetched(address: str) -> tuple[int, str]:
        return asked(f"{sona}?{address.partition('?')[2]}")

    crediting._fetched = fetched


def _let_die(name: str, die_at: int, count: Path) -> None:
    kind, sent = kinds.kind_named(name), 0
    assert kind.carry_out is not None
    done: Callable[[Watch], dict[str, Any]] = kind.carry_out
    execute = CursorWrapper._execute_with_wrappers

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*args, **kwargs)

    def carry_out(watch: Watch) -> dict[str, Any]:
        CursorWrapper._execute_with_wrappers = counted
        found = done(watch)
        if die_at == AT_ITS_END:
            os.kill(os.getpid(), signal.SIGKILL)
        CursorWrapper._execute_with_wrappers = execute
        count.write_text(str(sent))
        return found

    kinds.register(replace(kind, carry_out=carry_out))
