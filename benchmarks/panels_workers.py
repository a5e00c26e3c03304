"""The processes that `panels.py` measures: the bare loop, recruiting a panel, working on it.

python benchmarks/panels_workers.py bare|recruit|work BASE_URL SESSIONS CONCURRENCY PANEL|CAP
"""

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path

from panels import QUESTIONS

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def bare(base_url: str, sessions: int, concurrency: int, _panel: int) -> None:
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

    def run() -> float:
        asyncio.run(everything())
        return time.time()

    _measure(run)


def _django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()


def recruit(base_url: str, sessions: int, _concurrency: int, cap: int) -> None:
    """Recruit a panel, with a `cap` under two: its own and that of its study."""
    _django()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from llm_respondents.design.spec import PanelSpec
    from llm_respondents.services import cap_spend, cap_study_spend, recruit_panel
    from surveys.models import Study
    from surveys.services.audit import command_actor

    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user("bench")
    call_command("open_study", "privacy-prosocial", simulated=True, stdout=StringIO())
    spec = PanelSpec(model="m", base_url=base_url, sessions=sessions)
    study = Study.objects.get()
    panel = recruit_panel(study=study, spec=spec, by=command_actor())
    if cap:
        cap_spend(panel=panel, cap=Decimal(cap), by=command_actor())
        cap_study_spend(study=study, cap=Decimal(cap), by=command_actor())
    print(panel.pk)


def work(_base_url: str, _sessions: int, concurrency: int, panel: int) -> None:
    _django()
    import llm_respondents.providers.openai_chat  # noqa: F401 - loading the client is not measured
    from llm_respondents.runner.limits import Limits
    from llm_respondents.services import RunOptions, run_panel
    from surveys.services.audit import command_actor

    def run() -> float:
        # A worker also waits for the sessions of the others; the work ends with the last commit.
        commits = [time.time()]
        run_panel(
            panel_id=panel,
            options=RunOptions(limits=Limits(concurrency), probe=False),
            on_progress=lambda _progress: commits.append(time.time()),
            by=command_actor(),
        )
        return commits[-1]

    _measure(run)


def _measure(run: Callable[[], float]) -> None:
    """Wait for the word, run, and print when it ended and what it took."""
    print("ready", flush=True)
    sys.stdin.readline()
    cpu = time.process_time()
    ended = run()
    cpu = time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ended": ended, "cpu": cpu, "peak": peak}), flush=True)


if __name__ == "__main__":
    part, url, *numbers = sys.argv[1:]
    {"bare": bare, "recruit": recruit, "work": work}[part](url, *map(int, numbers))
