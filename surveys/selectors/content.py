"""What a study asks, as frozen values for the pure modules; kept in memory once it is frozen."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from surveys.errors import Refused, StudyError
from surveys.models import Administration, AttentionCheck, Block, Study
from surveys.presentation import (
    BlockContent,
    CheckContent,
    InformationContent,
    Presentation,
    QuestionContent,
    Questionnaire,
    present,
)
from surveys.selectors.versions import (
    asked_items,
    block_version,
    first_parts,
    need_of,
    study_blocks,
    version_formats,
    version_options,
)


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


def shuffles_blocks(study: Study) -> bool:
    """Whether every respondent has an order of blocks of their own."""
    return bool(study.settings.get("block_order") == "shuffled")


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
