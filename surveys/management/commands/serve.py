"""Serve the site to people."""

import json
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.servers.basehttp import run
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    help = (
        "Serve the site: threads, no reloading, static files included. Enough for a laptop or a "
        "laboratory; for the public, run config.wsgi on a WSGI server behind a proxy."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="The address to listen on.")
        parser.add_argument("--port", type=int, default=8000, help="0 takes any free one.")
        parser.add_argument("--json", action="store_true", help="Print JSON for programs.")

    def handle(self, *_args: Any, host: str, port: int, json: bool, **_options: Any) -> None:
        """Listen until SIGINT or SIGTERM, then exit with status 0."""
        _require_migrated()

        def announce(bound_port: int | str) -> None:
            self.stdout.write(_announcement(host, bound_port, as_json=json))
            self.stdout.flush()

        # The server runs in the main thread, which a KeyboardInterrupt leaves in an orderly way.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        application = get_wsgi_application()
        try:
            run(host, port, application, ipv6=":" in host, threading=True, on_bind=announce)
        except KeyboardInterrupt:
            self.stderr.write("Stopped.")
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host} port {port} ({error.strerror}); choose another --port. "
                "[port_unavailable]"
            ) from error


def _announcement(host: str, port: int | str, *, as_json: bool) -> str:
    address = f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
    return json.dumps({"address": address}) if as_json else f"Serving at {address} (Ctrl-C stops)"


def _require_migrated() -> None:
    """A server on an old schema would answer people with errors, and only some of them."""
    executor = MigrationExecutor(connections["default"])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "The database is not up to date; run `manage.py migrate` first. [not_migrated]"
        )
