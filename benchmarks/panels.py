"""Turns of history-carrying sessions: Counterpart beside a bare loop on the same client.

    python benchmarks/panels.py --sessions 50 --concurrency 50

Both run in processes of their own against one endpoint with 200 ms latency. The bare loop uses the
client's cheap path and stores nothing; Counterpart commits every turn before it asks the next.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "llm_respondents")]
LATENCY_SECONDS = 0.2
QUESTIONS = 40


def serve() -> None:
    from endpoint import Behaviour, Endpoint

    with Endpoint(Behaviour(latency_seconds=LATENCY_SECONDS)) as endpoint:
        print(endpoint.base_url, flush=True)
        sys.stdin.read()


def report(name: str, sessions: int, concurrency: int, wall: float, cpu: float) -> None:
    ideal = -(-sessions // concurrency) * QUESTIONS * LATENCY_SECONDS
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    turns = sessions * QUESTIONS
    print(f"{name:12} {wall / ideal:10.2f} {1000 * cpu / turns:12.2f} {peak:10.0f}", flush=True)


def bare(base_url: str, sessions: int, concurrency: int) -> None:
    import httpx2
    import openai

    question = "A statement of usual length about everyday life.\n" + "\n".join(
        f"{code} = an option" for code in range(1, 8)
    )

    async def session(client: openai.AsyncOpenAI, gate: asyncio.Semaphore) -> None:
        messages = [{"role": "system", "content": "You are answering a questionnaire." * 6}]
        async with gate:
            for _ in range(QUESTIONS):
                messages.append({"role": "user", "content": question})
                body = {"model": "m", "messages": messages}
                reply = await client.post("/chat/completions", cast_to=httpx2.Response, body=body)
                text = json.loads(reply.text)["choices"][0]["message"]["content"]
                messages.append({"role": "assistant", "content": text})

    async def everything() -> None:
        gate = asyncio.Semaphore(concurrency)
        async with openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
            await asyncio.gather(*(session(client, gate) for _ in range(sessions)))

    begun, cpu = time.perf_counter(), time.process_time()
    asyncio.run(everything())
    report(
        "bare loop", sessions, concurrency, time.perf_counter() - begun, time.process_time() - cpu
    )


def counterpart(base_url: str, sessions: int, concurrency: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    import llm_respondents.providers.openai_api  # noqa: F401 - loading the client is not measured
    from llm_respondents.runner.limits import Limits
    from llm_respondents.services import RunOptions, recruit_panel, run_panel
    from llm_respondents.specs import PanelSpec
    from surveys.models import Study

    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user("bench")
    call_command("open_study", "privacy-prosocial", stdout=StringIO())
    spec = PanelSpec(model="m", base_url=base_url, sessions=sessions)
    panel = recruit_panel(study=Study.objects.get(), spec=spec)
    options = RunOptions(limits=Limits(concurrency), probe=False)
    begun, cpu = time.perf_counter(), time.process_time()
    run = run_panel(panel_id=panel.pk, options=options)
    assert run.status == "complete", run
    report(
        "Counterpart", sessions, concurrency, time.perf_counter() - begun, time.process_time() - cpu
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--concurrency", type=int, default=50)
    parser.add_argument("--database-url", default="", help="An empty database; default SQLite.")
    parser.add_argument("--part", choices=("serve", "bare", "counterpart"), help=argparse.SUPPRESS)
    parser.add_argument("--base-url", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part == "serve":
        serve()
    elif options.part:
        part = {"bare": bare, "counterpart": counterpart}[options.part]
        part(options.base_url, options.sessions, options.concurrency)
    else:
        compare(options)


def compare(options: argparse.Namespace) -> None:
    print(f"{options.sessions} sessions of {QUESTIONS} turns, {options.concurrency} at once")
    print(f"{'':12} {'wall/ideal':>10} {'CPU ms/turn':>12} {'peak MB':>10}", flush=True)
    server = subprocess.Popen(
        [sys.executable, __file__, "--part", "serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    base_url = server.stdout.readline().strip()
    with tempfile.TemporaryDirectory() as directory:
        # A database of its own: never the one that the environment names.
        url = options.database_url or f"sqlite:///{directory}/bench.sqlite3"
        environment = {**os.environ, "DATA_DIR": directory, "DATABASE_URL": url}
        for part in ("bare", "counterpart"):
            counts = (
                "--sessions",
                str(options.sessions),
                "--concurrency",
                str(options.concurrency),
            )
            command = [sys.executable, __file__, "--part", part, "--base-url", base_url, *counts]
            subprocess.run(command, env=environment, check=True)
    server.communicate("")


if __name__ == "__main__":
    main()
