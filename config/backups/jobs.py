"""Backups as jobs: started by a page, or made by a command, and known to the page for staff."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from config.backups.writing import back_up
from surveys.jobs.queue import start_job
from surveys.jobs.watch import Watch
from surveys.models import Job
from surveys.services.audit import Actor

BACKUP = "backup"


def start_backup(*, by: Actor) -> Job:
    """Let a worker make a backup, unless one waits or is being made."""
    under_way = Job.objects.filter(kind=BACKUP, status__in=Job.UNFINISHED).first()
    return under_way or start_job(BACKUP, study=None, subject=BACKUP, queued_by=by.as_json())


def carry_out_backup(watch: Watch) -> dict[str, Any]:
    """Write a backup into the folder ``backups`` of the data directory."""
    folder = Path(settings.DATA_DIR) / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # To the microsecond: a backup that was made in the same second keeps its file.
    target = folder / f"counterpart-{timezone.now():%Y%m%d-%H%M%S-%f}.zip"

    def tell(_what: str, done: int, total: int) -> None:
        watch.stands_at("writing", done, total)

    back_up(target, tell=tell)
    return {"file": target.name}
