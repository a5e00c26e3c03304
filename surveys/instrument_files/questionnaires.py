"""A study and its instruments become the questionnaire of one language, ready to be presented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from surveys.instrument_files.definitions import (
    AttentionCheckDefinition,
    BlockDefinition,
    InstrumentDefinition,
    ItemDefinition,
    ResponseScaleDefinition,
    StudyDefinition,
)
from surveys.instrument_files.flows import flow_of
from surveys.media import Medium
from surveys.presentation import (
    BlockContent,
    CheckContent,
    InformationContent,
    QuestionContent,
    Questionnaire,
)


def instruments_by_block(
    study: StudyDefinition, instruments: Sequence[InstrumentDefinition]
) -> dict[str, InstrumentDefinition]:
    """Return block key -> instrument in the study's order; `KeyError` if one is not given."""
    available = {(one.slug, one.version): one for one in instruments}
    return {block.key: available[block.instrument, block.version] for block in study.blocks}


def item_ref(block: str, item: str) -> str:
    """Return the stable name of an item within a study."""
    return f"{block}.{item}"


def check_ref(check: str) -> str:
    """Return the stable name of an attention check within a study."""
    return f"check.{check}"


def questionnaire_of(
    study: StudyDefinition, instruments: Sequence[InstrumentDefinition], language: str
) -> Questionnaire:
    """Build the questionnaire of a study in one language, without a database."""
    by_block = instruments_by_block(study, instruments)
    blocks = tuple(
        _block(block, by_block[block.key], study.attention_checks, language)
        for block in study.blocks
    )
    shuffled = study.settings.get("block_order") == "shuffled"
    flow = flow_of(study.flow, language)
    return Questionnaire(study.title[language], language, blocks, shuffled, flow)


def _block(
    block: BlockDefinition,
    instrument: InstrumentDefinition,
    checks: Sequence[AttentionCheckDefinition],
    language: str,
) -> BlockContent:
    options = {scale.key: _options(scale, language) for scale in instrument.response_scales}
    formats = {scale.key: scale.format for scale in instrument.response_scales}
    return BlockContent(
        key=block.key,
        title=instrument.title[language],
        instruction=instrument.instruction[language],
        questions=tuple(
            QuestionContent(
                item_ref(block.key, item.key),
                item.text[language],
                options[item.response_scale],
                formats[item.response_scale].in_language(language),
                item.need,
                media_in(item, language),
            )
            for item in instrument.asked()
        ),
        checks=tuple(
            CheckContent(
                check_ref(check.key),
                check.text[language],
                options[check.response_scale],
                check.after,
            )
            for check in checks
            if check.block == block.key
        ),
        items_per_page=block.items_per_page,
        shuffle=block.shuffle,
        information=tuple(_information(block, instrument, language)),
    )


def _information(
    block: BlockDefinition, instrument: InstrumentDefinition, language: str
) -> Iterator[InformationContent]:
    """What is read keeps its place among the items, in whichever order these come."""
    asked = instrument.asked()
    for place, item in enumerate(instrument.items):
        if item not in asked:
            before = sum(one in asked for one in instrument.items[:place])
            ref, text = item_ref(block.key, item.key), item.text[language]
            yield InformationContent(ref, text, before, media_in(item, language))


def media_in(item: ItemDefinition, language: str) -> tuple[Medium, ...]:
    """What an item shows in one language."""
    return tuple(
        Medium(one.sha256, one.type, one.alt[language], one.width, one.height, one.captions_sha256)
        for one in item.media
        if one.is_shown_in(language)
    )


def _options(scale: ResponseScaleDefinition, language: str) -> tuple[tuple[int, str], ...]:
    return tuple((option.value, option.label[language]) for option in scale.options)
