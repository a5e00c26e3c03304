"""A study and its instruments as plain JSON, complete enough to run them again elsewhere."""

from collections.abc import Mapping
from typing import Any

from surveys.instrument_files import (
    FacetDefinition,
    InstrumentDefinition,
    ItemDefinition,
    OptionDefinition,
    ResponseScaleDefinition,
)
from surveys.models import InstrumentVersion, ResponseScale, Study
from surveys.selectors import block_version

# Settings that could lead to a person or let a stranger in: a seed can be made of a panel id.
PRIVATE = ("seed", "token", "secret", "password", "key", "code", "url", "redirect")


def instrument_files(study: Study) -> dict[str, dict[str, Any]]:
    """ "slug-version" -> the version in each language of the study, with its checksum.

    The content of a language is what was hashed when it was published: anyone can check that the
    words are the words.
    """
    files: dict[str, dict[str, Any]] = {}
    for block in study.blocks.order_by("position"):
        for version in block.versions.select_related("instrument").order_by("language"):
            name = f"{version.instrument.slug}-{version.version}"
            one = files.setdefault(
                name,
                {"slug": version.instrument.slug, "version": version.version, "languages": {}},
            )
            one["languages"][version.language] = {
                "checksum": version.checksum,
                "content": instrument_definition(version).content(version.language),
            }
    return files


def instrument_definition(version: InstrumentVersion) -> InstrumentDefinition:
    """The definition that a version was published from, in its one language."""
    language = version.language
    return InstrumentDefinition(
        slug=version.instrument.slug,
        version=version.version,
        title={language: version.title},
        instruction={language: version.instruction},
        construct=version.construct,
        orientation={language: version.orientation},
        citation=version.citation,
        licence=version.licence,
        wording_note=version.wording_note,
        languages=(language,),
        response_scales=tuple(
            _scale(scale, language)
            for scale in version.response_scales.prefetch_related("options").order_by("pk")
        ),
        facets=tuple(
            FacetDefinition(facet.key, {language: facet.label})
            for facet in version.facets.order_by("position")
        ),
        items=tuple(
            ItemDefinition(
                key=item.key,
                text={language: item.text},
                facet=item.facet.key if item.facet else None,
                response_scale=item.response_scale.key,
                reverse_keyed=item.reverse_keyed,
            )
            for item in version.items.select_related("facet", "response_scale").order_by("position")
        ),
    )


def _scale(scale: ResponseScale, language: str) -> ResponseScaleDefinition:
    options = tuple(
        OptionDefinition(option.value, {language: option.label}) for option in scale.options.all()
    )
    return ResponseScaleDefinition(scale.key, options)


def study_file(study: Study) -> dict[str, Any]:
    """Everything that respondents of the study could be shown, but for the instruments' words."""
    return {
        "slug": study.slug,
        "version": study.version,
        "titles": study.titles,
        "languages": study.languages,
        "checksum": study.checksum,
        "opened_at": study.opened_at.date().isoformat() if study.opened_at else None,
        "consent": _consent(study),
        "blocks": _blocks(study),
        "attention_checks": _checks(study),
        "demographics": study.demographics,
        "settings": public_settings(study.settings),
        "groups": [
            {"key": group.key, "label": group.label, "provenance": group.provenance}
            for group in study.groups.order_by("kind", "pk")
        ],
    }


def public_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that may leave the house, and the names of those that stay."""
    shown: dict[str, Any] = {}
    kept_back = []
    for name, value in settings.items():
        if any(word in name.lower() for word in PRIVATE):
            kept_back.append(name)
        else:
            shown[name] = public_settings(value) if isinstance(value, dict) else value
    return {**shown, "not_published": sorted(kept_back)} if kept_back else shown


def _consent(study: Study) -> list[dict[str, str]]:
    texts = study.consent_texts.order_by("version", "language")
    names = ("version", "language", "information", "statement", "contact", "checksum")
    return [{name: getattr(text, name) for name in names} for text in texts]


def _blocks(study: Study) -> list[dict[str, Any]]:
    blocks = study.blocks.prefetch_related("versions__instrument").order_by("position")
    rows = []
    for block in blocks:
        version = block_version(block, study.default_language)
        rows.append(
            {
                "key": block.key,
                "position": block.position,
                "instrument": version.instrument.slug,
                "version": version.version,
                "items_per_page": block.items_per_page,
                "shuffle": block.shuffle,
            }
        )
    return rows


def _checks(study: Study) -> list[dict[str, Any]]:
    checks = study.attention_checks.select_related("block").order_by("key", "language")
    return [
        {
            "key": check.key,
            "language": check.language,
            "kind": check.kind,
            "block": check.block.key,
            "after": check.after,
            "text": check.text,
            "expected": check.expected,
        }
        for check in checks
    ]
