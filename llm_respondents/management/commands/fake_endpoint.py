"""Serve an endpoint without a model, to rehearse a panel against what endpoints do."""

import json
import signal
import threading
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from llm_respondents.endpoints.apis import API_NAMES
from llm_respondents.rehearsal import FAULTS, Behaviour, Endpoint

_SNIPPET = """[endpoints.fake]
base_url = "{base_url}"
api = "{api}"

[endpoints.fake.models.fake-model]
input_per_million = 1
output_per_million = 3
"""


class Command(BaseCommand):
    help = (
        "Serve an endpoint on this machine that speaks every interface and answers at random, with "
        "faults on demand: a panel is rehearsed against it before a real call is paid for. "
        "SIGINT and SIGTERM end it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--api",
            choices=API_NAMES,
            default="chat",
            help="The interface that is shown; all are spoken.",
        )
        parser.add_argument("--port", type=int, default=0, help="0 takes any free one.")
        parser.add_argument("--seed", type=int, default=1, help="Of the faults.")
        parser.add_argument("--thinks", action="store_true", help="Replies are thought about.")
        parser.add_argument("--latency", type=float, default=0.2, metavar="SECONDS")
        parser.add_argument(
            "--latency-spread", type=float, default=0.0, metavar="SIGMA", help="Of its logarithm."
        )
        parser.add_argument(
            "--hang-seconds", type=float, default=300.0, metavar="SECONDS", help="Of a hang."
        )
        faults = parser.add_argument_group("shares of requests that meet a fault, from 0 to 1")
        for fault in FAULTS:
            name = f"--{fault.replace('_', '-')}"
            faults.add_argument(name, type=_share, default=0.0, metavar="SHARE")
        parser.add_argument("--json", action="store_true", help="Print JSON for programs.")

    def handle(self, *_args: Any, api: str, port: int, json: bool, **options: Any) -> None:
        """Say where it listens and what to write into the list, then listen until a signal."""
        stop = threading.Event()
        endpoint = Endpoint(_behaviour(options), port=port, keeps_requests=False)
        try:
            with endpoint:
                for name in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(name, lambda *_: stop.set())
                self.stdout.write(_announcement(endpoint.base_url, api, as_json=json))
                self.stdout.flush()
                stop.wait()
        except OSError as error:
            raise CommandError(
                f"Cannot listen on port {port} ({error.strerror}); choose another --port. "
                "[port_unavailable]"
            ) from error
        self.stderr.write(f"{endpoint.account.requests} requests: {_met(endpoint)}")


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ArgumentTypeError("give a share from 0 to 1")
    return share


def _behaviour(options: dict[str, Any]) -> Behaviour:
    return Behaviour(
        **{fault: options[fault] for fault in FAULTS},
        latency_seconds=options["latency"],
        latency_spread=options["latency_spread"],
        hang_seconds=options["hang_seconds"],
        thinks=options["thinks"],
        seed=options["seed"],
    )


def _announcement(base_url: str, api: str, *, as_json: bool) -> str:
    snippet = _SNIPPET.format(base_url=base_url, api=api)
    if as_json:
        return json.dumps({"base_url": base_url, "api": api, "endpoints_toml": snippet})
    return f"Listening at {base_url}. For endpoints.toml in the data directory:\n\n{snippet}"


def _met(endpoint: Endpoint) -> str:
    outcomes = endpoint.account.outcomes.most_common()
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in outcomes) or "none"
