"""lavaan and semopy for `benchmarks/sem.py`: each in a process of its own, its times read back."""

import argparse
import csv
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
# Draws of the bootstrap whose numbers are compared, and those that lavaan is timed on.
CHECKED_DRAWS = 10
LAVAAN_DRAWS = 100


@dataclass
class Timings:
    """Wall and CPU seconds of every turn of every case, and the numbers it gave."""

    wall: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    numbers: dict[tuple[str, str], float] = field(default_factory=dict)

    def add(self, case: str, wall: float, cpu: float) -> None:
        """One turn of a case."""
        self.wall.setdefault(case, []).append(wall)
        self.cpu.setdefault(case, []).append(cpu)

    def median(self, case: str) -> float | None:
        """Seconds of a case, None if it was not run.

        CPU seconds, which a busy neighbour leaves alone; wall seconds of what runs in processes.
        """
        of = self.wall if case.startswith("bootstrap") else self.cpu
        return statistics.median(of[case]) if case in of else None


def run_lavaan(folder: Path, arguments: argparse.Namespace) -> Timings | None:
    command = shutil.which("Rscript")
    if arguments.without_lavaan or command is None:
        print("lavaan is left out: Rscript with the package lavaan is needed")
        return None
    script = HERE / "lavaan_timings.R"
    options = [str(arguments.repeats), str(LAVAAN_DRAWS), str(CHECKED_DRAWS)]
    subprocess.run([command, str(script), str(folder), *options], check=True)
    timings = read_times(folder / "times.csv")
    for row in read_rows(folder / "numbers.csv"):
        timings.numbers[row["case"], row["name"]] = float(row["value"])
    # a loop of equal refits: a hundred draws tell what a thousand take
    factor = arguments.draws / LAVAAN_DRAWS
    timings.wall["bootstrap parcels"] = [
        factor * seconds for seconds in timings.wall["bootstrap parcels"]
    ]
    return timings


def run_semopy(folder: Path, arguments: argparse.Namespace) -> Timings | None:
    if arguments.without_semopy:
        return None
    python = semopy_python()
    if python is None:
        print("semopy is left out: its environment could not be made")
        return None
    script = HERE / "semopy_timings.py"
    subprocess.run([str(python), str(script), str(folder), "3"], check=True)
    return read_times(folder / "semopy.csv")


def semopy_python() -> Path | None:
    """The interpreter of an environment that has semopy, made on first use."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    home = cache / "counterpart" / "semopy"
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=False)
    has = [str(python), "-c", "import semopy"]
    if subprocess.run(has, check=False, capture_output=True).returncode != 0:
        install = [str(python), "-m", "pip", "install", "-q", "semopy"]
        subprocess.run(install, check=False, capture_output=True)
    found = subprocess.run(has, check=False, capture_output=True).returncode == 0
    return python if found else None


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def read_times(path: Path) -> Timings:
    timings = Timings()
    for row in read_rows(path):
        timings.add(row["case"], float(row["wall"]), float(row["cpu"]))
    return timings
