"""Storing an import in pieces, between which others can write, so that all of it is seen or none.

SQLite has one writer at a time: a file of a hundred thousand people takes a minute to store, in
which nobody could hand in a page. Its rows hang at groups that no reader knows
(`surveys.selectors.hidden`), until one short transaction moves them to the groups that they are
for. What an import leaves behind that ends otherwise is removed in pieces as well.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, transaction

from surveys.errors import InstrumentError, LeaseLost, Refused, StudyError
from surveys.imports import AnyMapping
from surveys.jobs.queue import look_after_jobs, start_job
from surveys.jobs.watch import NOBODY, Watch
from surveys.models import (
    Administration,
    InstrumentVersion,
    Job,
    Kind,
    Respondent,
    RespondentGroup,
    Study,
)
from surveys.roles import Act
from surveys.selectors.hidden import job_of, staged_groups, staged_key
from surveys.services.audit import Actor, job_actor, require
from surveys.services.authoring.instrument_library import delete_instrument_version
from surveys.services.data.mapped_study import Asked, asked_of_study, study_of_mapping
from surveys.services.studies import delete_study, give_study, open_study

TIDYING = "tidying"
# How many people are removed in one transaction.
PIECE = 100
# A page waits no longer for what a dead import has left; a worker goes on with the rest.
SECONDS_AT_ONCE = 5.0
# Whoever waits for SQLite asks again after up to a tenth of a second. So long after each piece,
# as a share of the time that it took, the file is free.
FREE_SHARE = 0.3


@dataclass
class Stage:
    """An import under way: the study that it is for, and where its rows hang."""

    study: Study
    watch: Watch
    # The study was made for these rows: it is nobody's until they are there.
    new: bool
    _groups: list[RespondentGroup] = field(default_factory=list)

    def hidden_group(self, kind: Kind, *, imported: bool = False) -> RespondentGroup:
        """Where rows of one group hang meanwhile; made at once."""
        group = _hidden_group(
            self.study, self.watch.job, len(self._groups) + 1, kind, imported=imported
        )
        self._groups.append(group)
        return group

    @contextmanager
    def piece(self) -> Iterator[None]:
        """One transaction for some of the rows, and then a while for others.

        Raises `JobCancelled` and `LeaseLost`; then nothing of the piece is stored.
        """
        began = time.monotonic()
        with self.watch.storing():
            yield
        _leave_free(began)

    @contextmanager
    def last_piece(self, *, owner: AbstractBaseUser, by: Actor) -> Iterator[None]:
        """The transaction that shows the rows; what has to be true with them is stored in it."""
        with self.watch.storing():
            if self.new:
                give_study(study=self.study, owner=owner, by=by)
            yield
            staged_groups(job=self.watch.job.pk).delete()
            Job.objects.filter(pk=self.watch.job.pk).update(study=self.study)

    def show(self, hidden: RespondentGroup, group: RespondentGroup) -> None:
        """Move what hangs at a hidden group to the one that it is for."""
        Respondent.with_tests.filter(group=hidden).update(group=group, test=False)
        Administration.objects.filter(group=hidden).update(group=group)


def asked_by(*, mapping: AnyMapping, by: Actor) -> Asked:
    """What the study of a mapping asks; nothing is stored, also where there is no study yet.

    Reading a large file takes seconds, in which nobody has to wait for the database: this is all
    that it needs of it. What a dead import left goes first: it is no study that a mapping could
    differ from. Raises as `study_of_mapping` does, and `ImportFileError`.
    """
    _leave_nothing_dead(mapping)
    with transaction.atomic():
        asked = asked_of_study(mapping, study_of_mapping(mapping=mapping, by=by))
        transaction.set_rollback(True)
    return asked


@contextmanager
def staged(*, mapping: AnyMapping, asked: Asked, by: Actor, watch: Watch) -> Iterator[Stage]:
    """Begin to store what a job reads; if that ends otherwise than well, nothing of it stays.

    `asked` is what `asked_by` found. Raises as `study_of_mapping` and `open_study` do, and
    `StudyError` (`import_under_way`, `study_changed`), `RoleNeeded`.
    """
    clear_import(watch.job.pk)
    try:
        with watch.storing():
            stage = _begun(mapping, asked, by, watch)
        yield stage
    except LeaseLost:
        # Another worker has begun anew, or whoever ended the job has removed what was here.
        raise
    except BaseException:
        clear_import(watch.job.pk)
        raise


def _begun(mapping: AnyMapping, asked: Asked, by: Actor, watch: Watch) -> Stage:
    published = _versions(mapping)
    new = not Study.objects.filter(slug=mapping.slug).exists()
    study = study_of_mapping(mapping=mapping, by=by)
    if asked_of_study(mapping, study) != asked:
        raise StudyError(Refused.STUDY_CHANGED, study=study.slug)
    if not new:
        require(by=by, study=study, act=Act.IMPORT)
    study = open_study(study=study, people=False, by=by, made_now=new)
    # Not before the study is locked: of two that begin at once, one sees the other.
    require_alone(study)
    made = {"new": new, "instruments": sorted(_versions(mapping) - published)}
    _hidden_group(study, watch.job, 0, Kind.HUMAN, method=made)
    return Stage(study, watch, new)


def require_alone(study: Study) -> None:
    """Raise `StudyError` (`import_under_way`) if rows for a study are being stored."""
    if staged_groups(study=study).exists():
        raise StudyError(Refused.IMPORT_UNDER_WAY, study=study.slug)


def _versions(mapping: AnyMapping) -> set[tuple[str, str]]:
    slugs = [one.slug for one in mapping.instruments]
    rows = InstrumentVersion.objects.filter(instrument__slug__in=slugs)
    return set(rows.values_list("instrument__slug", "version"))


def _hidden_group(
    study: Study, job: Job, place: int, kind: Kind, *, imported: bool = False, method: Any = None
) -> RespondentGroup:
    return RespondentGroup.with_tests.create(
        study=study,
        key=staged_key(job.pk, place),
        label="Import under way",
        kind=kind,
        imported=imported,
        method=method or {},
        test=True,
    )


def _leave_nothing_dead(mapping: AnyMapping) -> None:
    """Before a study is given more: remove what imports have left that are over."""
    study = Study.objects.filter(slug=mapping.slug).first()
    if study is not None and staged_groups(study=study).exists():
        look_after_jobs()
        clear_dead_imports()


def clear_dead_imports() -> int:
    """Remove what imports have left behind that are over; how many imports."""
    jobs = {job_of(group) for group in staged_groups()}
    alive = Job.objects.filter(pk__in=jobs, status__in=Job.UNFINISHED)
    dead = jobs - set(alive.values_list("pk", flat=True))
    for job in sorted(dead):
        clear_import(job)
    return len(dead)


def clear_after(job: Job) -> None:
    """Remove what an import that has ended left behind, as soon as its end is stored.

    A few seconds here, since a page may be waiting; with the rest a worker goes on.
    """
    transaction.on_commit(partial(_clear_some, job.pk))


def _clear_some(job: int) -> None:
    if not clear_import(job, within=SECONDS_AT_ONCE):
        start_job(TIDYING, study=None)


def clear_import(job: int, *, within: float | None = None) -> bool:
    """Remove what an import stored, in pieces; False if more is left after `within` seconds."""
    until = float("inf") if within is None else time.monotonic() + within
    for group in list(staged_groups(job=job)):
        while _removed_piece(group):
            if time.monotonic() > until:
                return False
    _take_back(job)
    return True


def _removed_piece(group: RespondentGroup) -> bool:
    """Remove some of the rows of a hidden group; False where none was left."""
    began = time.monotonic()
    with transaction.atomic():
        rows = Respondent.with_tests.filter(group=group).order_by()
        people = list(rows.values_list("pk", flat=True)[:PIECE])
        if people:
            Respondent.with_tests.filter(pk__in=people).delete()
    _leave_free(began)
    return bool(people)


def _leave_free(began: float) -> None:
    """Let others at the file, after a transaction that began then."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep((time.monotonic() - began) * FREE_SHARE)


@transaction.atomic
def _take_back(job: int) -> None:
    """Take back what was made for rows that are gone: their study and its instruments."""
    groups = staged_groups(job=job)
    # Locked: whoever hears of its end takes back what an import itself may be taking back.
    mine = groups.filter(key=staged_key(job, 0)).select_related("study").order_by()
    first = mine.select_for_update(of=("self",)).first()
    groups.delete()
    if first is None or not first.method["new"]:
        return
    by = _by(job)
    if not first.study.groups.exists():
        # Not with the study: whoever sends the file again has a job about it by now.
        Job.objects.filter(study=first.study).update(study=None)
        delete_study(study=first.study, by=by)
    for slug, version in first.method["instruments"]:
        # Where another study asks it by now it stays.
        with suppress(InstrumentError):
            delete_instrument_version(slug=slug, version=version, by=by)


def _by(job: int) -> Actor:
    row = Job.objects.filter(pk=job).first()
    return job_actor(row.queued_by if row else NOBODY)
