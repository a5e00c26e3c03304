"""A data file with its mapping, through any door: of people, or of answers of models.

Whoever reads replies of models registers how their answers are imported; here nobody knows models.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile

from surveys.codes import Problem
from surveys.errors import ImportFileError, Refused, StudyError
from surveys.imports import AnyMapping, ImportMapping, parse_data, parse_mapping
from surveys.imports.drafts.writing import MappingDraft, draft_file
from surveys.imports.mistakes import ImportMistake
from surveys.jobs.files import erase_file
from surveys.jobs.queue import start_job
from surveys.jobs.watch import Watch
from surveys.models import Job, Study
from surveys.roles import Act
from surveys.selectors import studies_for, study_content
from surveys.services.audit import Actor, job_actor, require
from surveys.services.data.imports import (
    IMPORT,
    ImportReport,
    add_people,
    import_job,
    result_of,
)
from surveys.services.data.staging import clear_after, require_alone

# What a page and REST take; a command reads files of any size.
MOST_BYTES = 200_000_000
ImportModelAnswers = Callable[..., ImportReport]
_of_models: list[ImportModelAnswers] = []


def register_model_import(importer: ImportModelAnswers) -> None:
    """Say how answers of models are brought in; an app does so when it is ready."""
    _of_models[:] = [importer]


def draft_import(
    *,
    content: bytes,
    name: str,
    study: str,
    user: AbstractBaseUser | AnonymousUser | None,
    sheet: str = "",
) -> MappingDraft:
    """Draft the mapping of a data file; `user` None reads the study of anybody.

    Of a workbook `sheet` is read, or the longest. Where there is a study of the name `study`, its
    questions are looked for in the file. Raises `ImportFileError`, and `StudyError` (`not_yours`)
    for a study of somebody else.
    """
    found = Study.objects.filter(slug=study).first() if study else None
    if found and user and not studies_for(user).filter(pk=found.pk).exists():
        raise StudyError(Refused.NOT_YOURS, study=study)
    there = study_content(found, found.default_language).questionnaire if found else None
    return draft_file(content, name=name, study=study, there=there, sheet=sheet)


def import_file(
    *,
    mapping: AnyMapping,
    content: bytes,
    name: str,
    owner: AbstractBaseUser,
    by: Actor,
    sheet: str = "",
) -> ImportReport:
    """Bring in the bytes of a data file, whosesoever answers they are, all of them or none.

    Of a workbook `sheet` is read in place of the mapping's; what is kept of the import names it.
    Raises as `import_responses` does.
    """
    if sheet:
        mapping, name = _of_sheet(mapping, sheet), f"{name} [{sheet}]"
    checksum = hashlib.sha256(content).hexdigest()
    with import_job(mapping=mapping, data_name=name, checksum=checksum, by=by) as watch:
        report = _imported(mapping, content, name, owner, by, watch)
        watch.result = result_of(report)
    return report


def _of_sheet(mapping: AnyMapping, sheet: str) -> AnyMapping:
    """The mapping for a sheet of a workbook; raises `ImportFileError` where it is of none."""
    if not isinstance(mapping, ImportMapping) or mapping.layout.format != "xlsx":
        raise ImportFileError(mapping.name, [Problem("data.format", ImportMistake.NO_SHEETS)])
    return replace(mapping, layout=replace(mapping.layout, sheet=sheet))


def _imported(
    mapping: AnyMapping,
    content: bytes,
    name: str,
    owner: AbstractBaseUser,
    by: Actor,
    watch: Watch,
) -> ImportReport:
    if isinstance(mapping, ImportMapping):
        data = parse_data(content, mapping.layout, name=name)
        return add_people(mapping=mapping, data=data, owner=owner, by=by, watch=watch)
    return _of_models[0](
        mapping=mapping, content=content, name=name, owner=owner, by=by, watch=watch
    )


def start_import(
    *, mapping_text: str, mapping_name: str, content: bytes, name: str, by: Actor, sheet: str = ""
) -> Job:
    """Let a worker bring a data file in; the job keeps the file until it is over.

    Of a workbook `sheet` is read in place of the mapping's. The mapping is read first. Raises
    `ImportFileError`, and `StudyError` (`not_yours`) for a study of somebody else.
    """
    mapping = parse_mapping(mapping_text, file=mapping_name)
    if sheet:
        _of_sheet(mapping, sheet)
    study = Study.objects.filter(slug=mapping.slug).first()
    if study is not None and not study.memberships.exists():
        require_alone(study)
    if (
        study is not None
        and not studies_for(by.user or AnonymousUser()).filter(pk=study.pk).exists()
    ):
        raise StudyError(Refused.NOT_YOURS, study=study.slug)
    if study is not None:
        require(by=by, study=study, act=Act.IMPORT)
    return start_job(
        IMPORT,
        study=study,
        subject=f"study:{mapping.slug}",
        parameters={
            "data": f"{name} [{sheet}]" if sheet else name,
            "sheet": sheet,
            "data_sha256": hashlib.sha256(content).hexdigest(),
            "mapping": mapping_name,
            "mapping_text": mapping_text,
        },
        queued_by=by.as_json(),
        file=ContentFile(content, name="import.data"),
    )


def carry_out_import(watch: Watch) -> dict[str, Any]:
    """Do the work of an import's job, and erase its file.

    Where it ends otherwise the file is erased by whoever hears of that (`forget_import`).
    """
    job, said = watch.job, watch.job.parameters
    by = job_actor(job.queued_by)
    if not job.file or by.user is None:
        raise StudyError(Refused.FILE_GONE)
    with job.file.open("rb") as file:
        content = file.read()
    mapping = parse_mapping(said["mapping_text"], file=said["mapping"])
    if sheet := said.get("sheet", ""):
        mapping = _of_sheet(mapping, sheet)
    # Reading a large file takes seconds, in which nobody else has to wait for the database.
    report = _imported(mapping, content, said["data"], by.user, by, watch)
    # Not before: should this worker die now, the next one reads the file again, and adds nothing.
    watch.afterwards.append(lambda: erase_file(job))
    return result_of(report)


def forget_import(job: Job) -> None:
    """Erase the file of an import that ended without a result, and what it stored so far."""
    erase_file(job)
    clear_after(job)
