"""The processes that `panels.py` measures: the bare loop, recruiting a panel, working on it.

python benchmarks/panel_runs/workers.py bare|recruit|work BASE_URL SESSIONS CONCURRENCY PANEL|CAP
"""

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from io import StringIO
from pathlib import Path

API = os.environ.get("BENCH_API", "chat")
QUESTIONS = 40

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

Post = Callable[[list[dict[str, str]]], Awaitable[str]]


@asynccontextmanager
async def chat(base_url: str) -> AsyncIterator[Post]:
    import httpx2
    import openai

    async with openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:

        async def post(messages: list[dict[str, str]]) -> str:
            body = {"model": "m", "messages": messages}
            reply = await client.post("/chat/completions", cast_to=httpx2.Response, body=body)
            return json.loads(reply.text)["choices"][0]["message"]["content"]

        yield post


@asynccontextmanager
async def responses(base_url: str) -> AsyncIterator[Post]:
    import httpx2
    import openai

    async with openai.AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:

        async def post(messages: list[dict[str, str]]) -> str:
            body = {"model": "m", "store": False, "input": messages}
            reply = await client.post("/responses", cast_to=httpx2.Response, body=body)
            return json.loads(reply.text)["output"][-1]["content"][0]["text"]

        yield post


@asynccontextmanager
async def anthropic(base_url: str) -> AsyncIterator[Post]:
    import httpx2
    from anthropic import AsyncAnthropic

    address = base_url.removesuffix("/v1")
    async with AsyncAnthropic(base_url=address, api_key="none", max_retries=0) as client:

        async def post(messages: list[dict[str, str]]) -> str:
            body = {"model": "m", "max_tokens": 1000, "messages": messages[1:]}
            reply = await client.post("/v1/messages", cast_to=httpx2.Response, body=body)
            return json.loads(reply.text)["content"][0]["text"]

        yield post


@asynccontextmanager
async def gemini(base_url: str) -> AsyncIterator[Post]:
    from google import genai

    options = {"base_url": base_url.removesuffix("/v1")}
    client = genai.Client(api_key="none", vertexai=False, http_options=options)

    async def post(messages: list[dict[str, str]]) -> str:
        contents = [
            {
                "role": "model" if message["role"] == "assistant" else "user",
                "parts": [{"text": message["content"]}],
            }
            for message in messages[1:]
        ]
        path = "{api_version}/models/m:generateContent"
        api = client._api_client  # noqa: SLF001 - its typed call costs ten times as much
        reply = await api.async_request("post", path, {"contents": contents})
        return json.loads(reply.body)["candidates"][0]["content"]["parts"][0]["text"]

    yield post
    await client.aio.aclose()


LOOPS = {"chat": chat, "responses": responses, "anthropic": anthropic, "gemini": gemini}


def bare(base_url: str, sessions: int, concurrency: int, _panel: int) -> None:
    question = "A statement of usual length about everyday life.\n" + "\n".join(
        f"{code} = an option" for code in range(1, 8)
    )

    async def session(post: Post, gate: asyncio.Semaphore) -> None:
        messages = [{"role": "system", "content": "You are answering a questionnaire." * 6}]
        async with gate:
            for _ in range(QUESTIONS):
                messages.append({"role": "user", "content": question})
                messages.append({"role": "assistant", "content": await post(messages)})

    async def everything() -> None:
        gate = asyncio.Semaphore(concurrency)
        async with LOOPS[API](base_url) as post:
            await asyncio.gather(*(session(post, gate) for _ in range(sessions)))

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
    spec = PanelSpec(model="m", api=API, base_url=base_url, sessions=sessions)
    study = Study.objects.get()
    panel = recruit_panel(study=study, spec=spec, by=command_actor())
    if cap:
        cap_spend(panel=panel, cap=Decimal(cap), by=command_actor())
        cap_study_spend(study=study, cap=Decimal(cap), by=command_actor())
    print(panel.pk)


def work(_base_url: str, _sessions: int, concurrency: int, panel: int) -> None:
    _django()
    import llm_respondents.providers.endpoint  # noqa: F401 - loading the client is not measured

    if API in ("anthropic", "gemini"):
        __import__({"anthropic": "anthropic", "gemini": "google.genai"}[API])
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
