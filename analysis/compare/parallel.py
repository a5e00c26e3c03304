"""Many small pieces of work, in this process or several, with progress and a way to stop.

Results come back in the order of the pieces, whoever did them and whenever they were done.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from analysis.compare.errors import ComparisonCancelled

Piece = TypeVar("Piece")
Result = TypeVar("Result")

Progress = Callable[[int, int], None]
Cancelled = Callable[[], bool]

# How long a wait may keep a request to stop from being noticed.
SECONDS_BETWEEN_LOOKS = 0.2


@dataclass(frozen=True, slots=True)
class Work:
    """How work is to be carried out.

    ``progress`` is called with pieces done and pieces in all, ``cancelled`` is asked between
    pieces; when it answers True, ``ComparisonCancelled`` is raised.
    """

    processes: int = 1
    progress: Progress | None = None
    cancelled: Cancelled | None = None

    def carry_out(self, worker: Callable[[Piece], Result], pieces: Sequence[Piece]) -> list[Result]:
        """Do every piece. ``worker`` and pieces must pickle where there are several processes."""
        several = self.processes > 1 and len(pieces) > 1
        results = self._pool(worker, pieces) if several else self._here(worker, pieces)
        return list(results)

    def _here(self, worker: Callable[[Piece], Result], pieces: Sequence[Piece]) -> Iterator[Result]:
        for done, piece in enumerate(pieces):
            self._look(done, len(pieces))
            yield worker(piece)
        self._look(len(pieces), len(pieces))

    def _pool(self, worker: Callable[[Piece], Result], pieces: Sequence[Piece]) -> list[Result]:
        workers = min(self.processes, len(pieces))
        context = get_context(start_method())
        with ProcessPoolExecutor(
            workers, context, initializer=_receive, initargs=(worker,)
        ) as pool:
            futures = [pool.submit(_do, piece) for piece in pieces]
            try:
                self._watch(futures)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
            return [future.result() for future in futures]

    def _watch(self, futures: Sequence[Future[Any]]) -> None:
        pending = set(futures)
        while pending:
            finished, pending = wait(pending, timeout=SECONDS_BETWEEN_LOOKS)
            for future in finished:
                future.result()
            self._look(len(futures) - len(pending), len(futures))

    def _look(self, done: int, total: int) -> None:
        if self.cancelled is not None and self.cancelled():
            raise ComparisonCancelled("The comparison was stopped on request.", code="cancelled")
        if self.progress is not None:
            self.progress(done, total)


def start_method() -> str:
    """ "fork" where it is safe, in a process of one thread; "spawn", slower to start, elsewhere."""
    threads = Path("/proc/self/task")
    return "fork" if threads.is_dir() and len(list(threads.iterdir())) == 1 else "spawn"


_worker: Callable[[Any], Any] | None = None  # what this process was given at its start


def _receive(worker: Callable[[Any], Any]) -> None:
    global _worker
    _worker = worker


def _do(piece: Any) -> Any:
    assert _worker is not None
    return _worker(piece)
