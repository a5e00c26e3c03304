"""Making studies, opening and closing them, and the links that people come through."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from surveys.checksums import sha256_of
from surveys.codes import Saying
from surveys.errors import Lacking, Refused, StudyError
from surveys.instrument_files import (
    AttentionCheckDefinition,
    BlockDefinition,
    DemographicField,
    StudyDefinition,
    settings_problems,
)
from surveys.models import (
    Action,
    AttentionCheck,
    Block,
    ConsentText,
    InstrumentVersion,
    Kind,
    Membership,
    RecruitingLink,
    RespondentGroup,
    ResponseScale,
    Study,
)
from surveys.services.audit import Actor, record


@transaction.atomic
def create_study(
    *, definition: StudyDefinition, owner: AbstractBaseUser, by: Actor, slug: str = ""
) -> Study:
    """Make a draft study of published instrument versions, owned by `owner`.

    Raises `StudyError`: `study_exists`, `version_missing` (publish the instrument first),
    `settings_invalid`.
    """
    slug = slug or definition.slug
    _require_settings(slug, definition.settings)
    if Study.objects.filter(slug=slug).exists():
        raise StudyError(Refused.STUDY_EXISTS, study=slug)
    study = Study.objects.create(
        slug=slug,
        version=definition.version,
        titles=dict(definition.title),
        languages=list(definition.languages),
        demographics=[_demographic(field) for field in definition.demographics],
        settings=dict(definition.settings),
    )
    made = {"version": study.version, "languages": study.languages}
    record(by=by, action=Action.STUDY_CREATED, study=study, subject=study, after=made)
    add_member(study=study, user=owner, role=Membership.Role.OWNER, by=by)
    _add_consent_texts(study, definition)
    blocks = {
        block.key: _add_block(study, block, position)
        for position, block in enumerate(definition.blocks, start=1)
    }
    for check in definition.attention_checks:
        _add_check(study, blocks[check.block], check)
    return study


@transaction.atomic
def open_study(*, study: Study, by: Actor) -> Study:
    """Freeze the study and let respondents begin. Opening an open study changes nothing.

    Raises `StudyError`: `study_closed`, `study_incomplete` (no block, or a language without words),
    `settings_invalid`.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.status == Study.Status.OPEN:
        return study
    if study.status == Study.Status.CLOSED:
        raise StudyError(Refused.STUDY_CLOSED, study=study.slug)
    _require_complete(study)
    study.status = Study.Status.OPEN
    study.opened_at = timezone.now()
    study.checksum = _checksum(study)
    study.save(update_fields=("status", "opened_at", "checksum"))
    record(
        by=by,
        action=Action.STUDY_OPENED,
        study=study,
        subject=study,
        before={"status": Study.Status.DRAFT},
        after={"status": study.status, "checksum": study.checksum},
    )
    return study


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
def add_member(*, study: Study, user: AbstractBaseUser, role: str, by: Actor) -> Membership:
    """Let `user` see and steer the study; an existing role is replaced.

    Raises `StudyError` (`last_owner`) if nobody would own the study any more.
    """
    others = study.memberships.filter(role=Membership.Role.OWNER).exclude(user_id=user.pk)
    owns = study.memberships.filter(role=Membership.Role.OWNER, user_id=user.pk).exists()
    if owns and role != Membership.Role.OWNER and not others.exists():
        raise StudyError(Refused.LAST_OWNER, user=str(user), study=study.slug)
    before = study.memberships.filter(user_id=user.pk).values("role").first() or {"role": ""}
    membership, _ = Membership.objects.update_or_create(
        study=study, user_id=user.pk, defaults={"role": role}
    )
    if before["role"] != role:
        record(
            by=by,
            action=Action.MEMBER_SET,
            study=study,
            subject=user,
            before=before,
            after={"role": role},
        )
    return membership


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
    """Make an address that people can begin at; whoever uses a simulated one is stored as such."""
    settings = {"kind": kind, "recruiter": recruiter, "simulated": simulated}
    link = RecruitingLink.objects.create(study=study, label=label, **settings)
    record(by=by, action=Action.LINK_CREATED, study=study, subject=link, after=settings)
    return link


@transaction.atomic
def set_link_active(*, link: RecruitingLink, active: bool, by: Actor) -> RecruitingLink:
    """Switch a link on or off.

    Raises `StudyError` (`link_used`): a single-use link that somebody came through stays off.
    """
    link = RecruitingLink.objects.select_for_update().select_related("study").get(pk=link.pk)
    single = link.kind == RecruitingLink.Kind.SINGLE_USE
    if active and single and link.respondents.filter(consent__given=True).exists():
        raise StudyError(Refused.LINK_USED, link=link.label)
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


def people_group(*, study: Study, simulated: bool) -> RespondentGroup:
    """The group of a study's people, apart for simulated ones; made at first use."""
    key, label = ("simulated-people", "Simulated people") if simulated else ("people", "People")
    group, _ = RespondentGroup.objects.get_or_create(
        study=study,
        key=key,
        defaults={"label": label, "kind": Kind.HUMAN, "simulated": simulated},
    )
    return group


def _demographic(field: DemographicField) -> dict[str, Any]:
    return {
        "key": field.key,
        "kind": field.kind,
        "label": dict(field.label),
        "options": [{"value": value, "label": dict(label)} for value, label in field.options],
        "minimum": field.minimum,
        "maximum": field.maximum,
        "required": field.required,
    }


def _add_consent_texts(study: Study, definition: StudyDefinition) -> None:
    consent = definition.consent
    ConsentText.objects.bulk_create(
        ConsentText(
            study=study,
            version=consent.version,
            language=language,
            information=consent.information[language],
            statement=consent.statement[language],
            contact=consent.contact,
            checksum=sha256_of([consent.information[language], consent.statement[language]]),
        )
        for language in definition.languages
    )


def _add_block(study: Study, definition: BlockDefinition, position: int) -> Block:
    versions = list(
        InstrumentVersion.objects.filter(
            instrument__slug=definition.instrument,
            version=definition.version,
            language__in=study.languages,
        )
    )
    if missing := set(study.languages) - {version.language for version in versions}:
        raise StudyError(
            Refused.VERSION_MISSING,
            block=f"{definition.key} ({definition.instrument} {definition.version})",
            languages=", ".join(sorted(missing)),
        )
    block = Block.objects.create(
        study=study,
        key=definition.key,
        position=position,
        items_per_page=definition.items_per_page,
        shuffle=definition.shuffle,
    )
    block.versions.set(versions)
    return block


def _add_check(study: Study, block: Block, definition: AttentionCheckDefinition) -> None:
    scales = ResponseScale.objects.filter(
        version__in=block.versions.all(), key=definition.response_scale
    ).select_related("version")
    AttentionCheck.objects.bulk_create(
        AttentionCheck(
            study=study,
            block=block,
            key=definition.key,
            language=scale.version.language,
            kind=definition.kind,
            after=definition.after,
            text=definition.text[scale.version.language],
            response_scale=scale,
            expected=list(definition.expected),
        )
        for scale in scales
    )


def _require_settings(slug: str, settings: Mapping[str, Any]) -> None:
    if problems := settings_problems(settings):
        first = problems[0]
        raise StudyError(
            Refused.SETTINGS_INVALID,
            details={f"settings.{one.where}": one.message for one in problems},
            study=slug,
            problem=Saying(Refused.SETTING, {"path": first.where, "problem": first.saying}),
        )


def _require_complete(study: Study) -> None:
    _require_settings(study.slug, study.settings)
    blocks = list(study.blocks.prefetch_related("versions"))
    if not blocks:
        raise StudyError.lacks(study.slug, Lacking.BLOCK)
    for language in study.languages:
        for block in blocks:
            if language not in {version.language for version in block.versions.all()}:
                about = {"block": block.key, "language": language}
                raise StudyError.lacks(study.slug, Lacking.WORDS, **about)
        if not study.consent_texts.filter(language=language).exists():
            raise StudyError.lacks(study.slug, Lacking.CONSENT, language=language)


def _checksum(study: Study) -> str:
    """SHA-256 over everything that a respondent of this study can be shown."""
    blocks = [
        [
            block.key,
            block.items_per_page,
            block.shuffle,
            sorted(block.versions.values_list("checksum", flat=True)),
        ]
        for block in study.blocks.order_by("position")
    ]
    checks = study.attention_checks.order_by("key", "language").values_list(
        "key", "language", "kind", "block__key", "after", "text", "expected"
    )
    consent = study.consent_texts.order_by("version", "language").values_list("checksum", flat=True)
    return sha256_of(
        [
            study.version,
            study.titles,
            study.languages,
            blocks,
            [list(check) for check in checks],
            list(consent),
            study.demographics,
            study.settings,
        ]
    )
