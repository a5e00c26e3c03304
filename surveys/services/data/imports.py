"""Bringing an existing human data set in as a study's people; what every import leaves behind."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from surveys.codes import Problem
from surveys.errors import ImportFileError
from surveys.imports import (
    AnyMapping,
    CodedFile,
    CodedPerson,
    DataFile,
    ImportMapping,
    Missing,
    UnknownCode,
    code_people,
)
from surveys.imports.cells.reading import LINES_SHOWN
from surveys.imports.collected.records import Records
from surveys.imports.counts import counted
from surveys.imports.mistakes import ImportMistake
from surveys.imports.provenance import Respondents
from surveys.jobs.watch import Watch
from surveys.jobs.work import job_here
from surveys.models import (
    Action,
    ImportedFile,
    Kind,
    Respondent,
    RespondentGroup,
    ScaleDirection,
    Study,
    SubmissionDoor,
)
from surveys.presentation import Questionnaire
from surveys.selectors import replayed, study_content
from surveys.services.answers import record_whole
from surveys.services.audit import Actor, record
from surveys.services.data.staging import asked_by, staged
from surveys.services.enrolment import store_passages
from surveys.services.recording.beginning import Start
from surveys.services.studies import people_group
from surveys.services.submissions import WholeAnswer, WholeSubmission

IMPORT = "import"
RECRUITER = "import"
BATCH_SIZE = 200


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import read and stored: people, or sessions of models in `groups` of their own.

    `rows_read` are all lines under the header, or records; `skipped` counts those left out by
    reason: ``already_imported``, ``no_answer``, ``blank_line``, ``header_row``. Of people every row
    is imported or skipped; a session may have a row for each reply. `values` and `missing` count
    the rows of the file (of models: what is new) by question ref, where options are listed by the
    ref of each, and scored value, or number, or missing reason; `words` count answers that are
    texts or days. `unknown` are codes that nothing explains, stored as ``out_of_range``. Without
    `ended` the last line of the file has no line end.
    """

    study: Study
    respondents: Respondents
    rows_read: int
    imported: int
    skipped: Mapping[str, int]
    values: Mapping[str, Mapping[int | float, int]]
    missing: Mapping[str, Mapping[str, int]]
    unknown: Sequence[UnknownCode]
    unused_columns: Sequence[str]
    ended: bool
    groups: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows_used(self) -> int:
        """Rows that are part of what was imported."""
        return self.rows_read - sum(self.skipped.values())


def import_responses(
    *, mapping: AnyMapping, data: DataFile, owner: AbstractBaseUser, by: Actor
) -> ImportReport:
    """Add the people of a data file to the mapping's study, all of them or none.

    The study is made and opened if it does not exist, its instruments are published, and each row
    becomes a person who completed it in the order of the file's columns. People who are there
    already are left as they are: the same file again adds nothing. They gave their consent
    elsewhere, so they have none here; an `ImportedFile` says where they come from.

    A job of this process shows how far it is; who cancels it leaves nothing behind.

    Raises `ImportFileError` (columns and codes that do not fit; `row_changed`; `not_people` and
    `looks_like_models`: answers of models are never stored as people's), `InstrumentError`,
    `StudyError` (`study_differs`, `study_closed`, `version_missing`, `condition_unknown`,
    `import_under_way`, `study_changed`),
    `JobError`.
    """
    with import_job(mapping=mapping, data_name=data.name, checksum=data.checksum, by=by) as watch:
        report = add_people(mapping=mapping, data=data, owner=owner, by=by, watch=watch)
        watch.result = result_of(report)
    return report


@contextmanager
def import_job(*, mapping: AnyMapping, data_name: str, checksum: str, by: Actor) -> Iterator[Watch]:
    """A job of this process that reads a data file; whoever opens it sets its result."""
    with job_here(
        IMPORT,
        study=Study.objects.filter(slug=mapping.slug).first(),
        subject=f"study:{mapping.slug}",
        parameters={"data": data_name, "data_sha256": checksum, "mapping": mapping.name},
        queued_by=by.as_json(),
    ) as watch:
        yield watch


def result_of(report: ImportReport) -> dict[str, Any]:
    """What came of an import, as its job keeps it."""
    return {
        "study": report.study.slug,
        "rows_read": report.rows_read,
        "imported": report.imported,
        "skipped": dict(report.skipped),
        **({"groups": dict(report.groups)} if report.groups else {}),
    }


def add_people(
    *, mapping: AnyMapping, data: DataFile, owner: AbstractBaseUser, by: Actor, watch: Watch
) -> ImportReport:
    """Do what `import_responses` does, under a job that somebody holds."""
    if not isinstance(mapping, ImportMapping):
        problem = Problem("data.respondents", ImportMistake.NOT_PEOPLE)
        raise ImportFileError(mapping.name, [problem])
    asked = asked_by(mapping=mapping, by=by)
    coded = code_people(data, mapping, asked.questionnaire, asked.demographics)
    with staged(mapping=mapping, asked=asked, by=by, watch=watch) as stage:
        study = stage.study
        present_already = _already_imported(study)
        _require_unchanged(coded, present_already, data.name)
        new = [
            one
            for one in coded.people
            if one.recruiter_id not in present_already and one.has_answered
        ]
        hidden = stage.hidden_group(Kind.HUMAN)
        tell = watch.told("people")
        for number, batch in enumerate(_batches(new)):
            watch.check()
            with stage.piece():
                _add_people(hidden, asked.language, coded.order, batch)
            tell(number * BATCH_SIZE + len(batch), len(new))
        skipped = _skipped(coded, present_already)
        report = _report(study, asked.questionnaire, coded, skipped, data, imported=len(new))
        with stage.last_piece(owner=owner, by=by):
            stage.show(hidden, people_group(study=study, simulated=False))
            if new:
                record_imported_file(report=report, mapping=mapping, data=data, owner=owner, by=by)
    return report


def _already_imported(study: Study) -> dict[str, str]:
    """Id -> the fingerprint of what was imported for it; empty of a person who withdrew."""
    people = Respondent.objects.filter(study=study, recruiter=RECRUITER)
    rows = people.values_list("recruiter_id", "administration__submissions__idempotency_key")
    return {recruiter_id: fingerprint or "" for recruiter_id, fingerprint in rows}


def _require_unchanged(coded: CodedFile, known: Mapping[str, str], file: str) -> None:
    changed = [
        one
        for one in coded.people
        if known.get(one.recruiter_id) not in (None, "", one.fingerprint)
    ]
    if changed:
        lines = ", ".join(str(one.line) for one in changed[:LINES_SHOWN])
        more = "…" if len(changed) > LINES_SHOWN else ""
        about = {"count": len(changed)}
        problem = Problem(f"line {lines}{more}", ImportMistake.ROW_CHANGED, about)
        raise ImportFileError(file, [problem])


def _batches(people: Sequence[CodedPerson]) -> Iterator[Sequence[CodedPerson]]:
    for start in range(0, len(people), BATCH_SIZE):
        yield people[start : start + BATCH_SIZE]


def _add_people(
    group: RespondentGroup, language: str, order: Sequence[str], people: Sequence[CodedPerson]
) -> None:
    study = group.study
    respondents = Respondent.with_tests.bulk_create(_respondent(group, one) for one in people)
    starts = [Start(one, seed=0, language=language, order=order) for one in respondents]
    passages = store_passages(study=study, starts=starts)
    record_whole(
        presentation=replayed(study, language, 0, ScaleDirection.FORWARD, order),
        targets=study_content(study, language).targets,
        handed=[
            WholeSubmission(passage.pk, _in_order(one, order), one.fingerprint)
            for passage, one in zip(passages, people, strict=True)
        ],
        door=SubmissionDoor.IMPORT,
    )


def _respondent(group: RespondentGroup, person: CodedPerson) -> Respondent:
    return Respondent(
        study=group.study,
        group=group,
        test=group.test,
        kind=Kind.HUMAN,
        recruiter=RECRUITER,
        recruiter_id=person.recruiter_id,
        demographics=dict(person.demographics),
        sampling=dict(person.sampling),
    )


def _in_order(person: CodedPerson, order: Sequence[str]) -> list[WholeAnswer]:
    answers = [person.answers[ref] for ref in order]
    return [one.reason if isinstance(one, Missing) else one for one in answers]


def record_imported_file(
    *,
    report: ImportReport,
    mapping: AnyMapping,
    data: DataFile | Records,
    owner: AbstractBaseUser,
    by: Actor,
) -> None:
    """Keep where the answers of an import come from, and write it into the log."""
    of_models = report.respondents == "models"
    file = ImportedFile.objects.create(
        study=report.study,
        respondents=report.respondents,
        data_name=data.name,
        data_checksum=data.checksum,
        mapping_name=mapping.name,
        mapping_checksum=mapping.checksum,
        mapping=mapping.text,
        citation=mapping.source.citation,
        licence=mapping.source.licence,
        note=mapping.source.note,
        rows_read=report.rows_read,
        rows_imported=report.rows_used,
        rows_left_out=dict(report.skipped),
        imported_by_id=owner.pk,
    )
    counts = {"rows_read": report.rows_read, "rows_imported": report.rows_used}
    sums = {"data_checksum": data.checksum, "mapping_checksum": mapping.checksum}
    sessions = {"sessions": report.imported, "groups": sorted(report.groups)} if of_models else {}
    record(
        by=by,
        action=Action.MODEL_ANSWERS_IMPORTED if of_models else Action.PEOPLE_IMPORTED,
        study=report.study,
        subject=file,
        after={**sums, **counts, **sessions},
    )


def _skipped(coded: CodedFile, known: Mapping[str, str]) -> Counter[str]:
    """How many rows were left out, by reason."""
    skipped = Counter(coded.left_out)
    for person in coded.people:
        if person.recruiter_id in known:
            skipped["already_imported"] += person.rows
        elif not person.has_answered:
            skipped["no_answer"] += person.rows
    return skipped


def _report(
    study: Study,
    questionnaire: Questionnaire,
    coded: CodedFile,
    skipped: Mapping[str, int],
    data: DataFile,
    *,
    imported: int,
) -> ImportReport:
    counts = counted(coded.people, coded.order, questionnaire)
    return ImportReport(
        study=study,
        respondents="people",
        rows_read=coded.lines_read,
        imported=imported,
        skipped=skipped,
        values=counts.values,
        missing=counts.missing,
        unknown=coded.unknown,
        unused_columns=coded.unused_columns,
        ended=data.ended,
        words=counts.words,
    )
