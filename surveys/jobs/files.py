"""Files that jobs leave for a while: they hold what a person's withdrawal must erase."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from surveys.jobs.watch import Watch
from surveys.models import Job, Study

KEPT = timedelta(hours=1)


def keep_file(watch: Watch, name: str, content: bytes) -> None:
    """Keep what a job made for an hour, so that whoever started it can fetch it."""
    job = watch.job
    with watch.storing():
        job.file.save(name, ContentFile(content), save=False)
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
