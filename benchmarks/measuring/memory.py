"""The peak memory of a process with its children, shared pages counted once (PSS, Linux).

    with PeakMemory() as peak:
        ...
    peak.megabytes

Another process looks every 20 ms, so that what is measured stays single-threaded.
"""

import contextlib
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self


class PeakMemory:
    """Watches this process and its children while the block runs."""

    megabytes: float = 0.0

    def __enter__(self) -> Self:
        self._watcher = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        answer, _ = self._watcher.communicate("stop\n")
        self.megabytes = float(answer)


def family_of(pid: int, stranger: int) -> list[int]:
    """`pid` and all its descendants but `stranger`."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [
        member
        for child in map(int, children)
        if child != stranger
        for member in family_of(child, stranger)
    ]


def proportional_kilobytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def watch() -> None:
    parent, own, most = os.getppid(), os.getpid(), 0
    while not select.select([sys.stdin], [], [], 0.0)[0]:
        # a child may end between the two looks
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            most = max(most, sum(map(proportional_kilobytes, family_of(parent, own))))
        time.sleep(0.02)
    print(most / 1024.0)


if __name__ == "__main__":
    watch()
