"""The replication archive of a finished run.

Made anew whenever somebody asks, and not kept: a stored archive would outlive the withdrawal of a
person who is in it.
"""

import hashlib
from dataclasses import dataclass

from django.db import transaction

from analysis.archive import archive_files, pack
from analysis.archive.gather import archive_content
from analysis.errors import RunNotDone
from analysis.models import AnalysisRun
from surveys.models import Action
from surveys.services.audit import Actor, record


@dataclass(frozen=True, slots=True)
class Archive:
    """A replication archive: a name for the file, its bytes, and their SHA-256."""

    name: str
    content: bytes
    sha256: str


def build_archive(
    *, run: AnalysisRun, by: Actor, redact: bool = True, demographics: bool = False
) -> Archive:
    """Make the archive of a run. The same run gives the same bytes.

    Unless `redact` is false, transcripts do not show the personas that models spoke as: those of a
    matched panel are the demographics of single people. `demographics` adds those of the people.

    Raises `RunNotDone`, and `DataChanged` where somebody withdrew since.
    """
    if run.status != AnalysisRun.Status.DONE:
        raise RunNotDone(
            f"Run {run.pk} is {run.status}; archive a run that is done.", code="run_not_done"
        )
    content = archive_content(run, redact=redact, demographics=demographics)
    zipped = pack(archive_files(content))
    archive = Archive(
        name=f"{run.plan.study.slug}-{run.plan.name}-{run.pk}.zip",
        content=zipped,
        sha256=hashlib.sha256(zipped).hexdigest(),
    )
    made = {"redact": redact, "demographics": demographics, "sha256": archive.sha256}
    with transaction.atomic():
        record(by=by, action=Action.ARCHIVE_BUILT, study=run.plan.study, subject=run, after=made)
    return archive
