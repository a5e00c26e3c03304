"""What of an installation is looked at, each with its state and what to do where it is not well."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.health.finding import Finding
from config.health.security import security
from llm_respondents.endpoint_list import list_mistakes, readable_endpoints
from llm_respondents.models import Panel
from surveys.jobs.workers import is_alive
from surveys.models import Job, Worker

LEAST_FREE_SHARE, LEAST_FREE_BYTES = 0.05, 2 * 2**30
LONGEST_WAIT = timedelta(minutes=10)
BACKUP_EVERY = timedelta(days=7)
# More files than these are not counted one by one while a page waits.
FILES_COUNTED = 20_000


@dataclass(frozen=True, slots=True)
class Area:
    """What belongs together."""

    title: str
    findings: tuple[Finding, ...]

    @property
    def problems(self) -> int:
        """How many of them somebody should do something about."""
        return sum(one.state == "bad" for one in self.findings)


def areas() -> list[Area]:
    """Everything that is looked at, in about ten queries whatever the installation holds."""
    return [
        Area(_("Workers"), tuple(_workers())),
        Area(_("Queue"), tuple(_queue())),
        Area(_("Storage"), tuple(_storage())),
        Area(_("Endpoints"), tuple(_endpoints())),
        Area(_("Mail"), tuple(_mail())),
        Area(_("Backups"), tuple(_backups())),
        Area(_("Versions"), tuple(_versions())),
        Area(_("Security"), tuple(security())),
    ]


def _moment(when: datetime) -> str:
    return f"{date_format(timezone.localtime(when, timezone.get_default_timezone()), 'Y-m-d H:i')}"


def _size(number: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def _workers() -> Iterator[Finding]:
    known = [(worker, is_alive(worker)) for worker in Worker.objects.all()]
    if not any(alive for _worker, alive in known):
        start = _("Start one: manage.py worker, or the site with its worker: manage.py serve.")
        yield Finding(_("Workers that live"), "0", "bad", start)
    for worker, alive in known:
        host, _sep, rest = worker.name.partition(":")
        name = f"{host}, {rest.partition(':')[0]}"
        seen = _("last seen %(when)s UTC") % {"when": _moment(worker.seen_at)}
        if alive:
            yield Finding(name, _("alive, %(seen)s") % {"seen": seen})
        else:
            gone = _("Its jobs are taken up by others. Its row goes after a day.")
            yield Finding(name, _("gone, %(seen)s") % {"seen": seen}, "note", gone)


def _queue() -> Iterator[Finding]:
    now = timezone.now()
    due = Q(status=Job.Status.WAITING) & (Q(due_at=None) | Q(due_at__lte=now))
    overdue = Q(status=Job.Status.RUNNING, lease_until__lt=now)
    failed = Q(status=Job.Status.FAILED, ended_at__gte=now - timedelta(days=1))
    found: Mapping[str, Any] = Job.objects.aggregate(
        waiting=Count("pk", filter=due),
        oldest=Min("created_at", filter=due),
        running=Count("pk", filter=Q(status=Job.Status.RUNNING)),
        later=Count("pk", filter=Q(status=Job.Status.WAITING, due_at__gt=now)),
        overdue=Count("pk", filter=overdue),
        failed=Count("pk", filter=failed),
    )
    yield Finding(_("Running"), str(found["running"]))
    late = found["oldest"] is not None and found["oldest"] < now - LONGEST_WAIT
    said = str(found["waiting"])
    if found["oldest"]:
        said = _("%(n)s, the oldest since %(when)s UTC") % {
            "n": said,
            "when": _moment(found["oldest"]),
        }
    more = _("Jobs wait long: start another worker, or see what the running ones are at.")
    yield Finding(_("Waiting"), said, "note" if late else "good", more if late else "")
    yield Finding(_("Waiting for others, such as a batch"), str(found["later"]))
    if found["overdue"]:
        gone = _("Nobody gave a sign of life for these; a living worker takes them up.")
        yield Finding(_("Without a sign of life"), str(found["overdue"]), "bad", gone)
    see = _("Each says why on the page of jobs; what a worker wrote is in its log.")
    number = found["failed"]
    yield Finding(
        _("Failed in the last day"),
        str(number),
        "note" if number else "good",
        see if number else "",
    )


def _storage() -> Iterator[Finding]:
    yield Finding(_("Database"), f"{_size(_database_size())}, {connection.vendor}")
    usage = shutil.disk_usage(settings.DATA_DIR)
    short = usage.free < min(LEAST_FREE_BYTES, LEAST_FREE_SHARE * usage.total)
    yield Finding(
        _("Free on the disk of the data directory"),
        _("%(free)s of %(all)s") % {"free": _size(usage.free), "all": _size(usage.total)},
        "bad" if short else "good",
        _("Make room: without it answers cannot be stored.") if short else "",
    )
    files = list(_files(Path(settings.MEDIA_ROOT)))
    said = ngettext("%(n)s file, %(size)s", "%(n)s files, %(size)s", len(files)) % {
        "n": len(files),
        "size": _size(sum(files)),
    }
    yield Finding(
        _("Stored files"),
        _("more than %(said)s") % {"said": said} if len(files) == FILES_COUNTED else said,
    )


def _database_size() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    file = Path(str(settings.DATABASES["default"]["NAME"]))
    return file.stat().st_size if file.is_file() else 0


def _files(folder: Path) -> Iterator[int]:
    for number, file in enumerate(folder.rglob("*") if folder.is_dir() else ()):
        if number == FILES_COUNTED:
            return
        if file.is_file():
            yield file.stat().st_size


def _endpoints() -> Iterator[Finding]:
    if mistakes := list_mistakes():
        said = _("The list cannot be read. Mistakes: %(n)s") % {"n": len(mistakes)}
        yield Finding("endpoints.toml", said, "bad", _("Mend it on the page of endpoints."))
    listed = readable_endpoints()
    if not listed and not mistakes:
        none = _(
            "Without one only scripted models can be asked; list one on the page of endpoints."
        )
        yield Finding(_("Listed"), "0", "note", none)
    probed = dict(
        Panel.objects.exclude(probed_at=None)
        .order_by()
        .values_list("base_url")
        .annotate(Max("probed_at"))
    )
    halted = dict(
        Panel.objects.filter(status=Panel.Status.HALTED)
        .order_by()
        .values_list("base_url")
        .annotate(Count("pk"))
    )
    for name, endpoint in listed.items():
        when = probed.get(endpoint.base_url)
        said = _("last probed %(when)s UTC") % {"when": _moment(when)} if when else _("not probed")
        number = halted.get(endpoint.base_url, 0)
        advice = ngettext(
            "One panel halted there, and says why on its page.",
            "%(n)s panels halted there; each says why on its page.",
            number,
        ) % {"n": number}
        yield Finding(name, said, "note" if number else "good", advice if number else "")


def _mail() -> Iterator[Finding]:
    if settings.EMAIL_HOST and settings.DEFAULT_FROM_EMAIL:
        yield Finding(_("Mail server"), f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}")
        return
    advice = _("Nothing is sent: set EMAIL_HOST and EMAIL_FROM to invite people by mail.")
    yield Finding(_("Mail server"), _("none"), "note", advice)


def _backups() -> Iterator[Finding]:
    latest = Job.objects.filter(kind="backup", status=Job.Status.DONE).aggregate(Max("ended_at"))
    when = latest["ended_at__max"]
    late = when is None or when < timezone.now() - BACKUP_EVERY
    said = f"{_moment(when)} UTC" if when else _("none that this installation knows of")
    advice = _(
        "Make one here or by manage.py backup, and keep it on another machine. What other programs "
        "back up is not known here."
    )
    yield Finding(_("Last backup"), said, "note" if late else "good", advice if late else "")


def _versions() -> Iterator[Finding]:
    try:
        own = version("counterpart")
    except PackageNotFoundError:
        own = "–"
    yield Finding("Counterpart", own)
    yield Finding("Python, Django", f"{sys.version.split()[0]}, {django.get_version()}")
    yield Finding(_("Database"), _database_version())
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    yield Finding(
        _("Migrations that are still to be applied"),
        str(len(pending)),
        "bad" if pending else "good",
        _("Run manage.py migrate and start the site anew.") if pending else "",
    )


def _database_version() -> str:
    if connection.vendor == "postgresql":
        of_postgresql: Any = connection
        major, minor = divmod(of_postgresql.pg_version, 10_000)
        return f"PostgreSQL {major}.{minor}"
    import sqlite3

    return f"SQLite {sqlite3.sqlite_version}"
