"""A server on a desk, with one slot: how many calls of a panel get no reply in time?

    python benchmarks/panel_runs/one_slot.py [--sessions 20] [--reply 3] [--scale 20]

The server works on one call after the other, each for three seconds, and the panel has the settings
that it has where nobody says anything, by the dialect of such a server and by none. Replies, the
time that a call may take and the waits between tries are all shorter by the scale. Prints a row for
each dialect; exits with 1 where more than one call in twenty got no reply in time.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from soak import QUESTIONS, database, prepare

# The repository is not an installed package.
from llm_respondents.rehearsal import Endpoint

MOST = 0.05


@dataclass
class OneSlot(Endpoint):
    """The endpoint, with one slot that is taken for `seconds` by each call."""

    seconds: float = 0.0
    _slot: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def _converse(self, *arguments: Any) -> bool:
        async with self._slot:
            await asyncio.sleep(self.seconds)
            return await super()._converse(*arguments)


def run(dialect: str, options: argparse.Namespace) -> tuple[int, int, float]:
    """Calls, calls without a reply in time, and seconds."""
    from llm_respondents.design.spec import PanelSpec
    from llm_respondents.models import Attempt
    from llm_respondents.runner.retry import RetryPolicy
    from llm_respondents.services import RunOptions, limits_of, recruit_panel, run_panel
    from surveys.models import Study
    from surveys.services.audit import command_actor

    scale, by, usual = options.scale, command_actor(), RunOptions()
    with OneSlot(seconds=options.reply / scale) as server:
        spec = PanelSpec(
            model="m", base_url=server.base_url, dialect=dialect, sessions=options.sessions
        )
        panel = recruit_panel(study=Study.objects.get(), spec=spec, key=dialect, by=by)
        retry = RetryPolicy(first_wait=RetryPolicy().first_wait / scale)
        terms = replace(
            usual,
            limits=limits_of(spec),
            retry=retry,
            timeout_seconds=usual.timeout_seconds / scale,
            probe=False,
        )
        begun = time.perf_counter()
        run_panel(panel_id=panel.pk, options=terms, by=by)
        seconds = time.perf_counter() - begun
    calls = Attempt.objects.of(panel)
    assert calls.filter(outcome="answered").count() == options.sessions * QUESTIONS
    late = calls.filter(detail__contains="no complete reply within")
    return calls.count(), late.count(), seconds


def main() -> int:
    """Run both dialects; 0 where few calls get no reply in time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--reply", type=float, default=3.0, help="Seconds of a reply.")
    parser.add_argument("--scale", type=float, default=20.0, help="How much faster time goes.")
    options = parser.parse_args()
    worst = 0.0
    with tempfile.TemporaryDirectory() as directory, database("", directory) as url:
        prepare(url, Path(directory))
        print("| dialect | calls | without a reply in time | seconds, without waiting at all |")
        for dialect in ("llama_cpp", "openai"):
            calls, late, seconds = run(dialect, options)
            ideal = options.sessions * QUESTIONS * options.reply / options.scale
            worst = max(worst, late / calls)
            print(f"| {dialect} | {calls} | {late} | {seconds:.0f}, {ideal:.0f} |", flush=True)
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main())
