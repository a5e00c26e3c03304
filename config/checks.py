"""Misconfiguration found at start-up, each with an id and a hint."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def site_url_is_an_address(**_context: Any) -> list[CheckMessage]:
    """Recruiting links are built from it: a wrong one sends people nowhere."""
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme in {"http", "https"} and parts.hostname:
        return []
    return [
        Error(
            f"SITE_URL={settings.SITE_URL!r} is not an address.",
            hint="Set it to the address that people open, such as https://survey.example.org.",
            id="counterpart.E001",
        )
    ]


@register(Tags.security)
def site_host_is_allowed(**_context: Any) -> list[CheckMessage]:
    """The server would answer its own recruiting links with 400."""
    host = urlsplit(settings.SITE_URL).hostname
    allowed = settings.ALLOWED_HOSTS
    if not host or "*" in allowed or any(_covers(pattern, host) for pattern in allowed):
        return []
    return [
        Error(
            f"The host of SITE_URL, {host}, is not in ALLOWED_HOSTS.",
            hint=f"Set ALLOWED_HOSTS={host} (separate several by commas).",
            id="counterpart.E002",
        )
    ]


@register(Tags.database)
def many_workers_need_a_server_database(**_context: Any) -> list[CheckMessage]:
    """SQLite on a network drive loses locks, and RQ is chosen for several machines."""
    engine = settings.DATABASES["default"]["ENGINE"]
    if settings.TASKS_BACKEND != "rq" or engine.endswith("postgresql"):
        return []
    return [
        checks.Warning(
            "TASKS_BACKEND=rq with SQLite: workers on several machines cannot share the database.",
            hint="Set DATABASE_URL=postgres://user:password@host/database.",
            id="counterpart.W001",
        )
    ]


@register(Tags.security, deploy=True)
def a_proxy_ends_tls(**_context: Any) -> list[CheckMessage]:
    """Nothing here speaks TLS: without a proxy that is trusted, https pages redirect for ever."""
    if not settings.HTTPS or settings.BEHIND_PROXY:
        return []
    return [
        checks.Warning(
            "SITE_URL is https, and no proxy is trusted to end TLS.",
            hint=(
                "Set BEHIND_PROXY=1 behind a proxy that replaces X-Forwarded-Proto and Host, ends "
                "X-Forwarded-For with the client's address, refuses bodies above 200 kB on "
                "participant pages and writes none of their addresses down (docs/operations.md)."
            ),
            id="counterpart.W002",
        )
    ]


def _covers(pattern: str, host: str) -> bool:
    bare = pattern.strip("[]").lower()
    return host == bare or (bare.startswith(".") and (host.endswith(bare) or host == bare[1:]))
