"""The same sessions by EDSL and by inspect_ai: run by `panels.py` with the peer's own Python.

Both carry the history as they do it: EDSL repeats earlier questions and answers in the prompt of
a survey with full memory, inspect_ai sends a growing chat. Prints facts as JSON.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable

QUESTION = "Statement {number} of usual length about everyday life."
OPTIONS = [str(code) for code in range(1, 8)]


def edsl(base_url: str, sessions: int, _concurrency: int, turns: int) -> Callable[[], object]:
    os.environ["OPENAI_COMPATIBLE_BASE_URL"] = base_url
    os.environ["OPENAI_COMPATIBLE_API_KEY"] = "none"
    from edsl import Agent, AgentList, Cache, Model, QuestionMultipleChoice, Survey

    questions = [
        QuestionMultipleChoice(
            question_name=f"q{number}",
            question_text=QUESTION.format(number=number),
            question_options=OPTIONS,
            include_comment=False,
        )
        for number in range(turns)
    ]
    survey = Survey(questions).set_full_memory_mode()
    agents = AgentList([Agent(traits={"number": number}) for number in range(sessions)])
    jobs = survey.by(agents).by(Model("m", service_name="openai_compatible", base_url=base_url))
    return lambda: jobs.run(
        cache=Cache(),
        disable_remote_inference=True,
        disable_remote_cache=True,
        use_api_proxy=False,
        offload_execution=False,
        check_api_keys=False,
        progress_bar=False,
        verbose=False,
    )


def inspect(base_url: str, sessions: int, concurrency: int, turns: int) -> Callable[[], object]:
    os.environ["LOCAL_BASE_URL"], os.environ["LOCAL_API_KEY"] = base_url, "none"
    import inspect_ai
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.model import ChatMessageSystem, ChatMessageUser
    from inspect_ai.solver import Generate, Solver, TaskState, solver

    @solver
    def questionnaire() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            state.messages = [ChatMessageSystem(content="You are answering a questionnaire." * 6)]
            for number in range(turns):
                text = "\n".join([QUESTION.format(number=number), *OPTIONS])
                state.messages.append(ChatMessageUser(content=text))
                state = await generate(state)
            return state

        return solve

    samples = [Sample(input="-", id=number) for number in range(sessions)]
    task = inspect_ai.Task(dataset=MemoryDataset(samples), solver=questionnaire())
    return lambda: inspect_ai.eval(
        task,
        model="openai-api/local/m",
        max_connections=concurrency,
        max_samples=concurrency,
        score=False,
        display="none",
        log_dir=tempfile.mkdtemp(),
    )


def processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=("edsl", "inspect"))
    parser.add_argument("base_url")
    for name in ("sessions", "concurrency", "turns"):
        parser.add_argument(name, type=int)
    options = parser.parse_args()
    prepare = {"edsl": edsl, "inspect": inspect}[options.peer]
    run = prepare(options.base_url, options.sessions, options.concurrency, options.turns)
    begun, cpu = time.perf_counter(), processor_seconds()
    run()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, cpu = time.perf_counter() - begun, processor_seconds() - cpu
    print("\n" + json.dumps({"wall": wall, "cpu": cpu, "peak": peak}), flush=True)


if __name__ == "__main__":
    main()
