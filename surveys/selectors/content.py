"""What a study asks, as frozen values for the pure modules; kept in memory once it is frozen."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from surveys.errors import Refused, StudyError
from surveys.flow import assigned
from surveys.instrument_files import factors_of, flow_of, levels_in_wave, shares_of, stored_flow
from surveys.models import Administration, AttentionCheck, Block, Study
from surveys.presentation import (
    NO_CONDITION,
    BlockContent,
    CheckContent,
    InformationContent,
    Presentation,
    QuestionContent,
    Questionnaire,
    present,
)
from surveys.selectors import frozen
from surveys.selectors.versions import (
    asked_items,
    block_version,
    first_parts,
    media_of,
    need_of,
    study_blocks,
    version_formats,
    version_options,
)

# Where an administration that was read keeps its order with the pages of it.
_REALISED = "_realised"


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
    condition: Mapping[str, str] = administration.condition
    if study.checksum:
        # Asked several times with every page, and worked out of what never changes.
        known = vars(administration).get(_REALISED)
        if known is None or known[0] is not order:
            known = (order, replayed(study, *how, order, condition))
            vars(administration)[_REALISED] = known
        return known[1]
    language, seed, direction = how
    asked = questionnaire(study, language)
    return present(asked, seed=seed, scale_direction=direction, order=order, condition=condition)


def replayed(
    study: Study,
    language: str,
    seed: int,
    scale_direction: str,
    order: Sequence[str],
    condition: Mapping[str, str] = NO_CONDITION,
) -> Presentation:
    """The pages of a frozen study in an order that was realised already."""
    key = (study.pk, study.checksum, language, seed, scale_direction, tuple(order))
    return _frozen_presentation(*key, tuple(sorted(condition.items())))


def items_in_blocks(study: Study) -> list[Block]:
    """The blocks with what their items ask, without facets of their own.

    Kept in memory once the study is frozen; five queries else.
    """
    if study.checksum:
        return _frozen_blocks(study.pk, study.checksum)
    return study_blocks(study, facets=False)


@lru_cache(maxsize=16)
def _frozen_blocks(study_id: int, checksum: str) -> list[Block]:  # noqa: ARG001
    return study_blocks(Study.objects.get(pk=study_id), facets=False)


@lru_cache(maxsize=64)
def _frozen_content(study_id: int, checksum: str, language: str) -> StudyContent:  # noqa: ARG001
    return _read_content(Study.objects.get(pk=study_id), language)


# Of sessions in progress, some tens of kilobytes each: more than a worker conducts at once.
@lru_cache(maxsize=256)
def _frozen_presentation(
    study_id: int,
    checksum: str,
    language: str,
    seed: int,
    direction: str,
    order: tuple[str, ...],
    condition: tuple[tuple[str, str], ...],
) -> Presentation:
    asked = _frozen_content(study_id, checksum, language).questionnaire
    return present(
        asked, seed=seed, scale_direction=direction, order=order, condition=dict(condition)
    )


def forget_frozen_studies() -> None:
    """Empty what is kept in memory: for whoever exchanges the database under a running process."""
    _frozen_blocks.cache_clear()
    _frozen_content.cache_clear()
    _frozen_presentation.cache_clear()
    frozen.forget()


def varied_in(study: Study) -> dict[str, list[str]]:
    """What is varied between respondents: condition -> its levels."""
    return factors_of(stored_flow(study.flow))


def person_fields(study: Study) -> list[dict[str, Any]]:
    """What respondents can be divided by: the questions about the person, and the conditions.

    A condition is put as a question with its levels as options; its label is its key.
    """
    varied = stored_flow(study.flow).conditions
    conditions = [
        {
            "key": one.key,
            "kind": "choice",
            "label": dict.fromkeys(study.languages, one.key),
            "options": [{"value": level.key, "label": dict(level.label)} for level in one.levels],
        }
        for one in varied
    ]
    return [*study.demographics, *conditions]


def condition_of(study: Study, stratum: str, number: int) -> dict[str, str]:
    """The condition of the respondent with this number of a stratum; {} where nothing is varied."""
    flow, seed = stored_flow(study.flow), study.assignment_seed or 0
    return assigned(
        factors_of(flow), seed=seed, stratum=stratum, number=number, shares=shares_of(flow)
    )


def condition_in_wave(study: Study, wave: int) -> dict[str, str]:
    """The part of a person's condition that the wave decides; {} where it decides nothing."""
    return levels_in_wave(stored_flow(study.flow), wave)


def branches(study: Study) -> bool:
    """Whether what a respondent is asked, or in which words, depends on their own answers."""
    asked = study_content(study, study.default_language).questionnaire
    return present(asked, seed=0).depends_on_answers


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
    asked = Questionnaire(
        study.title(language),
        language,
        tuple(contents),
        shuffles_blocks(study),
        flow_of(stored_flow(study.flow), language),
    )
    return StudyContent(asked, MappingProxyType(targets))


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
            about = (answered, need_of(item), media_of(item))
            questions.append(QuestionContent(ref, item.text, shown, *about))
        else:
            about_it = (item.text, len(questions), media_of(item))
            information.append(InformationContent(ref, *about_it))
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
