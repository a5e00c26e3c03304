"""Publishing instruments: a definition becomes frozen rows, one version per language."""

from typing import Any

from django.db import transaction

from surveys.errors import InstrumentError, Refused
from surveys.instrument_files import (
    InstrumentDefinition,
    ItemDefinition,
    ResponseScaleDefinition,
    part_key,
)
from surveys.models import (
    Action,
    Facet,
    Instrument,
    InstrumentVersion,
    Item,
    ResponseOption,
    ResponseScale,
)
from surveys.services.audit import Actor, record
from surveys.services.authoring.media import require_stored


@transaction.atomic
def publish_instrument(*, definition: InstrumentDefinition, by: Actor) -> list[InstrumentVersion]:
    """Publish a version of an instrument in each of its languages. Idempotent.

    Raises `InstrumentError`: `version_is_frozen` if that version was published with other words,
    `media_not_stored` if it shows what is not there.
    """
    require_stored(definition)
    instrument, _ = Instrument.objects.get_or_create(slug=definition.slug)
    return [_publish(instrument, definition, language, by) for language in definition.languages]


def _publish(
    instrument: Instrument,
    definition: InstrumentDefinition,
    language: str,
    by: Actor,
) -> InstrumentVersion:
    checksum = definition.checksum(language)
    known = InstrumentVersion.objects.filter(
        instrument=instrument, version=definition.version, language=language
    ).first()
    if known is None:
        return _create(instrument, definition, language, checksum, by)
    if known.checksum != checksum:
        raise InstrumentError(
            Refused.VERSION_IS_FROZEN,
            instrument=definition.slug,
            version=definition.version,
            language=language,
        )
    return known


def _create(
    instrument: Instrument,
    definition: InstrumentDefinition,
    language: str,
    checksum: str,
    by: Actor,
) -> InstrumentVersion:
    version = InstrumentVersion.objects.create(
        instrument=instrument,
        version=definition.version,
        language=language,
        title=definition.title[language],
        instruction=definition.instruction[language],
        construct=definition.construct,
        orientation=definition.orientation[language],
        citation=definition.citation,
        licence=definition.licence,
        wording_note=definition.wording_note,
        checksum=checksum,
        published_by_id=by.user_id,
    )
    scales = {s.key: _create_scale(version, s, language) for s in definition.response_scales}
    facets = {
        facet.key: Facet(
            version=version, key=facet.key, label=facet.label[language], position=position
        )
        for position, facet in enumerate(definition.facets, start=1)
    }
    Facet.objects.bulk_create(facets.values())
    formats = {scale.key: scale.format for scale in definition.response_scales}
    rows = [
        Item(
            version=version,
            key=part_key(item.key, part) if part else item.key,
            question=item.key if part else "",
            part=part,
            text=item.text[language],
            facet=facets[item.facet] if item.facet else None,
            response_scale=scales[item.response_scale],
            reverse_keyed=item.reverse_keyed,
            need=item.need,
            media=_media(item, language),
        )
        for item in definition.items
        for part in formats[item.response_scale].parts or ("",)
    ]
    for position, row in enumerate(rows, start=1):
        row.position = position
    Item.objects.bulk_create(rows)
    record(by=by, action=Action.INSTRUMENT_PUBLISHED, subject=version, after={"checksum": checksum})
    return version


def _media(item: ItemDefinition, language: str) -> list[dict[str, Any]]:
    """What an item shows in one language, each with its place among what it shows in any."""
    return [
        {
            "place": place,
            "file": one.file,
            "sha256": one.sha256,
            "type": one.type,
            "width": one.width,
            "height": one.height,
            "captions": one.captions,
            "captions_sha256": one.captions_sha256,
            "alt": one.alt[language],
        }
        for place, one in enumerate(item.media)
        if one.is_shown_in(language)
    ]


def _create_scale(
    version: InstrumentVersion, definition: ResponseScaleDefinition, language: str
) -> ResponseScale:
    scale = ResponseScale.objects.create(
        version=version,
        key=definition.key,
        kind=definition.format.kind,
        format_values=definition.format.in_language(language).values(),
    )
    ResponseOption.objects.bulk_create(
        ResponseOption(scale=scale, value=option.value, label=option.label[language])
        for option in definition.options
    )
    return scale
