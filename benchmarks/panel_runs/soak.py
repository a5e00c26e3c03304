"""A panel under faults and kills: is every answer there once, and is all money accounted for?

    python benchmarks/panel_runs/soak.py --sessions 1000 --workers 3 --kills 3 [--database-url postgres://…]

A study of 40 questions, an endpoint with 10 % of 429, 5 % of 500 and 2 % of malformed answers, a
few worker processes of which random ones are killed (SIGKILL) at random moments and started again.
The panel has a spend cap a little above what it needs; two smaller panels follow, one whose cap is
hit and one whose endpoint forgets the beginning of long sessions. What was stored is then held
against the endpoint's own account. Exits with 1 where an invariant fails.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from measuring.databases import database  # noqa: E402

# The repository is not an installed package.
from llm_respondents.rehearsal import Behaviour, Endpoint  # noqa: E402

QUESTIONS = 40
NANO = 1_000_000_000
PRICE = {"prompt": 1000, "completion": 3000}  # nano per token
LISTED = """
[endpoints.{name}]
base_url = "{url}"
[endpoints.{name}.models.small]
input_per_million = 1
output_per_million = 3
"""
LEASE_SECONDS = 60
# A few turns of the study fit, a whole session does not.
SHORT_CONTEXT = 6000


@dataclass
class Verdict:
    """Invariants with what was found, printed as they are judged."""

    failed: list[str] = field(default_factory=list)

    def judge(self, claim: str, holds: bool, found: Any) -> None:
        """Print a claim and what was found; keep it if it does not hold."""
        print(f"  {'ok  ' if holds else 'FAIL'} {claim}: {found}", flush=True)
        if not holds:
            self.failed.append(claim)


@dataclass(frozen=True)
class Setup:
    """How the soak was asked for."""

    sessions: int
    workers: int
    kills: int
    concurrency: int
    latency: float
    seed: int
    directory: Path

    def faults(self, **more: Any) -> Behaviour:
        """The endpoint of every panel here."""
        return Behaviour(
            rate_limited=0.10,
            server_error=0.05,
            malformed_answer=0.02,
            latency_seconds=self.latency,
            latency_spread=0.5,
            seed=self.seed,
            **more,
        )


# Running


@contextmanager
def listed_endpoint(setup: Setup, name: str, behaviour: Behaviour) -> Iterator[Endpoint]:
    """An endpoint that only counts, in the operator's file with a price."""
    with Endpoint(behaviour, keeps_requests=False) as endpoint:
        with (setup.directory / "endpoints.toml").open("a") as file:
            file.write(LISTED.format(name=name, url=endpoint.base_url))
        yield endpoint


def recruit(endpoint: Endpoint, *, key: str, sessions: int, cap: int | None = None) -> Any:
    """A panel of the study; the cap is in nano."""
    from llm_respondents.design.spec import PanelSpec, SamplingSpec
    from llm_respondents.services import cap_spend, recruit_panel
    from surveys.models import Study
    from surveys.services.audit import command_actor

    spec = PanelSpec(
        model="small",
        base_url=endpoint.base_url,
        sessions=sessions,
        sampling=SamplingSpec(max_tokens=100),
    )
    panel = recruit_panel(study=Study.objects.get(), spec=spec, key=key, by=command_actor())
    if cap is not None:
        cap_spend(panel=panel, cap=Decimal(cap) / NANO, by=command_actor())
    return panel


def start_worker(setup: Setup, panel: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "run_panel", "--panel", str(panel.pk)]
    command += ["--concurrency", str(setup.concurrency), "--lease", str(LEASE_SECONDS)]
    command += ["--no-probe", "--json", "--verbosity", "0"]
    log = (setup.directory / f"workers-{panel.pk}.log").open("ab")
    with log:
        return subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)


def supervise(setup: Setup, panel: Any, endpoint: Endpoint, *, kills: int) -> dict[str, Any]:
    """Keep workers running until none has work; kill random ones at random moments."""
    draw = random.Random(setup.seed)
    expected = panel.members.count() * QUESTIONS
    moments = sorted(round(draw.uniform(0.05, 0.95) * expected) for _ in range(kills))
    workers = [start_worker(setup, panel) for _ in range(setup.workers)]
    killed, codes, begun = 0, Counter[int](), time.perf_counter()
    while workers:
        time.sleep(0.05)
        if killed < kills and endpoint.account.requests >= moments[killed]:
            victim = draw.choice(workers)
            victim.send_signal(signal.SIGKILL)
            killed += 1
        for worker in [worker for worker in workers if worker.poll() is not None]:
            workers.remove(worker)
            codes[worker.returncode] += 1
            if worker.returncode == -signal.SIGKILL:
                workers.append(start_worker(setup, panel))
    panel.refresh_from_db()
    return {"seconds": time.perf_counter() - begun, "killed": killed, "exits": dict(codes)}


# Judging


def judge_answers(verdict: Verdict, panel: Any, *, sessions: int) -> None:
    """Every question of every session has one answer, and it is what its reply says."""
    from llm_respondents.models import Attempt
    from llm_respondents.services import reparse_panel
    from surveys.models import Answer
    from surveys.services.audit import command_actor

    conducted = panel.sessions
    statuses = Counter(conducted.values_list("status", flat=True))
    answers = Answer.objects.filter(administration__in=conducted)
    missing = Counter(answers.exclude(missing_reason="").values_list("missing_reason", flat=True))
    attempts = Attempt.objects.filter(administration__in=conducted)
    unheard = attempts.filter(closes_turn=True, used=True).exclude(outcome="answered").count()
    wanted = sessions * QUESTIONS
    rows = answers.count()
    verdict.judge("sessions complete", statuses == {"completed": sessions}, dict(statuses))
    verdict.judge("answers lost", rows >= wanted, max(0, wanted - rows))
    verdict.judge("answers doubled", rows <= wanted, max(0, rows - wanted))
    revisions = answers.exclude(revision=1).count()
    verdict.judge("answers revised", not revisions, revisions)
    verdict.judge(
        "missing only where the replies allowed three times were all malformed",
        set(missing) <= {"schema_violation"} and missing.total() == unheard,
        dict(missing),
    )
    leases = conducted.exclude(lease_owner="").count()
    verdict.judge("leases left", not leases, leases)
    changed = len(reparse_panel(panel=panel, by=command_actor()))
    verdict.judge("answers that differ from their reply", not changed, changed)


def judge_calls(verdict: Verdict, panel: Any, endpoint: Endpoint, *, in_flight: int) -> None:
    """What the endpoint delivered is what was stored, but for the calls in flight at a kill."""
    from django.db.models import Count, F, Max, Q

    from llm_respondents.models import Attempt

    account = endpoint.account
    attempts = Attempt.objects.of(panel)
    replies = attempts.filter(http_status=200)
    wrong = sum(
        account.said.get(bytes.fromhex(key)) != reply
        for key, reply in replies.filter(outcome="answered").values_list("request_hash", "reply")
    )
    verdict.judge("replies stored with another question", not wrong, wrong)
    turns = attempts.values("administration", "turn").annotate(
        answered=Count("pk", filter=Q(outcome="answered")),
        last=Max("pk"),
        closing=Max("pk", filter=Q(closes_turn=True)),
    )
    again = turns.filter(Q(answered__gt=1) | Q(last__gt=F("closing"))).count()
    verdict.judge("turns asked again after their answer was stored", not again, again)
    unused = attempts.filter(used=False).count()
    verdict.judge("replies that came after their lease was lost", not unused, unused)
    stored = Counter(map(bytes.fromhex, replies.values_list("request_hash", flat=True)))
    invented = (stored - account.paid).total()
    verdict.judge("replies stored that were never delivered", not invented, invented)
    lost = (account.paid - stored).total()
    verdict.judge(
        f"paid replies lost in flight at a kill, at most {in_flight}", lost <= in_flight, lost
    )


def judge_money(verdict: Verdict, panel: Any, endpoint: Endpoint, *, held: int) -> None:
    """The account is the tokens times the price, and the cap holds from the endpoint's side."""
    from llm_respondents.models import Attempt

    attempts = Attempt.objects.of(panel)
    tokens = attempts.exclude(prompt_tokens=None)
    pairs = tokens.values_list("prompt_tokens", "completion_tokens", "cost_nano")
    price = sum(p * PRICE["prompt"] + c * PRICE["completion"] for p, c, _ in pairs)
    unheard = attempts.filter(prompt_tokens=None)
    perhaps = sum(cost or 0 for cost in unheard.values_list("cost_nano", flat=True))
    billed = (
        endpoint.account.prompt_tokens * PRICE["prompt"]
        + endpoint.account.completion_tokens * PRICE["completion"]
    )
    spent, reserved, cap = panel.spent_nano, panel.reserved_nano, panel.spend_cap_nano
    verdict.judge(
        "booked, less tokens stored × price, in nano", spent == price + perhaps, spent - price
    )
    verdict.judge(
        "still held back for calls lost at a kill", 0 <= reserved <= held, f"{reserved / NANO:.4f}"
    )
    verdict.judge(
        "the endpoint's bill within what is booked and held back",
        spent <= billed + perhaps and billed <= spent + reserved,
        f"{billed / NANO:.4f} of {(spent + reserved) / NANO:.4f}",
    )
    if cap is not None:
        verdict.judge(
            "the cap holds, by the endpoint's bill as by the account",
            billed <= cap and spent + reserved <= cap,
            f"{billed / NANO:.4f} of {cap / NANO:.4f} ({billed / cap:.1%})",
        )


def judge_flags(verdict: Verdict, panel: Any, endpoint: Endpoint, *, sessions: int) -> None:
    """Sessions whose beginning was dropped are flagged, and no reply that saw everything."""
    from llm_respondents.models import Attempt

    attempts = Attempt.objects.of(panel).filter(http_status=200)
    rows = list(attempts.values_list("administration", "request_hash", "flags"))
    flagged = [(session, key) for session, key, flags in rows if "history_lost" in flags]
    cut = {key for _, key, _ in rows if bytes.fromhex(key) in endpoint.account.cut}
    wrong = sum(key not in cut for _, key in flagged)
    expected = sessions if endpoint.behaviour.context_characters else 0
    found = len({session for session, _ in flagged})
    verdict.judge("sessions flagged history_lost", found == expected, f"{found} of {sessions}")
    verdict.judge("replies flagged that saw the whole session", not wrong, wrong)
    if cut:
        share = len(flagged) / sum(key in cut for _, key, _ in rows)
        print(f"       of the replies that saw a cut session, {share:.0%} carry the flag")


# The phases


def pilot(setup: Setup) -> tuple[int, int]:
    """What a session without faults costs, and the most that a call can be held to cost (nano)."""
    from llm_respondents.models import Attempt

    with listed_endpoint(setup, "pilot", Behaviour()) as endpoint:
        panel = recruit(endpoint, key="pilot", sessions=4)
        supervise(setup, panel, endpoint, kills=0)
    last = Attempt.objects.of(panel)
    dearest = max(last.values_list("prompt_tokens", flat=True))
    # A bound counts bytes where the price counts tokens, of four characters each here.
    return panel.spent_nano // 4, 6 * dearest * PRICE["prompt"] + 100 * PRICE["completion"]


def soak(setup: Setup, verdict: Verdict, needed: int, dearest: int) -> None:
    in_flight = setup.kills * setup.concurrency
    at_once = setup.workers * setup.concurrency
    cap = round(needed * setup.sessions * 1.04) + (in_flight + at_once) * dearest
    print(f"{setup.sessions} sessions, {setup.workers} workers, {setup.kills} kills", flush=True)
    with listed_endpoint(setup, "soak", setup.faults()) as endpoint:
        panel = recruit(endpoint, key="soak", sessions=setup.sessions, cap=cap)
        ran = supervise(setup, panel, endpoint, kills=setup.kills)
    turns = setup.sessions * QUESTIONS
    print(f"  {ran['seconds']:.0f} s, {turns / ran['seconds']:.0f} turns/s", flush=True)
    print(f"  requests {endpoint.account.requests}: {dict(endpoint.account.outcomes)}")
    verdict.judge("workers killed", ran["killed"] == setup.kills, ran["killed"])
    verdict.judge("exits of workers", set(ran["exits"]) <= {0, -signal.SIGKILL}, ran["exits"])
    judge_answers(verdict, panel, sessions=setup.sessions)
    judge_calls(verdict, panel, endpoint, in_flight=in_flight)
    judge_money(verdict, panel, endpoint, held=in_flight * dearest)
    judge_flags(verdict, panel, endpoint, sessions=setup.sessions)


def capped(setup: Setup, verdict: Verdict, needed: int, dearest: int) -> None:
    sessions = max(10, setup.sessions // 20)
    cap = needed * sessions // 2 + dearest
    print(f"{sessions} sessions with a cap at half of what they need", flush=True)
    with listed_endpoint(setup, "capped", setup.faults()) as endpoint:
        panel = recruit(endpoint, key="capped", sessions=sessions, cap=cap)
        supervise(setup, panel, endpoint, kills=0)
    verdict.judge(
        "halted at its cap",
        (panel.status, panel.halt_code) == ("halted", "budget_spent"),
        f"{panel.status}, {panel.halt_code}",
    )
    judge_calls(verdict, panel, endpoint, in_flight=0)
    judge_money(verdict, panel, endpoint, held=0)
    left = panel.spend_cap_nano - panel.spent_nano
    verdict.judge("less is left than one call may cost", left < dearest, f"{left / NANO:.4f}")


def forgetful(setup: Setup, verdict: Verdict) -> None:
    sessions = max(10, setup.sessions // 20)
    print(f"{sessions} sessions at an endpoint with a short context", flush=True)
    behaviour = setup.faults(context_characters=SHORT_CONTEXT)
    with listed_endpoint(setup, "forgetful", behaviour) as endpoint:
        panel = recruit(endpoint, key="forgetful", sessions=sessions)
        supervise(setup, panel, endpoint, kills=0)
    judge_answers(verdict, panel, sessions=sessions)
    judge_calls(verdict, panel, endpoint, in_flight=0)
    judge_money(verdict, panel, endpoint, held=0)
    judge_flags(verdict, panel, endpoint, sessions=sessions)


def prepare(url: str, directory: Path) -> None:
    """An installation with the study."""
    os.environ["DATABASE_URL"] = url
    os.environ["DATA_DIR"] = str(directory)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user("soak")
    call_command("open_study", "privacy-prosocial", simulated=True, stdout=StringIO())


def main() -> int:
    """Run the phases; 0 where every invariant holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=50, help="Calls at once per worker.")
    parser.add_argument("--latency", type=float, default=0.1, help="Median seconds of a reply.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url", default="", help="A PostgreSQL server; default SQLite.")
    options = vars(parser.parse_args())
    server = options.pop("database_url")
    with tempfile.TemporaryDirectory() as directory, database(server, directory) as url:
        setup = Setup(directory=Path(directory), **options)
        prepare(url, setup.directory)
        verdict = Verdict()
        needed, dearest = pilot(setup)
        soak(setup, verdict, needed, dearest)
        capped(setup, verdict, needed, dearest)
        forgetful(setup, verdict)
        if verdict.failed:
            for log in sorted(setup.directory.glob("*.log")):
                print(log.name, log.read_text(errors="replace")[-2000:], sep="\n")
    print(f"failed: {', '.join(verdict.failed)}" if verdict.failed else "every invariant holds")
    return int(bool(verdict.failed))


if __name__ == "__main__":
    sys.exit(main())
