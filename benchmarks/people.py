"""People who answer 33 items on five pages: Counterpart and oTree, session by session in one run.

    python benchmarks/people.py --otree DIR                      # SQLite; DIR: oTree's environment
    python benchmarks/people.py --otree DIR --server postgres://postgres@127.0.0.1/postgres

Processor time of a person (web and database processes), seconds from a click to the next page, one
after the other and eight at once; a class that comes within five seconds; kills (SIGKILL) while
people answer; twenty people while somebody guesses passwords. `--only` chooses among these. DIR is
made at first, with oTree from PyPI in it.
`--statements` prints what a person costs within one process instead, and in how many statements.

Other work on the machine moves every number: only ratios of one run, whose sides take turns, say
anything.
"""

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from measuring.databases import database
from people_runs import statements
from people_runs.flood import flood
from people_runs.sites import OTree, Ours, Site, free_ports, running
from people_runs.visits import Visit

PARTS = ("one", "eight", "class", "kills", "flood")
OTREE = "otree==6.0.15"


@dataclass
class Measured:
    """What visits to one site came to."""

    visits: list[Visit] = field(default_factory=list)
    processor: float = 0.0
    seconds: float = 0.0

    @property
    def pages(self) -> list[float]:
        """Seconds of every page."""
        return [page for visit in self.visits for page in visit.pages]

    def quantile(self, share: float) -> float:
        """Milliseconds from a click to the next page."""
        pages = sorted(self.pages)
        return 1000 * pages[min(len(pages) - 1, int(share * len(pages)))]


def one_after_the_other(sites: list[Site], people: int) -> dict[str, Measured]:
    """Sides take turns, person by person."""
    found = {site.name: Measured() for site in sites}
    for _ in range(people):
        for site in sites:
            measured, before = found[site.name], site.processor_seconds()
            begun, visit = time.perf_counter(), site.visit()
            visit.go()
            measured.seconds += time.perf_counter() - begun
            measured.processor += site.processor_seconds() - before
            measured.visits.append(visit)
    return found


def at_once(site: Site, together: int, seconds: float, thinks: float = 0.0) -> Measured:
    """So many people at any time, the next one as soon as one has ended."""
    until, found = time.perf_counter() + seconds, Measured()
    before, begun = site.processor_seconds(), time.perf_counter()

    def keep_coming() -> None:
        while time.perf_counter() < until:
            visit = site.visit()
            visit.more = _thinking(visit.more, thinks) if thinks else visit.more
            visit.go()
            found.visits.append(visit)

    _together([keep_coming] * together)
    found.seconds = time.perf_counter() - begun
    found.processor = site.processor_seconds() - before
    return found


def a_class(site: Site, people: int, within: float, thinks: float) -> Measured:
    """Everybody comes `within` seconds and reads each page for a moment of their own."""
    found, draw = Measured(), random.Random(1)
    moments = [draw.uniform(0, within) for _ in range(people)]

    def come(moment: float) -> None:
        time.sleep(moment)
        visit = site.visit()
        visit.more = _thinking(visit.more, thinks)
        visit.go()
        found.visits.append(visit)

    before, begun = site.processor_seconds(), time.perf_counter()
    _together([lambda moment=moment: come(moment) for moment in moments])
    found.seconds = time.perf_counter() - begun
    found.processor = site.processor_seconds() - before
    return found


def _thinking(more: Callable, thinks: float) -> Callable:
    def answer(address: str) -> dict[str, str]:
        time.sleep(random.uniform(0.5, 1.5) * thinks)
        return more(address)

    return answer


def flooded(site: Site, seconds: float, rounds: int) -> float:
    """Twenty people without and with sixteen guessers of passwords; the ratio of their p95.

    They read each page for a second, so that it is not they who fill the machine.
    """
    found: list[float] = []
    print("| | people | page p50 | p95 | guesses by status |")
    print("|---|---|---|---|---|")
    for _ in range(rounds):
        quiet = at_once(site, 20, seconds, thinks=1.0)
        with flood(site.ports, 16) as guesses:
            loud = at_once(site, 20, seconds, thinks=1.0)
        for name, measured, said in (("quiet", quiet, ""), ("flooded", loud, dict(guesses))):
            p50, p95 = (measured.quantile(share) for share in (0.5, 0.95))
            print(f"| {name} | {len(measured.visits)} | {p50:.1f} ms | {p95:.1f} ms | {said} |")
        found.append(loud.quantile(0.95) / quiet.quantile(0.95))
    return statistics.median(found)


def kills(site: Site, together: int, seconds: float, times: int) -> tuple[int, int, int, int]:
    """Kill processes while people answer: answers acknowledged, lost, doubled; requests again."""
    draw, until = random.Random(1), time.perf_counter() + seconds
    before, visits = _begun(site), list[Visit]()

    def keep_coming() -> None:
        while time.perf_counter() < until:
            visit = site.visit(retries=True)
            visits.append(visit)
            visit.go()

    def kill() -> None:
        for number in range(times):
            time.sleep(seconds / (times + 1) * draw.uniform(0.5, 1.5))
            place = number % len(site.ports)
            site.kill(place)
            site.start(place)

    _together([*[keep_coming] * together, kill])
    lost, doubled = _held_against(site, visits)
    # Nobody began twice.
    doubled += _begun(site) - before - len(visits)
    acknowledged = sum(len(_answers(sent)) for one in visits for sent in one.acknowledged.values())
    return acknowledged, lost, doubled, sum(one.tried_again for one in visits)


def _answers(sent: dict[str, str]) -> dict[str, int]:
    return {name: int(value) for name, value in sent.items() if name.startswith("days.")}


def _held_against(site: Site, visits: list[Visit]) -> tuple[int, int]:
    """What the database holds against what people were told is stored."""
    rows = site.query(
        "SELECT d.token, i.key, a.value FROM surveys_answer a"
        " JOIN surveys_administration d ON d.id = a.administration_id"
        " JOIN surveys_item i ON i.id = a.item_id"
    )
    stored: dict[tuple[str, str], list[int]] = {}
    for token, key, value in rows:
        stored.setdefault((token, f"days.{key}"), []).append(value)
    lost = sum(
        stored.get((address.split("/")[2], ref), [None])[0] != value
        for visit in visits
        for address, sent in visit.acknowledged.items()
        for ref, value in _answers(sent).items()
    )
    doubled = sum(len(values) - 1 for values in stored.values())
    # No page was stored twice, and none was changed.
    submitted = site.query(
        "SELECT count(*) - count(DISTINCT (administration_id || idempotency_key))"
        " FROM surveys_submission"
    )[0][0]
    changed = site.query("SELECT count(*) FROM surveys_answerrevision")[0][0]
    return lost, doubled + submitted + changed


def _begun(site: Site) -> int:
    return int(site.query("SELECT count(*) FROM surveys_administration")[0][0])


def _together(tasks: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(len(tasks)) as pool:
        for done in [pool.submit(task) for task in tasks]:
            done.result()


def _environment(directory: Path) -> Path:
    """The Python of an environment of oTree's own, which is made where there is none."""
    python = directory / "bin" / "python"
    if not python.exists():
        venv.create(directory, with_pip=True)
        installed = [OTREE, "psycopg2-binary"]
        subprocess.run([python, "-m", "pip", "install", "-q", *installed], check=True)
    return python


def _row(name: str, measured: Measured) -> str:
    people = len(measured.visits)
    requests = sum(visit.requests for visit in measured.visits) / people
    return (
        f"| {name} | {people} | {requests:.0f} | {1000 * measured.processor / people:.1f} ms"
        f" | {measured.quantile(0.5):.1f} ms | {measured.quantile(0.95):.1f} ms"
        f" | {people / measured.seconds:.1f} |"
    )


def _compare(sites: list[Site], rounds: list[dict[str, Measured]]) -> None:
    """Each round, then the ratio of medians."""
    print("| program | people | requests | CPU of a person | page p50 | p95 | people a second |")
    print("|---|---|---|---|---|---|---|")
    for found in rounds:
        for site in sites:
            print(_row(site.name, found[site.name]), flush=True)
    if len(sites) < 2:
        return

    def ratio(of: Callable[[Measured], float]) -> float:
        return statistics.median(of(one[sites[0].name]) / of(one[sites[1].name]) for one in rounds)

    def person(one: Measured) -> float:
        return one.processor / len(one.visits)

    print(
        f"{sites[0].name} ÷ {sites[1].name}, median of {len(rounds)}: CPU {ratio(person):.2f}, "
        f"page p50 {ratio(lambda one: one.quantile(0.5)):.2f}, "
        f"p95 {ratio(lambda one: one.quantile(0.95)):.2f}, people a second "
        f"{ratio(lambda one: len(one.visits) / one.seconds):.2f}",
        flush=True,
    )


def compare(options: argparse.Namespace, sites: list[Site]) -> int:
    """Everything that was asked for; 1 where an answer was lost or doubled."""
    ours = sites[-1]
    for site in sites:
        for _ in range(4):
            site.visit().go()
    rounds = range(options.rounds)
    if "one" in options.only:
        print(f"\n{options.people} people one after the other, sides taking turns\n")
        _compare(sites, [one_after_the_other(sites, options.people) for _ in rounds])
    if "eight" in options.only:
        print(f"\neight people at once for {options.seconds} s, sides taking turns\n")
        eight = [{s.name: at_once(s, 8, options.seconds) for s in sites} for _ in rounds]
        _compare(sites, eight)
    if "class" in options.only:
        print("\na class of 100 within 5 s, who read each page for four seconds\n")
        _compare(sites, [{s.name: a_class(s, 100, 5.0, 4.0) for s in sites} for _ in rounds])
    if "flood" in options.only:
        print("\ntwenty people at once, and passwords guessed sixteen at a time\n")
        ratio = flooded(ours, options.seconds, options.rounds)
        print(f"p95 of a page with the flood ÷ without, median of {options.rounds}: {ratio:.2f}")
    if "kills" not in options.only:
        return 0
    before = _begun(ours)
    found = kills(ours, 8, options.seconds, 6)
    print(
        f"\n6 kills in {options.seconds} s: {_begun(ours) - before} people, {found[0]} answers "
        f"acknowledged, {found[1]} lost, {found[2]} doubled; {found[3]} requests sent again"
    )
    return int(any(found[1:3]))


def main() -> int:
    """Make both installations, measure, throw them away."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--server", default="", help="URL of a PostgreSQL server")
    parser.add_argument("--otree", type=Path, help="the folder of oTree's environment")
    parser.add_argument("--first-port", type=int, default=8400)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--statements", action="store_true")
    options = parser.parse_args()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(database(options.server, directory))
        if options.statements:
            statements.measure(options.people, url, directory)
            return 0
        ports = free_ports(3, options.first_port)
        sites: list[Site] = [Ours("Counterpart", url, directory, ports[:2])]
        if options.otree:
            other = stack.enter_context(database(options.server, directory, "_otree"))
            peer = OTree("oTree", other, directory, ports[2:])
            peer.python = _environment(options.otree)
            sites.insert(0, peer)
        stack.enter_context(running(sites))
        return compare(options, sites)


if __name__ == "__main__":
    sys.exit(main())
