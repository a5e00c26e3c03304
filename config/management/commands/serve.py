"""Serve the site to people, with a worker beside it."""

import json
import os
import signal
from contextlib import nullcontext
from typing import Any
from urllib.parse import urlsplit

import waitress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from config.management.help_beside import help_beside
from config.management.lanes import Lanes
from config.management.worker_process import worker_beside
from surveys.views.bodies import LARGEST

# Connections of browsers that are held open, and requests that are answered at once.
CONNECTIONS, THREADS = 500, 8
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, not listened to


class Command(BaseCommand):
    help = (
        "Serve the site, static files included, with a worker beside it for what pages start. "
        "Enough for a laptop or a laboratory; for the public, put it behind a proxy that ends TLS."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="The address to listen on.")
        parser.add_argument("--port", type=int, default=8000, help="0 takes any free one.")
        parser.add_argument(
            "--no-worker",
            action="store_true",
            help="Serve only; `manage.py worker` runs elsewhere.",
        )
        parser.add_argument("--json", action="store_true", help="Print JSON for programs.")

    def handle(
        self, *_args: Any, host: str, port: int, no_worker: bool, json: bool, **_options: Any
    ) -> None:
        """Listen until SIGINT or SIGTERM, then exit with status 0."""
        _require_migrated()
        # The server runs in the main thread, which a KeyboardInterrupt leaves in an orderly way.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        server = _listening(host, port)
        address = _address(host, _port(server))
        _link_to(address)
        # A queue in Redis is for several machines, whose workers are started by themselves.
        has_worker = settings.TASKS_BACKEND == "database" and not no_worker
        with help_beside(), worker_beside() if has_worker else nullcontext():
            self.stdout.write(_announcement(address, as_json=json))
            self.stdout.flush()
            server.run()
        server.close()
        self.stderr.write("Stopped.")


def _listening(host: str, port: int) -> Any:
    try:
        return waitress.create_server(
            get_wsgi_application(),
            host=host,
            port=port,
            threads=THREADS,
            _dispatcher=Lanes(THREADS, reverse("login")),
            connection_limit=CONNECTIONS,
            ident="",
            # Refused at its announcement. Below this, a body is read before the site sees it.
            max_request_body_size=LARGEST,
            # Behind a proxy the settings trust its headers; else nobody's.
            clear_untrusted_proxy_headers=settings.SECURE_PROXY_SSL_HEADER is None,
        )
    except OSError as error:
        raise CommandError(
            f"Cannot listen on {host} port {port} ({error.strerror}); choose another --port. "
            "[port_unavailable]"
        ) from error


def _port(server: Any) -> int:
    """The port that was bound; a name of several addresses is listened to at each of them."""
    listen = getattr(server, "effective_listen", None) or [("", server.effective_port)]
    return int(listen[0][1])


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _link_to(address: str) -> None:
    """Let the links of this site lead here where `SITE_URL` does not say where it stands.

    The worker beside it reads the environment. An address of every interface is nobody's link.
    """
    if "SITE_URL" not in os.environ and urlsplit(address).hostname not in EVERYWHERE:
        os.environ["SITE_URL"] = settings.SITE_URL = address.rstrip("/")


def _announcement(address: str, *, as_json: bool) -> str:
    return json.dumps({"address": address}) if as_json else f"Serving at {address} (Ctrl-C stops)"


def _require_migrated() -> None:
    """A server on an old schema would answer people with errors, and only some of them."""
    executor = MigrationExecutor(connections["default"])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError(
            "The database is not up to date; run `manage.py migrate` first. [not_migrated]"
        )
