"""The process of an installation that has imported everything: it runs code, and is forked from.

`manage.py shell -c "import site_shell; site_shell.serve()"`. To start anew takes a process two
seconds, which nobody has for every query and every worker of every test.

Each line of its standard input is one request as JSON, and is answered by one line:

``{"run": code}``
    ``{"said": what it printed, "error": the traceback or ""}``
``{"fork": arguments, "out": path, "err": path}``
    ``{"pid": number}`` of a new process that does what `manage.py` does with these arguments, and
    writes into these files
``{"wait": pid}``
    ``{"ended": null}`` while it runs, and the exit code after that (negative: by a signal)
"""

import io
import json
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any

import openai  # noqa: F401 - loaded by whoever asks a model; here once for all forks
from django.core.management import execute_from_command_line, get_commands, load_command_class
from django.db import connections


def serve() -> None:
    """Answer until nobody asks; in a forked process, end as its command does."""
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(_answer(**json.loads(line)))}\n")
        sys.stdout.flush()


def _answer(**asked: Any) -> dict[str, Any]:
    if "run" in asked:
        return _run(asked["run"])
    if "fork" in asked:
        return {"pid": _fork(asked["fork"], asked["out"], asked["err"])}
    pid, status = os.waitpid(asked["wait"], os.WNOHANG)
    return {"ended": os.waitstatus_to_exitcode(status) if pid else None}


def _run(code: str) -> dict[str, str]:
    said, error = io.StringIO(), ""
    try:
        with redirect_stdout(said):
            exec(code, {})
    except Exception:  # noqa: BLE001 - raised in the test that asked
        error = traceback.format_exc()
    _leave_no_connection()
    return {"said": said.getvalue(), "error": error}


def _fork(arguments: list[str], out: str, err: str) -> int:
    # What the command imports is there for the next one too.
    load_command_class(get_commands()[arguments[0]], arguments[0])
    _leave_no_connection()
    child = os.fork()
    if child:
        return child
    for stream, path in enumerate((os.devnull, out, err)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND), stream)
    execute_from_command_line(["manage.py", *arguments])
    # Through `serve` and out of the interpreter, as whoever was started by hand.
    raise SystemExit


def _leave_no_connection() -> None:
    """Workers must find nothing locked, and a fork must share nobody's connection."""
    connections.close_all()
    for one in connections.all(initialized_only=True):
        close_pool: Callable[[], None] | None = getattr(one, "close_pool", None)
        if close_pool is not None:
            close_pool()
