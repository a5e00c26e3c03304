"""Files that jobs leave for a while: they hold what a person's withdrawal must erase."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile, File
from django.utils import timezone

from surveys.jobs.watch import Watch
from surveys.models import Job, Study

KEPT = timedelta(hours=1)


def keep_file(watch: Watch, name: str, content: bytes) -> None:
    """Keep what a job made for an hour, so that whoever started it can fetch it."""
    _keep(watch, name, ContentFile(content))


def keep_path(watch: Watch, name: str, path: Path) -> None:
    """Keep a file that a job wrote, as `keep_file` does, without reading it into memory."""
    with path.open("rb") as opened:
        _keep(watch, name, File(opened))


def _keep(watch: Watch, name: str, content: File[Any]) -> None:
    job = watch.job
    with watch.storing():
        job.file.save(name, content, save=False)
        job.file_until = timezone.now() + KEPT
        job.save(update_fields=("file", "file_until"))


def erase_file(job: Job) -> None:
    """Erase what a job had made; its row stays."""
    if job.file:
        job.file.delete(save=False)
    job.file_until = None
    job.save(update_fields=("file", "file_until"))


def erase_files_of(study: Study) -> None:
    """Erase what all jobs of a study had made: somebody who is in it withdrew."""
    for job in Job.objects.filter(study=study).exclude(file=""):
        erase_file(job)
