"""Reading the survey schema: rows, or frozen values for the pure modules."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum

from surveys.errors import Refused, StudyError
from surveys.models import (
    Administration,
    Answer,
    AttentionCheck,
    Block,
    ConsentText,
    Credit,
    Facet,
    InstrumentVersion,
    Item,
    Kind,
    RecruitingLink,
    RespondentGroup,
    ResponseScale,
    Study,
)
from surveys.models.administrations import stored_in
from surveys.presentation import (
    NEEDS,
    BlockContent,
    CheckContent,
    InformationContent,
    Need,
    Presentation,
    QuestionContent,
    Questionnaire,
    present,
)
from surveys.questions import AnswerFormat, Stored


@dataclass(frozen=True, slots=True)
class Target:
    """The row that answers to a question ref point at: an item, or an attention check."""

    item_id: int | None
    attention_check_id: int | None


@dataclass(frozen=True, slots=True)
class StudyContent:
    """A study in one language: what is shown, and which rows its refs stand for."""

    questionnaire: Questionnaire
    targets: Mapping[str, Target]


def studies_for(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Study]:
    """The studies that `user` owns or helps with; none for a stranger."""
    if not user.is_authenticated:
        return Study.objects.none()
    return Study.objects.filter(memberships__user_id=user.pk)


def study_named(slug: str) -> Study:
    """A study by its name; `StudyError` (`study_unknown`) with the names there are."""
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        known = ", ".join(Study.objects.values_list("slug", flat=True)) or "none yet"
        raise StudyError(Refused.STUDY_UNKNOWN, study=slug, known=known)
    return study


def studies_with_counts(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Study]:
    """`studies_for` with the user's `role` and how many completed: people, rehearsals, models."""
    completed = Q(
        administrations__status=Administration.Status.COMPLETED,
        administrations__respondent__test=False,
    )
    human = Q(administrations__respondent__kind=Kind.HUMAN)
    simulated = Q(administrations__respondent__simulated=True)
    return (
        studies_for(user)
        .select_related("previous")
        .annotate(
            role=F("memberships__role"),
            people=Count("administrations", filter=completed & human & ~simulated),
            simulated_people=Count("administrations", filter=completed & human & simulated),
            model_sessions=Count("administrations", filter=completed & ~human),
        )
    )


def role_in(study: Study, user: AbstractBaseUser | AnonymousUser) -> str:
    """The user's role in the study; empty for a stranger."""
    if not user.is_authenticated:
        return ""
    roles = study.memberships.filter(user_id=user.pk).values_list("role", flat=True)
    return roles.first() or ""


def with_counts(links: QuerySet[RecruitingLink]) -> QuerySet[RecruitingLink]:
    """Recruiting links with how many people `began` and `completed` through each."""
    status = "respondents__administration__status"
    real = Q(respondents__test=False)
    began = real & ~Q(**{status: Administration.Status.DECLINED})
    return links.annotate(
        began=Count("respondents", filter=began),
        completed=Count(
            "respondents", filter=real & Q(**{status: Administration.Status.COMPLETED})
        ),
    )


def study_content(study: Study, language: str) -> StudyContent:
    """What `study` asks in `language`. Kept in memory once the study is frozen.

    Raises `StudyError` if the study is not available in that language.
    """
    if language not in study.languages:
        offered = ", ".join(study.languages)
        raise StudyError(
            Refused.LANGUAGE_NOT_OFFERED, study=study.slug, language=language, known=offered
        )
    if study.checksum:
        return _frozen_content(study.pk, study.checksum, language)
    return _read_content(study, language)


def questionnaire(study: Study, language: str) -> Questionnaire:
    """The questionnaire that `presentation.present` orders and pages."""
    return study_content(study, language).questionnaire


def presentation_of(administration: Administration) -> Presentation:
    """The pages of this administration, exactly as they were realised when it began."""
    study, order = administration.study, administration.realised_order
    how = (administration.language, administration.seed, administration.scale_direction)
    if study.checksum:
        return replayed(study, *how, order)
    language, seed, direction = how
    asked = questionnaire(study, language)
    return present(asked, seed=seed, scale_direction=direction, order=order)


def replayed(
    study: Study, language: str, seed: int, scale_direction: str, order: Sequence[str]
) -> Presentation:
    """The pages of a frozen study in an order that was realised already."""
    key = (study.pk, study.checksum, language, seed, scale_direction, tuple(order))
    return _frozen_presentation(*key)


def recruiting_link(token: str) -> RecruitingLink | None:
    """The link with this token, with its study."""
    return RecruitingLink.objects.select_related("study").filter(token=token).first()


def person_administration(token: str) -> Administration | None:
    """A person's administration by the token in its address; a model's has no pages."""
    return _people().filter(token=token).first()


def person_administration_of(pk: int) -> Administration | None:
    """A person's administration by its key, for whoever has shown a right to it otherwise."""
    return _people().filter(pk=pk).first()


def _people() -> QuerySet[Administration]:
    rows = Administration.objects.select_related("study", "respondent__link")
    return rows.filter(respondent__kind=Kind.HUMAN).order_by("pk")


def consent_text(study: Study, language: str) -> ConsentText | None:
    """The newest information and consent of a study in `language`."""
    return study.consent_texts.filter(language=language).order_by("-pk").first()


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What is stored of a question: its values in the order of its parts, or the reason."""

    values: tuple[Stored, ...] = ()
    reason: str = ""


def stored_values(administration: Administration) -> dict[str, Stored | None]:
    """Ref of an item or check -> what is stored; None where a reason is stored instead."""
    return {ref: value for ref, (value, _) in _held(administration).items()}


def _held(administration: Administration) -> dict[str, tuple[Stored | None, str]]:
    targets = study_content(administration.study, administration.language).targets
    refs = {target: ref for ref, target in targets.items()}
    rows = administration.answers.values_list(
        "item_id", "attention_check_id", "value", "number", "text", "missing_reason"
    )
    return {
        refs[Target(item, check)]: (stored_in(value, number, text), reason)
        for item, check, value, number, text, reason in rows
    }


def stored_answers(administration: Administration) -> dict[str, StoredAnswer]:
    """Question ref -> what is stored of it, of every question that was answered or let go."""
    held = _held(administration)
    found = {}
    for question in presentation_of(administration).questions:
        parts = [held[ref] for ref in question.refs if ref in held]
        if parts:
            values = tuple(value for value, _ in parts if value is not None)
            found[question.ref] = StoredAnswer(values, parts[0][1])
    return found


def link_outcomes(study: Study) -> dict[int, dict[str, int]]:
    """Link -> outcome -> how many people of it; those under way stand under the empty name."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Administration.objects.filter(
        study=study, respondent__link__isnull=False, respondent__test=False
    ).order_by()
    counted = rows.values_list("respondent__link", "outcome").annotate(Count("pk"))
    for link, outcome, number in counted:
        counts[link][outcome] = number
    return counts


def link_credits(study: Study) -> dict[int, dict[str, int]]:
    """Link -> state -> how many people whose credit was asked for stand there."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Credit.objects.filter(administration__study=study).order_by()
    by_link = rows.values_list("administration__respondent__link", "state").annotate(Count("pk"))
    for link, state, number in by_link:
        counts[link][state] = number
    return counts


def failed_checks(administrations: Collection[int]) -> dict[int, int]:
    """Administration -> how many attention checks were not answered as expected; none is absent."""
    failed: dict[int, int] = defaultdict(int)
    rows = Answer.objects.filter(
        administration__in=administrations, attention_check__isnull=False
    ).values_list("administration_id", "value", "attention_check__expected")
    for administration, value, expected in rows.order_by():
        if value not in expected:
            failed[administration] += 1
    return dict(failed)


def respondent_flows(study: Study) -> dict[int, dict[str, int]]:
    """Group -> how many of it there are, began, declined, completed, stopped and withdrew.

    `on_pages` counts those who came through a recruiting link. Kinds are never added together.
    Two queries, however many groups there are.
    """
    status = Administration.Status
    of_group = "respondents__administration__status"
    counts = {
        "asked": Count("respondents"),
        "on_pages": Count("respondents", filter=Q(respondents__link__isnull=False)),
        "consented": Count("respondents__administration", filter=~Q(**{of_group: status.DECLINED})),
        **{
            value: Count("respondents__administration", filter=Q(**{of_group: value}))
            for value in status.values
        },
    }
    rows = study.groups.order_by().annotate(**counts).values("pk", "kind", "simulated", *counts)
    loads = _loads(study)
    return {
        row["pk"]: {
            "loads": loads.get(row["simulated"], 0) if row["kind"] == Kind.HUMAN else 0,
            **{name: row[name] for name in counts},
        }
        for row in rows
    }


def study_groups(study: Study) -> list[RespondentGroup]:
    """The groups of a study: people, simulated people, then panels in the order they were made."""
    return list(study.groups.order_by("kind", "simulated", "pk"))


def _loads(study: Study) -> dict[bool, int]:
    """Page loads of the study's links, of rehearsals (True) and of people."""
    rows = study.links.order_by("simulated").values("simulated")
    return dict(rows.annotate(all_loads=Sum("loads")).values_list("simulated", "all_loads"))


@lru_cache(maxsize=64)
def _frozen_content(study_id: int, checksum: str, language: str) -> StudyContent:  # noqa: ARG001
    return _read_content(Study.objects.get(pk=study_id), language)


# Of sessions in progress, some tens of kilobytes each: more than a worker conducts at once.
@lru_cache(maxsize=256)
def _frozen_presentation(
    study_id: int, checksum: str, language: str, seed: int, direction: str, order: tuple[str, ...]
) -> Presentation:
    content = _frozen_content(study_id, checksum, language)
    return present(content.questionnaire, seed=seed, scale_direction=direction, order=order)


def forget_frozen_studies() -> None:
    """Empty what is kept in memory: for whoever exchanges the database under a running process."""
    _frozen_content.cache_clear()
    _frozen_presentation.cache_clear()


def study_blocks(study: Study) -> list[Block]:
    """The blocks of a study in order; each version has its items, facets, scales and options.

    Six queries, however large the study is; what was read is had with ``all()``.
    """
    versions = versions_with_parts().order_by("language")
    return list(study.blocks.order_by("position").prefetch_related(Prefetch("versions", versions)))


def versions_with_parts() -> QuerySet[InstrumentVersion]:
    """Instrument versions with their items, facets, scales and options: five queries for all."""
    return InstrumentVersion.objects.select_related("instrument").prefetch_related(
        Prefetch("facets", Facet.objects.order_by("position")),
        Prefetch("response_scales", ResponseScale.objects.order_by("pk")),
        "response_scales__options",
        Prefetch("items", Item.objects.select_related("facet").order_by("position")),
    )


def _read_content(study: Study, language: str) -> StudyContent:
    checks: dict[int, list[AttentionCheck]] = defaultdict(list)
    for check in study.attention_checks.filter(language=language):
        checks[check.block_id].append(check)
    targets: dict[str, Target] = {}
    contents = [
        _block_content(block, language, checks[block.pk], targets) for block in study_blocks(study)
    ]
    return StudyContent(
        Questionnaire(study.title(language), language, tuple(contents), shuffles_blocks(study)),
        MappingProxyType(targets),
    )


def shuffles_blocks(study: Study) -> bool:
    """Whether every respondent has an order of blocks of their own."""
    return bool(study.settings.get("block_order") == "shuffled")


def _block_content(
    block: Block, language: str, checks: list[AttentionCheck], targets: dict[str, Target]
) -> BlockContent:
    version = block_version(block, language)
    options = version_options(version)
    questions: list[QuestionContent] = []
    information: list[InformationContent] = []
    targets.update(
        (f"{block.key}.{item.key}", Target(item.pk, None)) for item in asked_items(version)
    )
    formats = version_formats(version)
    for item in first_parts(version):
        ref = f"{block.key}.{item.question or item.key}"
        answered = formats[item.response_scale_id]
        if answered.asks:
            shown = options[item.response_scale_id]
            questions.append(QuestionContent(ref, item.text, shown, answered, need_of(item)))
        else:
            information.append(InformationContent(ref, item.text, len(questions)))
    shown_checks = []
    for check in checks:
        ref = f"check.{check.key}"
        targets[ref] = Target(None, check.pk)
        scale = options[check.response_scale_id]
        shown_checks.append(CheckContent(ref, check.text, scale, check.after))
    return BlockContent(
        key=block.key,
        title=version.title,
        instruction=version.instruction,
        questions=tuple(questions),
        checks=tuple(shown_checks),
        items_per_page=block.items_per_page,
        shuffle=block.shuffle,
        information=tuple(information),
    )


def version_formats(version: InstrumentVersion) -> dict[int, AnswerFormat]:
    """Response scale -> how its items are answered, of a version as read."""
    return {scale.pk: scale.format for scale in version.response_scales.all()}


def asked_items(version: InstrumentVersion) -> list[Item]:
    """The items of a version as it was read that are answered, and not only read."""
    formats = version_formats(version)
    return [item for item in version.items.all() if formats[item.response_scale_id].asks]


def first_parts(version: InstrumentVersion) -> list[Item]:
    """The items of a version as it was read, of a question with parts the first one alone."""
    seen: set[str] = set()
    items = []
    for item in version.items.all():
        if not item.question or item.question not in seen:
            items.append(item)
        seen.add(item.question)
    return items


def need_of(item: Item) -> Need:
    """What becomes of an item that is left open."""
    return next(need for need in NEEDS if need == item.need)


def block_version(block: Block, language: str) -> InstrumentVersion:
    """The instrument version that a block shows in `language`."""
    for version in block.versions.all():
        if version.language == language:
            return version
    raise StudyError(Refused.VERSION_MISSING, block=block.key, languages=language)


def version_options(version: InstrumentVersion) -> dict[int, tuple[tuple[int, str], ...]]:
    """Response scale -> its options in order, (scored value, label), of a version as read."""
    return {
        scale.pk: tuple((option.value, option.label) for option in scale.options.all())
        for scale in version.response_scales.all()
    }


def codebook(study: Study, language: str | None = None) -> list[dict[str, Any]]:
    """One row per item of the study: ref, block, construct, facet, keying, range, text."""
    return codebook_rows(study_blocks(study), language or study.default_language)


def codebook_rows(blocks: Sequence[Block], language: str) -> list[dict[str, Any]]:
    """The `codebook` of blocks that were read already (`study_blocks`).

    What is only read has no row. `question` is the ref of the whole question, where an item is a
    part of one; what is not `scored` has neither minimum nor maximum.
    """
    rows = []
    for block in blocks:
        version = block_version(block, language)
        options, formats = version_options(version), version_formats(version)
        rows += [
            _codebook_row(
                block,
                version,
                item,
                formats[item.response_scale_id],
                options[item.response_scale_id],
            )
            for item in asked_items(version)
        ]
    return rows


def _codebook_row(
    block: Block,
    version: InstrumentVersion,
    item: Item,
    answered: AnswerFormat,
    options: Sequence[tuple[int, str]],
) -> dict[str, Any]:
    labels = dict(zip(answered.parts, answered.part_labels, strict=True))
    span = (options[0][0], options[-1][0]) if options else answered.span
    low, high = span if span and answered.scored else (None, None)
    return {
        "ref": f"{block.key}.{item.key}",
        "question": f"{block.key}.{item.question or item.key}",
        "block": block.key,
        "construct": version.construct,
        "facet": item.facet.key if item.facet else "",
        "reverse_keyed": item.reverse_keyed,
        "kind": answered.kind,
        "scored": answered.scored,
        "minimum": low,
        "maximum": high,
        "text": f"{item.text} – {labels[item.part]}" if item.part else item.text,
    }


def stated_facts(study: Study) -> dict[str, Any]:
    """What was said of a study, by key: what is stated stands before what its settings froze."""
    settings = study.settings
    asked = {"question": settings["question"]} if settings.get("question") else {}
    frozen = {**asked, **settings.get("report", {}), **settings.get("people", {})}
    frozen.pop("language", None)
    return {**frozen, **study.facts}
