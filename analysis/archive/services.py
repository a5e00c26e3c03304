"""The replication archive of a finished run.

Made anew whenever somebody asks, and not kept for long: a stored archive would outlive the
withdrawal of a person who is in it.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from analysis.archive import archive_files, pack
from analysis.archive.gather import archive_content
from analysis.models import ARCHIVE, AnalysisRun
from analysis.runs.log import record_about
from analysis.runs.selectors import require_done, subject_of
from surveys.jobs.files import keep_file
from surveys.jobs.queue import join_or_start
from surveys.jobs.reading import kept_file
from surveys.jobs.watch import Watch
from surveys.jobs.work import job_here
from surveys.models import Action, Answer, Job
from surveys.roles import Act
from surveys.services.audit import Actor, job_actor, require

# Some 2 MB of answers: a second's work.
QUICK_ANSWERS = 20_000


@dataclass(frozen=True, slots=True)
class Archive:
    """A replication archive: a name for the file, its bytes, and their SHA-256."""

    name: str
    content: bytes
    sha256: str


def build_archive(
    *,
    run: AnalysisRun,
    by: Actor,
    redact: bool = True,
    demographics: bool = False,
) -> Archive:
    """Make the archive of a run. The same run gives the same bytes.

    Unless `redact` is false, transcripts do not show the personas that models spoke as: those of a
    matched panel are the demographics of single people. `demographics` adds those of the people.

    Raises `RunNotDone`, and `DataChanged` where somebody withdrew since.
    """
    require(by=by, study=run.plan.study, act=Act.EXPORT)
    require_done(run)
    given = _parameters(run, redact=redact, demographics=demographics)
    study, subject = run.plan.study, subject_of(run)
    with job_here(
        ARCHIVE, study=study, subject=subject, parameters=given, queued_by=by.as_json()
    ) as watch:
        archive = _make(watch, run, by)
        watch.result = {"sha256": archive.sha256}
    return archive


def start_archive(*, run: AnalysisRun, by: Actor) -> Job:
    """Let a worker make the archive of a run, without anything of single people beyond answers.

    The file is kept for an hour, and not beyond the withdrawal of anybody of the study. Raises
    `RunNotDone`.
    """
    require(by=by, study=run.plan.study, act=Act.EXPORT)
    require_done(run)
    return join_or_start(
        ARCHIVE,
        study=run.plan.study,
        subject=subject_of(run),
        parameters=_parameters(run),
        queued_by=by.as_json(),
    )


def archive_at_hand(run: AnalysisRun) -> Job | None:
    """The job whose archive of this run is still there, if any."""
    return kept_file(ARCHIVE, subject_of(run), _parameters(run))


def is_quick(run: AnalysisRun) -> bool:
    """Whether an archive is made within about a second, so that a page may do it."""
    answers = Answer.objects.filter(administration__study=run.plan.study_id)
    return answers.count() <= QUICK_ANSWERS


def carry_out_archive(watch: Watch) -> Archive:
    """Make the archive that a job is about, and keep it for whoever asked."""
    run = AnalysisRun.objects.select_related("plan__study").get(pk=watch.job.parameters["run"])
    require_done(run)
    archive = _make(watch, run, job_actor(watch.job.queued_by))
    keep_file(watch, archive.name, archive.content)
    return archive


def _parameters(
    run: AnalysisRun, *, redact: bool = True, demographics: bool = False
) -> dict[str, Any]:
    return {"run": run.pk, "redact": redact, "demographics": demographics}


def _make(watch: Watch, run: AnalysisRun, by: Actor) -> Archive:
    given = watch.job.parameters
    watch.enter("reading")
    content = archive_content(run, redact=given["redact"], demographics=given["demographics"])
    watch.check()
    watch.enter("writing")
    zipped = pack(archive_files(content))
    archive = Archive(
        name=f"{run.plan.study.slug}-{run.plan.name}-{run.pk}.zip",
        content=zipped,
        sha256=hashlib.sha256(zipped).hexdigest(),
    )
    made = {**given, "sha256": archive.sha256}
    made.pop("run")
    with watch.storing():
        record_about(run, Action.ARCHIVE_BUILT, made, by=by)
    return archive
