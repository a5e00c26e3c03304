"""The blocks of a study, the instrument versions they show, and the codebook of their items."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet

from surveys.errors import Refused, StudyError
from surveys.media import Medium
from surveys.models import Block, Facet, InstrumentVersion, Item, ResponseScale, Study
from surveys.presentation import NEEDS, Need
from surveys.questions import AnswerFormat


def study_blocks(study: Study, *, facets: bool = True) -> list[Block]:
    """The blocks of a study in order; each version has its items, facets, scales and options.

    Six queries, however large the study is; what was read is had with ``all()``. Without `facets`
    only those of items are read, and it is a query less.
    """
    versions = versions_with_parts(facets=facets).order_by("language")
    return list(study.blocks.order_by("position").prefetch_related(Prefetch("versions", versions)))


def versions_with_parts(*, facets: bool = True) -> QuerySet[InstrumentVersion]:
    """Instrument versions with their items, facets, scales and options: five queries for all."""
    return InstrumentVersion.objects.select_related("instrument").prefetch_related(
        *([Prefetch("facets", Facet.objects.order_by("position"))] if facets else ()),
        Prefetch("response_scales", ResponseScale.objects.order_by("pk")),
        "response_scales__options",
        Prefetch("items", Item.objects.select_related("facet").order_by("position")),
    )


def block_version(block: Block, language: str) -> InstrumentVersion:
    """The instrument version that a block shows in `language`."""
    for version in block.versions.all():
        if version.language == language:
            return version
    raise StudyError(Refused.VERSION_MISSING, block=block.key, languages=language)


def version_formats(version: InstrumentVersion) -> dict[int, AnswerFormat]:
    """Response scale -> how its items are answered, of a version as read."""
    return {scale.pk: scale.format for scale in version.response_scales.all()}


def version_options(version: InstrumentVersion) -> dict[int, tuple[tuple[int, str], ...]]:
    """Response scale -> its options in order, (scored value, label), of a version as read."""
    return {
        scale.pk: tuple((option.value, option.label) for option in scale.options.all())
        for scale in version.response_scales.all()
    }


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


def media_of(item: Item) -> tuple[Medium, ...]:
    """What an item shows above its text."""
    return tuple(
        Medium(
            one["sha256"],
            one["type"],
            one["alt"],
            one["width"],
            one["height"],
            one["captions_sha256"],
        )
        for one in item.media
    )


def shown_in(study: Study) -> set[tuple[str, str]]:
    """(SHA-256, media type) of everything that a study shows, captions left out."""
    shown = Item.objects.filter(version__blocks__study=study).exclude(media=[])
    media = (one for listed in shown.values_list("media", flat=True) for one in listed)
    return {(one["sha256"], one["type"]) for one in media}


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
