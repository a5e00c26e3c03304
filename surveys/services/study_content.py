"""What a study consists of, written as rows: of a draft again and again, of a frozen one never."""

from typing import Any

from surveys.checksums import sha256_of
from surveys.errors import Refused, StudyError
from surveys.instrument_files import (
    AttentionCheckDefinition,
    BlockDefinition,
    DemographicField,
    StudyDefinition,
    flow_values,
)
from surveys.instrument_files.definitions import EVERYTHING
from surveys.models import (
    AttentionCheck,
    Block,
    ConsentText,
    InstrumentVersion,
    ResponseScale,
    Study,
)


def write_content(study: Study, definition: StudyDefinition) -> None:
    """Let a draft hold what the definition says and nothing else; its slug stays.

    To be called in a transaction. Raises `StudyError` (`version_missing`).
    """
    study.version = definition.version
    study.titles = dict(definition.title)
    study.languages = list(definition.languages)
    study.demographics = [_demographic(field) for field in definition.demographics]
    _take_retention(study, definition)
    study.settings = dict(definition.settings)
    study.facts = dict(definition.facts)
    study.flow = {} if definition.flow == EVERYTHING else flow_values(definition.flow)
    study.save(
        update_fields=(
            *("version", "titles", "languages", "demographics"),
            *("settings", "facts", "flow", "ids_kept_days", "answers_deleted"),
        )
    )
    study.blocks.all().delete()
    study.consent_texts.all().delete()
    _add_consent_texts(study, definition)
    blocks = {
        block.key: _add_block(study, block, position)
        for position, block in enumerate(definition.blocks, start=1)
    }
    for check in definition.attention_checks:
        _add_check(study, blocks[check.block], check)


def _take_retention(study: Study, definition: StudyDefinition) -> None:
    """What was set by hand stays, unless the settings say or said it."""
    if "retention" in definition.settings or "retention" in study.settings:
        retention = definition.settings.get("retention", {})
        study.ids_kept_days = retention.get("days")
        study.answers_deleted = retention.get("delete") == "answers"


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
    if not (consent.version or consent.information or consent.statement or consent.contact):
        return
    ConsentText.objects.bulk_create(
        _consent_text(study, definition, language) for language in definition.languages
    )


def _consent_text(study: Study, definition: StudyDefinition, language: str) -> ConsentText:
    """A draft's words may be missing in a language; the row keeps what there is."""
    consent = definition.consent
    information = consent.information.get(language, "")
    statement = consent.statement.get(language, "")
    return ConsentText(
        study=study,
        version=consent.version,
        language=language,
        information=information,
        statement=statement,
        contact=consent.contact,
        sharing=consent.sharing,
        # Texts that say nothing of sharing keep the checksum that they always had.
        checksum=sha256_of(
            [information, statement, *([] if consent.sharing is None else [consent.sharing])]
        ),
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
            text=definition.text.get(scale.version.language, ""),
            response_scale=scale,
            expected=list(definition.expected),
        )
        for scale in scales
    )


def study_checksum(study: Study) -> str:
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
            # A study that shows everybody everything keeps the checksum that it always had.
            *([study.flow] if study.flow else []),
        ]
    )
