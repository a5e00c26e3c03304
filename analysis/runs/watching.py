"""A run under way: how it is conducted, where it is, and whether somebody asked it to stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from analysis.models import AnalysisRun

# Often enough for a page, seldom enough to cost nothing.
SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a run is carried out, as far as it does not change what is found.

    `progress` is told (stage, done, total); `cancelled` is asked between pieces of work.
    """

    processes: int = 1
    progress: Callable[[str, int, int], object] | None = None
    cancelled: Callable[[], bool] | None = None


@dataclass
class Watch:
    """Writes a run's progress to its row and reads from it whether to stop, once a second."""

    run: AnalysisRun
    conduct: Conduct
    _told_at: float = field(default=0.0, init=False)
    _looked_at: float = field(default=0.0, init=False)
    _asked: bool = field(default=False, init=False)

    def told(self, stage: str) -> Callable[[int, int], None]:
        """The progress of one stage."""

        def tell(done: int, total: int) -> None:
            if self.conduct.progress is not None:
                self.conduct.progress(stage, done, total)
            if time.monotonic() - self._told_at >= SECONDS_BETWEEN_LOOKS:
                self._told_at = time.monotonic()
                where = {"stage": stage, "done": done, "total": total}
                AnalysisRun.objects.filter(pk=self.run.pk).update(progress=where)

        return tell

    def cancelled(self) -> bool:
        """Whether the caller or somebody at the row asked to stop."""
        if self.conduct.cancelled is not None and self.conduct.cancelled():
            return True
        if time.monotonic() - self._looked_at >= SECONDS_BETWEEN_LOOKS:
            self._looked_at = time.monotonic()
            self._asked = AnalysisRun.objects.filter(pk=self.run.pk, cancel_requested=True).exists()
        return self._asked
