"""Exporting the data of a study: into a folder, or by a worker into a zip file kept for an hour."""

import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from django.db import transaction

from surveys.errors import Refused, StudyError
from surveys.exports import ExportChoice, Tables, WrittenFile
from surveys.exports.content import FORMATS, Format
from surveys.jobs.files import keep_path
from surveys.jobs.queue import join_or_start
from surveys.jobs.watch import Watch
from surveys.jobs.work import job_here
from surveys.models import Action, Administration, Job, Study
from surveys.roles import Act
from surveys.services.audit import Actor, job_actor, record, require
from surveys.services.data.export_rows import (
    chosen_groups,
    export_content,
    export_rows,
    left_out,
    study_waves,
)
from surveys.services.flagging.signals import raise_flags

EXPORT = "export"
_ROWS_BETWEEN_LOOKS = 500


def export_choice(given: Mapping[str, Any], study: Study) -> ExportChoice:
    """What is wanted, as a command, a page, REST or a job says it, with what a choice has.

    Raises `StudyError` (`format_unknown`, `group_unknown`, `wave_unknown`).
    """
    formats = tuple(given.get("formats") or FORMATS)
    if unknown := [one for one in formats if one not in get_args(Format)]:
        raise StudyError(Refused.FORMAT_UNKNOWN, given=unknown[0], known=", ".join(FORMATS))
    groups = tuple(given.get("groups") or ())
    known = list(study.groups.values_list("key", flat=True))
    if unknown := [one for one in groups if one not in known]:
        shown = ", ".join(known) or "none yet"
        raise StudyError(Refused.GROUP_UNKNOWN, given=unknown[0], study=study.slug, known=shown)
    waves = tuple(given.get("waves") or ())
    known = study_waves(study) if waves else []
    if unknown := [one for one in waves if one not in known]:
        shown = ", ".join(known) or "none"
        raise StudyError(Refused.WAVE_UNKNOWN, given=unknown[0], study=study.slug, known=shown)
    switches = ("demographics", "recruiter_ids", "share", "exact", "paradata")
    return ExportChoice(
        formats, groups, waves, **{name: bool(given.get(name)) for name in switches}
    )


def export_data(
    *, study: Study, choice: ExportChoice, folder: Path, by: Actor
) -> Sequence[WrittenFile]:
    """Write the data of a study into a folder that is new or empty; returns its files.

    People, simulated people and models are in files of their own. Rows are written as they are
    read; nothing is kept but the numbers of SPSS and Stata files. Raises `StudyError`
    (`folder_not_empty`), `JobError`.
    """
    require(by=by, study=study, act=act_of_export(choice))
    if folder.is_dir() and any(folder.iterdir()):
        raise StudyError(Refused.FOLDER_NOT_EMPTY, folder=folder.name)
    with job_here(
        EXPORT,
        study=study,
        subject=_subject(study),
        parameters=_plain(choice),
        queued_by=by.as_json(),
    ) as watch:
        with tempfile.TemporaryDirectory(prefix="counterpart-export-") as made:
            files = _write(watch, study, choice, Path(made), by)
            shutil.copytree(made, folder, dirs_exist_ok=True)
        watch.result = {"files": len(files)}
    return files


def start_export(*, study: Study, choice: ExportChoice, by: Actor) -> Job:
    """Let a worker export; the zip file is kept for an hour, and not beyond a withdrawal."""
    require(by=by, study=study, act=act_of_export(choice))
    return join_or_start(
        EXPORT,
        study=study,
        subject=_subject(study),
        parameters=_plain(choice),
        queued_by=by.as_json(),
    )


def carry_out_export(watch: Watch) -> dict[str, Any]:
    """Make the export that a job is about, and keep it for whoever asked."""
    job = watch.job
    study = Study.objects.get(jobs=job)
    choice = export_choice(job.parameters, study)
    by = job_actor(job.queued_by)
    with tempfile.TemporaryDirectory(prefix="counterpart-export-") as made:
        folder, zipped = Path(made) / study.slug, Path(made) / f"{study.slug}-data.zip"
        folder.mkdir()
        files = _write(watch, study, choice, folder, by)
        _zip(folder, zipped)
        keep_path(watch, zipped.name, zipped)
    return {"files": len(files)}


def act_of_export(choice: ExportChoice) -> Act:
    """What taking this out needs: more where the ids of recruiters come along."""
    return Act.IDENTITIES if choice.recruiter_ids else Act.EXPORT


def _subject(study: Study) -> str:
    return f"data:{study.pk}"


def _plain(choice: ExportChoice) -> dict[str, Any]:
    return {
        name: list(one) if isinstance(one, tuple) else one for name, one in asdict(choice).items()
    }


def _write(
    watch: Watch, study: Study, choice: ExportChoice, folder: Path, by: Actor
) -> list[WrittenFile]:
    groups = chosen_groups(study, choice)
    if choice.paradata:
        raise_flags(study=study, most=None)
    total = Administration.objects.filter(respondent__group__in=groups).count()
    tell = watch.told("respondents")
    with Tables(export_content(study, groups), folder, choice) as tables:
        for number, row in enumerate(export_rows(study, groups, choice), start=1):
            if number % _ROWS_BETWEEN_LOOKS == 0:
                watch.check()
                tell(number, total)
            tables.take(row)
        watch.enter("writing")
        files = tables.close(left_out(groups, choice))
    with transaction.atomic():
        made = {**_plain(choice), "sha256": files[-1].sha256}
        record(by=by, action=Action.DATA_EXPORTED, study=study, subject=study, after=made)
    return files


def _zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder.parent).as_posix())
