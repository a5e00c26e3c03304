"""Turns of history-carrying sessions: Counterpart, a bare loop on the same client, and two peers.

    python benchmarks/panels.py --sessions 50 --concurrency 50 --rounds 3
    python benchmarks/panels.py --sessions 200 --concurrency 200 --processes 2
    python benchmarks/panels.py --database-url postgres://… --peers /tmp/peers
    python benchmarks/panels.py --sessions 100 --priced
    python benchmarks/panels.py --api anthropic

With `--api` another interface is spoken than chat completions, by its own client on both sides. All
run one after the other, in processes of their own, against one endpoint with 200 ms latency.
The bare loop uses the client's cheap path and stores nothing; Counterpart commits every turn before
it asks the next, on SQLite and, with `--database-url`, on PostgreSQL, each time in a database that
is made for it and dropped. With `--priced` it also takes part with a price list and caps on panel
and study, so that every call is held back for and settled. The peers get environments of their own
in the directory given, made when they are not there. With several rounds, medians are printed, and
the median of the ratios within rounds.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from statistics import median

from measuring.databases import database
from panel_runs.endpoint import LATENCY_SECONDS
from panel_runs.workers import QUESTIONS

PROCESSES = Path(__file__).resolve().parent / "panel_runs"
# Far above what a run costs: no call waits for room.
PRICED = """
[endpoints.bench]
base_url = "{base_url}"
api = "{api}"
[endpoints.bench.models.m]
input_per_million = 1
output_per_million = 3
"""
CAP = 1000
PEERS = {"edsl": ("edsl==1.0.9", "openai"), "inspect": ("inspect_ai==0.3.285", "openai")}


@dataclass(frozen=True)
class Measured:
    """Wall and CPU seconds (children included), and peak MB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Size:
    """What every contender is given to do."""

    sessions: int
    concurrency: int
    processes: int

    @property
    def ideal(self) -> float:
        """Seconds that the endpoint's latency alone takes."""
        return -(-self.sessions // self.concurrency) * QUESTIONS * LATENCY_SECONDS

    @property
    def turns(self) -> int:
        """How many calls that is, when none fails."""
        return self.sessions * QUESTIONS


@contextmanager
def endpoint() -> Iterator[str]:
    command = [sys.executable, PROCESSES / "endpoint.py"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield server.stdout.readline().strip()
        server.communicate("")


def given(base_url: str) -> int:
    """How many completions the endpoint gave so far."""
    with urllib.request.urlopen(f"{base_url}/count") as reply:
        return int(reply.read())


def bare(base_url: str, size: Size) -> Measured:
    command = [sys.executable, PROCESSES / "workers.py", "bare", base_url]
    counts = (size.sessions, size.concurrency, size.processes)
    return _together([*command, *_texts(counts)], 1, os.environ)


def counterpart(base_url: str, size: Size, server: str, *, priced: bool = False) -> Measured:
    with tempfile.TemporaryDirectory() as directory, database(server, directory) as url:
        environment = {**os.environ, "DATA_DIR": directory, "DATABASE_URL": url}
        script = [sys.executable, PROCESSES / "workers.py"]
        if priced:
            (Path(directory) / "endpoints.toml").write_text(
                PRICED.format(base_url=base_url, api=environment["BENCH_API"])
            )
        made = subprocess.run(
            [*script, "recruit", base_url, *_texts((size.sessions, 0, CAP * priced))],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        panel = int(made.stdout.split()[-1])
        each = -(-size.concurrency // size.processes)
        command = [*script, "work", base_url, *_texts((size.sessions, each, panel))]
        return _together(command, size.processes, environment)


def _together(command: Sequence[object], processes: int, environment: dict[str, str]) -> Measured:
    """Start processes, let them begin at once when all are ready, and add up what they took."""
    workers = [
        subprocess.Popen(
            [str(part) for part in command],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    begun = time.time()
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    facts = [json.loads(worker.communicate()[0].splitlines()[-1]) for worker in workers]
    ended = max(fact["ended"] for fact in facts)
    return Measured(
        ended - begun, sum(fact["cpu"] for fact in facts), sum(fact["peak"] for fact in facts)
    )


def peer(name: str, base_url: str, size: Size, directory: Path, seconds: float) -> Measured | None:
    """Measure a peer; None if it does not end within its time."""
    python = directory / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", directory / name], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEERS[name]], check=True)
    counts = (size.sessions, size.concurrency, QUESTIONS)
    command = [python, PROCESSES / "peers.py", name, base_url, *_texts(counts)]
    # Their own logs and caches belong to the run, not to whoever runs it.
    with tempfile.TemporaryDirectory() as scratch:
        environment = {**os.environ, "HOME": scratch}
        try:
            run = subprocess.run(
                command,
                env=environment,
                cwd=scratch,
                capture_output=True,
                text=True,
                check=False,
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            return None
    if run.returncode:
        print(run.stderr[-500:], file=sys.stderr)
        return None
    return Measured(**json.loads(run.stdout.splitlines()[-1]))


def _texts(numbers: Sequence[int]) -> list[str]:
    return [str(number) for number in numbers]


Contender = Callable[[str], Measured | None]


def contenders(options: argparse.Namespace, size: Size) -> dict[str, Contender]:
    """Everybody who takes part, by name; the bare loop, to which all are compared, first."""
    found: dict[str, Contender] = {"bare loop": lambda url: bare(url, size)}
    servers = {"SQLite": "", "PostgreSQL": options.database_url}
    for (engine, server), priced in product(servers.items(), (False, True)):
        if (server or engine == "SQLite") and priced <= options.priced:
            name = f"Counterpart, {engine}{' $' if priced else ''}"
            found[name] = partial(counterpart, size=size, server=server, priced=priced)
    if options.peers:
        for name in PEERS:
            found[name] = lambda url, name=name: peer(
                name, url, size, options.peers, options.peer_seconds
            )
    return found


def compare(options: argparse.Namespace, size: Size) -> None:
    print(
        f"{size.sessions} sessions of {QUESTIONS} turns, {size.concurrency} at once, "
        f"Counterpart in {size.processes} process(es); ideal {size.ideal:.1f} s; "
        f"{options.api}; {options.rounds} round(s)"
    )
    heads = ("wall/ideal", "wall/bare", "CPU ms/turn", "CPU/bare", "peak MB", "calls")
    print(" " * 26 + "".join(f"{head:>12}" for head in heads), flush=True)
    rows: dict[str, list[tuple[float, ...]]] = {}
    with endpoint() as base_url:
        for _ in range(options.rounds):
            reference: Measured | None = None
            for name, measure in contenders(options, size).items():
                before = given(base_url)
                measured = measure(base_url)
                calls = given(base_url) - before
                if measured is None:
                    print(f"{name:26}  not done; {calls} of {size.turns} calls made", flush=True)
                    continue
                reference = reference or measured
                rows.setdefault(name, []).append(_figures(measured, calls, size, reference))
    for name, figures in rows.items():
        wall, of_bare, cpu, ratio, peak, calls = map(median, zip(*figures, strict=True))
        ratios = f"{wall:12.2f}{of_bare:12.2f}{cpu:12.2f}{ratio:12.2f}"
        print(f"{name:26}{ratios}{peak:12.0f}{calls:12.0f}")


def _figures(measured: Measured, calls: int, size: Size, bare: Measured) -> tuple[float, ...]:
    walls = measured.wall / size.ideal, measured.wall / bare.wall
    per_turn = 1000 * measured.cpu / size.turns
    return *walls, per_turn, measured.cpu / bare.cpu, measured.peak, calls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--processes", type=int, default=1, help="Counterpart's workers.")
    parser.add_argument(
        "--api", choices=("chat", "responses", "anthropic", "gemini"), default="chat"
    )
    parser.add_argument("--database-url", default="", help="A PostgreSQL server, too.")
    parser.add_argument("--priced", action="store_true", help="Counterpart under caps, too ($).")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--peers", type=Path, help="Directory for the peers' environments.")
    parser.add_argument("--peer-seconds", type=float, default=240.0, help="The most for each.")
    options = parser.parse_args()
    os.environ["BENCH_API"] = options.api
    compare(options, Size(options.sessions, options.concurrency, options.processes))


if __name__ == "__main__":
    main()
