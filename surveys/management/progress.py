"""How far a command is: a moving bar on a terminal, elsewhere a line for every ten per cent."""

from __future__ import annotations

import sys
from typing import Any, Self

from tqdm import tqdm

STEPS = 10


class ProgressBar:
    """One count that goes up to a total; written to the error stream, so that output stays clean.

    A log or a pipe keeps what is written to it, and a bar is hundreds of frames there.
    """

    def __init__(
        self, label: str, total: int | None = None, *, initial: int = 0, quiet: bool = False
    ) -> None:
        self._label, self._total, self._done = label, total, initial
        self._quiet = quiet
        self._bar: tqdm[Any] | None = None
        if not quiet and sys.stderr.isatty():
            self._bar = tqdm(total=total, initial=initial, desc=label, unit="")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def show(self, done: int, total: int | None = None) -> None:
        """So much is done, of `total` where that is known only now."""
        before, self._done = self._done, done
        self._total = total or self._total
        if self._bar is not None:
            self._bar.total = self._total
            self._bar.update(done - before)
        elif not self._quiet and self._step(done) > self._step(before):
            share = done / self._total if self._total else 1.0
            sys.stderr.write(f"{self._label}: {share:.0%} ({done} of {self._total})\n")

    def close(self) -> None:
        """Leave the bar as it is; nothing more is shown."""
        if self._bar is not None:
            self._bar.close()

    def _step(self, done: int) -> int:
        return done * STEPS // self._total if self._total else 0
