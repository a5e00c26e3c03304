"""Making studies, opening and closing them, and the links that people come through."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import BigIntegerField, CharField
from django.utils import timezone

from surveys.codes import Saying
from surveys.errors import Refused, StudyError, StudyNotReady
from surveys.instrument_files import (
    InstrumentFileError,
    StudyDefinition,
    facts_problems,
    settings_problems,
)
from surveys.models import (
    Action,
    Kind,
    Membership,
    RecruitingLink,
    RespondentGroup,
    Study,
)
from surveys.roles import Role
from surveys.selectors import group_in_wave, varied_in
from surveys.selectors.hidden import TESTS, staged_groups, tests_of
from surveys.services.audit import Actor, record
from surveys.services.definitions import Readiness, readiness
from surveys.services.recording.anonymity import require_nameless
from surveys.services.study_content import study_checksum, write_content
from surveys.statements import Slot, Statement


@transaction.atomic
def create_study(
    *, definition: StudyDefinition, owner: AbstractBaseUser | None, by: Actor, slug: str = ""
) -> Study:
    """Make a draft study of published instrument versions, owned by `owner`.

    Without an owner nobody sees it until `give_study` says whose it is.

    Raises `StudyError`: `study_exists`, `version_missing` (publish the instrument first),
    `settings_invalid`.
    """
    slug = slug or definition.slug
    _require_settings(slug, definition.settings)
    if Study.objects.filter(slug=slug).exists():
        raise StudyError(Refused.STUDY_EXISTS, study=slug)
    study = Study.objects.create(slug=slug)
    write_content(study, definition)
    made = {"version": study.version, "languages": study.languages}
    record(by=by, action=Action.STUDY_CREATED, study=study, subject=study, after=made)
    if owner is not None:
        give_study(study=study, owner=owner, by=by)
    return study


@transaction.atomic
def give_study(*, study: Study, owner: AbstractBaseUser, by: Actor) -> None:
    """Make somebody the owner of a study that was just made."""
    Membership.objects.create(study=study, user_id=owner.pk, role=Role.OWNER)
    record(
        by=by,
        action=Action.MEMBER_SET,
        study=study,
        subject=owner,
        before={"role": ""},
        after={"role": Role.OWNER.value},
        made_now=True,
    )


@transaction.atomic
def open_study(*, study: Study, by: Actor, people: bool = True, made_now: bool = False) -> Study:
    """Freeze the study and let respondents begin. Opening an open study changes nothing.

    Where something is left to be filled in ("[name, e-mail]"), it is not opened to real people.
    Without `people` it can be rehearsed then, asked of models, and be given imported data; nobody
    real can begin it for good. A study that is `made_now` is nobody's yet, who could be asked.

    Raises `StudyError`: `study_closed`, `settings_invalid`; `StudyNotReady` with all that is
    missing: `study_incomplete`, `placeholder_left`.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.status == Study.Status.OPEN:
        return study
    if study.status == Study.Status.CLOSED:
        raise StudyError(Refused.STUDY_CLOSED, study=study.slug)
    _require_settings(study.slug, study.settings)
    ready = readiness(study)
    if ready.lacking:
        raise StudyNotReady(Refused.STUDY_INCOMPLETE, study.slug, ready.lacking)
    if people:
        _require_for_people(study, ready)
    study.status = Study.Status.OPEN
    study.opened_at = timezone.now()
    study.checksum = study_checksum(study)
    study.people_may_begin = not ready.people
    study.assignment_seed = _assignment_seed(study)
    opened = ("status", "opened_at", "checksum", "people_may_begin", "assignment_seed")
    study.save(update_fields=opened)
    record(
        by=by,
        action=Action.STUDY_OPENED,
        study=study,
        subject=study,
        before={"status": Study.Status.DRAFT},
        after={
            "status": study.status,
            "checksum": study.checksum,
            "people_may_begin": study.people_may_begin,
        },
        made_now=made_now,
    )
    return study


def _assignment_seed(study: Study) -> int | None:
    """Drawn, or made of the study's own seed; none where nothing is varied."""
    if not varied_in(study):
        return None
    seed = study.settings.get("seed")
    if seed is None:
        return secrets.randbits(62)
    return int.from_bytes(hashlib.sha256(f"{seed}:assignment".encode()).digest()[:8]) >> 2


@transaction.atomic
def state_facts(*, study: Study, facts: Mapping[str, Any], by: Actor) -> Study:
    """State what a report says of the study, whatever state it is in; other facts stay.

    An empty text takes a fact back. `facts` has the keys of `StatedFacts`; `panels` maps the key of
    a panel to what holds for it alone. The same again changes nothing.

    Raises `InstrumentFileError` with everything that is wrong.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    before = study.facts
    after = _with_facts(before, facts)
    if problems := facts_problems(after):
        raise InstrumentFileError("facts", problems)
    if before != after:
        study.facts = after
        study.save(update_fields=("facts",))
        changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        record(
            by=by,
            action=Action.FACTS_STATED,
            study=study,
            subject=study,
            before={key: before.get(key, "") for key in changed},
            after={key: after.get(key, "") for key in changed},
        )
    return study


def _with_facts(before: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with others in their place; empty texts and tables leave nothing."""
    merged = {**before}
    for key, value in stated.items():
        inner = merged.get(key)
        nested = isinstance(value, Mapping)
        merged[key] = (
            _with_facts(inner if isinstance(inner, Mapping) else {}, value) if nested else value
        )
    return {key: value for key, value in merged.items() if value not in ("", {})}


@transaction.atomic
def close_study(*, study: Study, by: Actor) -> Study:
    """Let no one begin any more. Whoever has begun may finish.

    Raises `StudyError` (`study_is_draft`).
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.status == Study.Status.DRAFT:
        raise StudyError(Refused.STUDY_IS_DRAFT, study=study.slug)
    if study.status == Study.Status.OPEN:
        study.status = Study.Status.CLOSED
        study.closed_at = timezone.now()
        study.save(update_fields=("status", "closed_at"))
        before, after = {"status": Study.Status.OPEN}, {"status": study.status}
        record(
            by=by,
            action=Action.STUDY_CLOSED,
            study=study,
            subject=study,
            before=before,
            after=after,
        )
    return study


@transaction.atomic
def archive_study(*, study: Study, by: Actor) -> Study:
    """Leave a draft or a closed study out of lists; its pages and its data stay.

    Raises `StudyError` (`study_is_open`).
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.is_open:
        raise StudyError(Refused.STUDY_IS_OPEN, study=study.slug)
    if study.archived_at is None:
        study.archived_at = timezone.now()
        study.save(update_fields=("archived_at",))
        record(by=by, action=Action.STUDY_ARCHIVED, study=study, subject=study)
    return study


@transaction.atomic
def restore_study(*, study: Study, by: Actor) -> Study:
    """Show an archived study in lists again."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.archived_at is not None:
        study.archived_at = None
        study.save(update_fields=("archived_at",))
        record(by=by, action=Action.STUDY_RESTORED, study=study, subject=study)
    return study


@transaction.atomic
def delete_study(*, study: Study, by: Actor) -> None:
    """Delete a study that nobody has begun and no panel was recruited for; the log keeps its name.

    Raises `StudyError` (`study_not_empty`).
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if (
        study.respondents.exists()
        or study.groups.filter(kind=Kind.LLM).exists()
        or staged_groups(study=study).exists()
    ):
        raise StudyError(Refused.STUDY_NOT_EMPTY, study=study.slug)
    erase_tests(study=study, by=by)
    before = {"version": study.version, "status": study.status}
    record(by=by, action=Action.STUDY_DELETED, study=study, subject=study, before=before)
    study.delete()


@transaction.atomic
def create_link(
    *,
    study: Study,
    label: str,
    by: Actor,
    kind: str = RecruitingLink.Kind.OPEN,
    recruiter: str = "",
    simulated: bool = False,
) -> RecruitingLink:
    """Make an address that people can begin at; whoever uses a simulated one is stored as such.

    Raises `StudyNotReady` (`placeholder_left`) for real people, whatever the study's state, and
    `StudyError` (`names_people`) for a link that an anonymous study cannot have.
    """
    if not simulated:
        require_for_people(study)
        require_nameless(study=study, kind=kind, recruiter=recruiter)
    settings = {"kind": kind, "recruiter": recruiter, "simulated": simulated}
    link = RecruitingLink.objects.create(study=study, label=label, **settings)
    record(by=by, action=Action.LINK_CREATED, study=study, subject=link, after=settings)
    return link


@transaction.atomic
def set_link_active(*, link: RecruitingLink, active: bool, by: Actor) -> RecruitingLink:
    """Switch a link on or off.

    Raises `StudyError` (`link_used`): a single-use link that somebody came through stays off;
    `StudyNotReady` (`placeholder_left`), as `create_link` does.
    """
    link = RecruitingLink.objects.select_for_update().select_related("study").get(pk=link.pk)
    if active and link.for_one and link.respondents.filter(consent__given=True).exists():
        raise StudyError(Refused.LINK_USED, link=link.label)
    if active and not link.simulated:
        require_for_people(link.study)
    before, link.active = link.active, active
    link.save(update_fields=("active",))
    if before != active:
        record(
            by=by,
            action=Action.LINK_SWITCHED,
            study=link.study,
            subject=link,
            before={"active": before},
            after={"active": active},
        )
    return link


def people_group(*, study: Study, simulated: bool, wave: int = 0) -> RespondentGroup:
    """The group of a study's people, apart for simulated ones and for each wave; made at first use.

    The first wave's are the people that a plan is about if it names no others.
    """
    key, label = ("simulated-people", "Simulated people") if simulated else ("people", "People")
    if wave > 1:
        key, label = group_in_wave(key, wave), f"{label}, wave {wave}"
    if group := _GROUP.first(study.pk, key):
        return group
    group, _ = RespondentGroup.objects.get_or_create(
        study=study,
        key=key,
        defaults={"label": label, "kind": Kind.HUMAN, "simulated": simulated},
    )
    return group


_GROUP = Statement(
    lambda: RespondentGroup.objects.filter(
        study_id=Slot(0, BigIntegerField()), key=Slot(1, CharField())
    ).order_by()
)


@transaction.atomic
def set_group_aside(
    *, group: RespondentGroup, aside: bool, because: str = "", by: Actor
) -> RespondentGroup:
    """Leave a group out of comparisons from now on, and say why; or take it back.

    Nothing of it is deleted, and runs that compared it stay as they are. Raises `StudyError`
    (`reason_needed`): whoever reads a report is told what was left out, and why.
    """
    group = RespondentGroup.objects.select_for_update().select_related("study").get(pk=group.pk)
    because = because.strip() if aside else ""
    if aside and not because:
        raise StudyError(Refused.REASON_NEEDED, group=group.label)
    before = {"set_aside": group.set_aside, "because": group.set_aside_because}
    after = {"set_aside": aside, "because": because}
    if before != after:
        group.set_aside, group.set_aside_because = aside, because
        group.save(update_fields=("set_aside", "set_aside_because"))
        record(
            by=by,
            action=Action.GROUP_SET_ASIDE,
            study=group.study,
            subject=group,
            before=before,
            after=after,
        )
    return group


def tests_group(*, study: Study) -> RespondentGroup:
    """The group of whoever only tried the pages of a study; made at first use."""
    group, _ = RespondentGroup.with_tests.get_or_create(
        study=study,
        key=TESTS,
        defaults={"label": "Tests", "kind": Kind.HUMAN, "simulated": True, "test": True},
    )
    return group


@transaction.atomic
def erase_tests(*, study: Study, by: Actor) -> int:
    """Erase everybody who only tried the pages, with all they entered; how many."""
    tests = tests_of(study)
    count = tests.count()
    if count:
        tests.delete()
        RespondentGroup.with_tests.filter(study=study, key=TESTS, test=True).delete()
        after = {"people": count}
        record(by=by, action=Action.TESTS_ERASED, study=study, subject=study, after=after)
    return count


def require_for_people(study: Study) -> None:
    """Raise `StudyNotReady` (`placeholder_left`) unless the study can be given to real people."""
    _require_for_people(study, readiness(study))


def _require_settings(slug: str, settings: Mapping[str, Any]) -> None:
    if problems := settings_problems(settings):
        first = problems[0]
        raise StudyError(
            Refused.SETTINGS_INVALID,
            details={f"settings.{one.where}": one.message for one in problems},
            study=slug,
            problem=Saying(Refused.SETTING, {"path": first.where, "problem": first.saying}),
        )


def _require_for_people(study: Study, ready: Readiness) -> None:
    if ready.people:
        raise StudyNotReady(Refused.PLACEHOLDER_LEFT, study.slug, ready.people)
