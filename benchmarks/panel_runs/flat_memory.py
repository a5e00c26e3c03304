"""Whether a worker's memory stays flat, however many turns it conducts.

    python benchmarks/panel_runs/flat_memory.py --sessions 2500 [--endpoint] [--database-url postgres://…]

One process runs one panel of a study of 40 questions, of a scripted respondent or (`--endpoint`)
against an endpoint in another process that replies at once. Resident memory is printed at every
tenth of the turns. Exits with 1 where it grows by 2 % or more from the first fifth of the turns on.
"""

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
from io import StringIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

QUESTIONS = 40
POINTS = 10
MOST_GROWTH = 0.02
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * PAGE / 2**20


class Meter:
    """Notes the resident memory whenever a tenth of the turns is done; a progress callback."""

    def __init__(self, turns: int) -> None:
        self._step = turns // POINTS
        self._begun = time.perf_counter()
        self.points: list[tuple[int, float]] = []

    def __call__(self, progress: Any) -> None:
        """Note the memory if another tenth is done."""
        if progress.turns < self._step * (len(self.points) + 1):
            return
        self.points.append((progress.turns, resident_megabytes()))
        seconds = time.perf_counter() - self._begun
        turns, megabytes = self.points[-1]
        print(f"{turns:9} {megabytes:8.1f} {turns / seconds:10.0f} {len(gc.get_objects()):12}")
        sys.stdout.flush()

    def growth(self) -> tuple[float, float]:
        """Growth from the first fifth to the end as a share, and megabytes per 10,000 turns.

        The latter by least squares over the last four fifths.
        """
        points = [point for point in self.points if point[0] >= 2 * self._step]
        middle = [sum(values) / len(points) for values in zip(*points, strict=True)]
        rise = sum((turn - middle[0]) * (size - middle[1]) for turn, size in points)
        spread = sum((turn - middle[0]) ** 2 for turn, _ in points)
        return points[-1][1] / points[0][1] - 1, 10_000 * rise / spread


def serve() -> None:
    from llm_respondents.rehearsal import Behaviour, Endpoint

    with Endpoint(Behaviour(), keeps_requests=False) as endpoint:
        print(endpoint.base_url, flush=True)
        sys.stdin.read()


def prepare(url: str, directory: str) -> None:
    os.environ["DATABASE_URL"] = url or f"sqlite:///{directory}/memory.sqlite3"
    os.environ["DATA_DIR"] = directory
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user("memory")
    call_command("open_study", "privacy-prosocial", simulated=True, stdout=StringIO())


def measure(sessions: int, base_url: str, concurrency: int) -> int:
    """Run one panel in this process; 1 if its memory grows."""
    from llm_respondents.design.spec import PanelSpec
    from llm_respondents.runner.limits import Limits
    from llm_respondents.services import RunOptions, recruit_panel, run_panel
    from surveys.models import Study
    from surveys.services.audit import command_actor

    whom = (
        {"model": "small", "base_url": base_url}
        if base_url
        else {"model": "scripted", "provider": "scripted", "profile": "people-like"}
    )
    panel = recruit_panel(
        study=Study.objects.get(), spec=PanelSpec(sessions=sessions, **whom), by=command_actor()
    )
    gc.collect()
    meter = Meter(sessions * QUESTIONS)
    print(f"{'turns':>9} {'RSS MB':>8} {'turns/s':>10} {'objects':>12}")
    options = RunOptions(limits=Limits(concurrency), probe=False)
    run = run_panel(panel_id=panel.pk, options=options, on_progress=meter, by=command_actor())
    if run.status != "complete":
        print(f"the panel is {run.status}: {run.note}")
        return 1
    share, slope = meter.growth()
    print(f"growth over the last four fifths: {share:.2%} (bar {MOST_GROWTH:.0%})")
    print(f"slope: {slope:.3f} MB per 10,000 turns")
    return int(share >= MOST_GROWTH)


def main() -> int:
    """Print the table; 0 where the bar is met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=2500)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--endpoint", action="store_true", help="Ask over HTTP.")
    parser.add_argument("--database-url", default="", help="An empty database; default SQLite.")
    parser.add_argument("--part", choices=("serve",), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part == "serve":
        serve()
        return 0
    with tempfile.TemporaryDirectory() as directory:
        prepare(options.database_url, directory)
        if not options.endpoint:
            return measure(options.sessions, "", options.concurrency)
        command = [sys.executable, __file__, "--part", "serve"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, text=True, **pipes) as server:
            code = measure(options.sessions, server.stdout.readline().strip(), options.concurrency)
            server.communicate("")
    return code


if __name__ == "__main__":
    sys.exit(main())
