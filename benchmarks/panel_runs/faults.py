"""A panel at each interface under faults, its worker killed thrice: what is lost or doubled?

    python benchmarks/panel_runs/faults.py [--sessions 100] [--apis chat gemini] [--database-url postgres://…]

A study of 40 questions asked one by one with the whole history, after a probe, at an endpoint with
10 % of 429, 5 % of 500, 2 % of malformed answers, 2 % of refusals and 1 % of calls without a reply
in time. The worker is killed (SIGKILL) at three moments and started again. What was stored is then
held against the endpoint's own account. Prints a row for each interface; exits with 1 where
something is lost, doubled or invented, or more is paid twice than was in flight at the kills.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from soak import QUESTIONS, ROOT, database, prepare

# The repository is not an installed package.
from llm_respondents.endpoints.apis import API_NAMES
from llm_respondents.rehearsal import Behaviour, Endpoint

TIMEOUT_SECONDS = 10
FAULTS = {
    "rate_limited": 0.10,
    "server_error": 0.05,
    "malformed_answer": 0.02,
    "refusal": 0.01,
    "spoken_refusal": 0.01,
    "hang": 0.01,
}


@dataclass(frozen=True)
class Found:
    """What one panel came to; `unsure` are calls worked on without a reply in time."""

    api: str
    seconds: int
    requests: int
    faults: int
    kills: int
    answered: int
    missing: int
    lost: int
    doubled: int
    invented: int
    paid_twice: int
    in_flight: int
    unsure: int

    @property
    def holds(self) -> bool:
        """Whether nothing went wrong that a fault or a kill can make go wrong."""
        wrong = self.lost, self.doubled, self.invented
        return not any(wrong) and self.paid_twice <= self.in_flight


def recruit(endpoint: Endpoint, api: str, sessions: int) -> Any:
    from llm_respondents.design.spec import PanelSpec
    from llm_respondents.services import recruit_panel
    from surveys.models import Study
    from surveys.services.audit import command_actor

    spec = PanelSpec(model="m", api=api, base_url=endpoint.base_url, sessions=sessions)
    return recruit_panel(study=Study.objects.get(), spec=spec, key=api, by=command_actor())


def conduct(panel: Any, endpoint: Endpoint, options: argparse.Namespace, log: Path) -> float:
    """Run the panel to its end in worker processes, one after the other; return the seconds."""
    command = [sys.executable, "manage.py", "run_panel", "--panel", str(panel.pk)]
    command += ["--concurrency", str(options.concurrency), "--timeout", str(TIMEOUT_SECONDS)]
    draw = random.Random(options.seed)
    turns = options.sessions * QUESTIONS
    moments = sorted(round(draw.uniform(0.1, 0.9) * turns) for _ in range(options.kills))
    begun = time.perf_counter()
    for moment in [*moments, 0]:
        with log.open("ab") as file:
            worker = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file)
        while moment and endpoint.account.requests < moment and worker.poll() is None:
            time.sleep(0.02)
        if moment:
            worker.send_signal(signal.SIGKILL)
        worker.wait()
    return time.perf_counter() - begun


def judge(panel: Any, endpoint: Endpoint, options: argparse.Namespace, seconds: float) -> Found:
    from llm_respondents.models import Attempt
    from llm_respondents.services import reparse_panel
    from surveys.models import Answer
    from surveys.services.audit import command_actor

    account = endpoint.account
    answers = Answer.objects.filter(administration__in=panel.sessions)
    replies = Attempt.objects.of(panel).filter(http_status=200)
    stored = Counter(map(bytes.fromhex, replies.values_list("request_hash", flat=True)))
    answered = replies.filter(outcome="answered").values_list("request_hash", "reply")
    strange = sum(account.said.get(bytes.fromhex(key)) != text for key, text in answered)
    reread = len(reparse_panel(panel=panel, by=command_actor()))
    # The probe is paid for too, and has conversations of its own.
    paid = Counter({key: account.paid[key] for key in stored})
    rows, wanted = answers.count(), options.sessions * QUESTIONS
    return Found(
        api=panel.group.key,
        seconds=round(seconds),
        requests=account.requests,
        faults=account.requests - account.outcomes["answered"],
        kills=options.kills,
        answered=answers.filter(missing_reason="").count(),
        missing=answers.exclude(missing_reason="").count(),
        lost=max(0, wanted - rows),
        doubled=max(0, rows - wanted) + answers.exclude(revision=1).count(),
        invented=(stored - paid).total() + strange + reread,
        paid_twice=(paid - stored).total(),
        in_flight=options.kills * min(options.concurrency, options.sessions),
        unsure=account.unsure,
    )


def run(api: str, options: argparse.Namespace, directory: Path) -> Found:
    hang = TIMEOUT_SECONDS + 2
    behaviour = Behaviour(
        **FAULTS, latency_seconds=0.1, latency_spread=0.5, hang_seconds=hang, seed=options.seed
    )
    with Endpoint(behaviour, keeps_requests=False) as endpoint:
        panel = recruit(endpoint, api, options.sessions)
        seconds = conduct(panel, endpoint, options, directory / f"{api}.log")
        panel.refresh_from_db()
        if panel.status != "complete":
            print((directory / f"{api}.log").read_text()[-2000:], file=sys.stderr)
        return judge(panel, endpoint, options, seconds)


def main() -> int:
    """Run every interface; 0 where nothing is lost, doubled or invented."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--apis", nargs="+", choices=API_NAMES, default=API_NAMES)
    parser.add_argument("--sessions", type=int, default=100)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url", default="", help="A PostgreSQL server; default SQLite.")
    options = parser.parse_args()
    server = options.database_url
    with tempfile.TemporaryDirectory() as directory, database(server, directory) as url:
        prepare(url, Path(directory))
        print("PostgreSQL" if server else "SQLite")
        print("| " + " | ".join(name.replace("_", " ") for name in Found.__annotations__) + " |")
        found = []
        for api in options.apis:
            found.append(run(api, options, Path(directory)))
            print("| " + " | ".join(map(str, asdict(found[-1]).values())) + " |", flush=True)
    return int(not all(one.holds for one in found))


if __name__ == "__main__":
    sys.exit(main())
