"""What is stored of studies and instruments, as the definitions that files are read into.

A definition that was stored and is read here is the same definition, so that whatever is checked of
a file can be checked of a study, and a study can be written as a file.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from surveys.codes import Problem
from surveys.instrument_files import (
    AttentionCheckDefinition,
    BlockDefinition,
    CheckKind,
    ConsentDefinition,
    DemographicField,
    FacetDefinition,
    InstrumentDefinition,
    InstrumentFileError,
    ItemDefinition,
    MediumDefinition,
    OptionDefinition,
    ResponseScaleDefinition,
    StudyDefinition,
    Texts,
    people_problems,
    read_draft,
    stored_flow,
    study_values,
)
from surveys.models import (
    AttentionCheck,
    Block,
    ConsentText,
    InstrumentVersion,
    Item,
    ResponseScale,
    Study,
)
from surveys.questions import joined
from surveys.selectors import (
    first_parts,
    languages_untold,
    need_of,
    versions_with_parts,
)


def study_definition(study: Study) -> StudyDefinition:
    """The definition of a study as it stands, a draft's with what it lacks left empty."""
    blocks = study.blocks.order_by("position").prefetch_related("versions__instrument")
    texts = study.consent_texts.order_by("pk")
    return StudyDefinition(
        slug=study.slug,
        version=study.version,
        title=dict(study.titles),
        languages=tuple(study.languages),
        consent=_consent(list(texts)),
        blocks=tuple(_block(block) for block in blocks),
        demographics=demographic_fields(study),
        attention_checks=tuple(_checks(study)),
        settings=dict(study.settings),
        facts=dict(study.facts),
        flow=stored_flow(study.flow),
    )


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a study lacks before anybody can be asked, and what real people must not be shown."""

    lacking: tuple[Problem, ...]
    people: tuple[Problem, ...]


def readiness(study: Study) -> Readiness:
    """Read the study as if it came out of a file, and say what is missing."""
    definition = study_definition(study)
    instruments = published_instruments({block.instrument for block in definition.blocks})
    try:
        lacking = read_draft(study_values(definition), instruments=instruments).lacking
    except InstrumentFileError as error:
        # Rows that were written by hand can hold what no file is read with.
        lacking = error.problems
    return Readiness(lacking, people_problems(definition, languages_untold(definition)))


def published_instruments(slugs: Collection[str]) -> list[InstrumentDefinition]:
    """Every published version of the instruments of these names."""
    versions = versions_with_parts().filter(instrument__slug__in=slugs)
    grouped = groupby(
        versions.order_by("instrument__slug", "version", "pk"),
        key=lambda one: (one.instrument.slug, one.version),
    )
    return [instrument_definition(list(group)) for _, group in grouped]


def instrument_definition(versions: Sequence[InstrumentVersion]) -> InstrumentDefinition:
    """One version of an instrument, of its rows by language as they were read with all parts."""
    first = versions[0]
    return InstrumentDefinition(
        slug=first.instrument.slug,
        version=first.version,
        title={one.language: one.title for one in versions},
        instruction={one.language: one.instruction for one in versions},
        construct=first.construct,
        orientation={one.language: one.orientation for one in versions},
        citation=first.citation,
        licence=first.licence,
        wording_note=first.wording_note,
        languages=tuple(one.language for one in versions),
        response_scales=tuple(_scales(versions)),
        facets=tuple(
            FacetDefinition(facet.key, _facet_labels(facet.key, versions))
            for facet in first.facets.all()
        ),
        items=tuple(_items(versions)),
    )


def _facet_labels(key: str, versions: Sequence[InstrumentVersion]) -> Texts:
    return {
        one.language: facet.label
        for one in versions
        for facet in one.facets.all()
        if facet.key == key
    }


def _items(versions: Sequence[InstrumentVersion]) -> Iterable[ItemDefinition]:
    scales = {scale.pk: scale.key for scale in versions[0].response_scales.all()}
    texts = {one.language: {item.key: item.text for item in one.items.all()} for one in versions}
    for item in first_parts(versions[0]):
        yield ItemDefinition(
            key=item.question or item.key,
            text={lang: words[item.key] for lang, words in texts.items() if item.key in words},
            facet=item.facet.key if item.facet else None,
            response_scale=scales[item.response_scale_id],
            reverse_keyed=item.reverse_keyed,
            need=need_of(item),
            media=_media(item, versions),
        )


def _media(item: Item, versions: Sequence[InstrumentVersion]) -> tuple[MediumDefinition, ...]:
    """What an item shows in all of its languages, put together by its places."""
    places: dict[int, dict[str, dict[str, Any]]] = {}
    for one in versions:
        rows = (row for row in one.items.all() if row.key == item.key)
        for table in (table for row in rows for table in row.media):
            places.setdefault(table["place"], {})[one.language] = table
    return tuple(_medium(places[place], len(versions)) for place in sorted(places))


def _medium(by_language: Mapping[str, dict[str, Any]], languages: int) -> MediumDefinition:
    first = next(iter(by_language.values()))
    same = {name: first[name] for name in first if name not in ("place", "alt")}
    return MediumDefinition(
        **same,
        alt={language: table["alt"] for language, table in by_language.items()},
        languages=tuple(by_language) if len(by_language) < languages else (),
    )


def _scales(versions: Sequence[InstrumentVersion]) -> Iterable[ResponseScaleDefinition]:
    by_language = {
        one.language: {scale.key: scale for scale in one.response_scales.all()} for one in versions
    }
    for key in by_language[versions[0].language]:
        rows = {language: rows[key] for language, rows in by_language.items() if key in rows}
        formats = {language: row.format for language, row in rows.items()}
        yield ResponseScaleDefinition(key, tuple(_options(rows)), joined(formats))


def _options(rows: Mapping[str, ResponseScale]) -> Iterable[OptionDefinition]:
    labels: dict[int, dict[str, str]] = {}
    for language, row in rows.items():
        for option in row.options.all():
            labels.setdefault(option.value, {})[language] = option.label
    return (OptionDefinition(value, labels[value]) for value in sorted(labels))


def _consent(texts: Sequence[ConsentText]) -> ConsentDefinition:
    if not texts:
        return ConsentDefinition(version="", information={}, statement={}, contact="")
    newest = [text for text in texts if text.version == texts[-1].version]
    return ConsentDefinition(
        version=newest[0].version,
        information={one.language: one.information for one in newest if one.information},
        statement={one.language: one.statement for one in newest if one.statement},
        contact=newest[0].contact,
        sharing=newest[0].sharing,
    )


def _block(block: Block) -> BlockDefinition:
    version = next(iter(block.versions.all()), None)
    return BlockDefinition(
        key=block.key,
        instrument=version.instrument.slug if version else "",
        version=version.version if version else "",
        items_per_page=block.items_per_page,
        shuffle=block.shuffle,
    )


def demographic_fields(study: Study) -> tuple[DemographicField, ...]:
    """The study's demographic questions as definitions."""
    return tuple(map(_demographic, study.demographics))


def _demographic(stored: Mapping[str, Any]) -> DemographicField:
    return DemographicField(
        key=stored["key"],
        kind=stored["kind"],
        label=dict(stored["label"]),
        options=tuple((one["value"], dict(one["label"])) for one in stored["options"]),
        minimum=stored["minimum"],
        maximum=stored["maximum"],
        required=stored["required"],
    )


def _checks(study: Study) -> Iterable[AttentionCheckDefinition]:
    rows = study.attention_checks.select_related("block", "response_scale").order_by("pk")
    by_key: dict[str, list[AttentionCheck]] = {}
    for row in rows:
        by_key.setdefault(row.key, []).append(row)
    for key, checks in by_key.items():
        first = checks[0]
        kind: CheckKind = first.kind  # type: ignore[assignment] # the table holds no other
        yield AttentionCheckDefinition(
            key=key,
            kind=kind,
            block=first.block.key,
            after=first.after,
            text={one.language: one.text for one in checks if one.text},
            expected=tuple(first.expected),
            response_scale=first.response_scale.key,
        )
