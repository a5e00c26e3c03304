"""Read one study file; docs/instruments.md describes the format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, get_args

from surveys.instrument_files.definitions import (
    AttentionCheckDefinition,
    BlockDefinition,
    CheckKind,
    ConsentDefinition,
    DemographicField,
    DemographicKind,
    InstrumentDefinition,
    StudyDefinition,
    Texts,
)
from surveys.instrument_files.errors import InstrumentFileError, Problem
from surveys.instrument_files.instruments import repeated_keys
from surveys.instrument_files.toml_tables import (
    KEY,
    LANGUAGE,
    SLUG,
    VERSION,
    Table,
    parse_toml,
    read_text,
)

CHECK_KINDS: tuple[CheckKind, ...] = get_args(CheckKind)
DEMOGRAPHIC_KINDS: tuple[DemographicKind, ...] = get_args(DemographicKind)


def load_study(
    path: Path | str, *, instruments: Sequence[InstrumentDefinition] | None = None
) -> StudyDefinition:
    """Read and validate a study file; raises `InstrumentFileError` with all problems.

    With `instruments`, what the study says about them is checked too (see `study_problems`).
    """
    path = Path(path)
    return parse_study(read_text(path), file=path.name, instruments=instruments)


def parse_study(
    text: str, *, file: str = "study", instruments: Sequence[InstrumentDefinition] | None = None
) -> StudyDefinition:
    """Validate the text of a study file, named `file` in errors; see `load_study`."""
    problems: list[Problem] = []
    definition = read_study(Table(parse_toml(text, file=file), path="", problems=problems))
    if not problems and instruments is not None:
        problems.extend(study_problems(definition, instruments))
    if problems:
        raise InstrumentFileError.of(file, problems)
    return definition


def read_study(table: Table) -> StudyDefinition:
    """Validate a study given as a table, the top of a file or a part of another one.

    Problems are noted in the table; the definition is of use only if there are none.
    """
    noted = len(table.problems)
    definition = _study(table)
    if len(table.problems) == noted:
        table.note_parts(_contradictions(definition))
    return definition


def study_problems(
    study: StudyDefinition, instruments: Sequence[InstrumentDefinition]
) -> tuple[Problem, ...]:
    """Return where a study does not fit the instruments that it names; empty if it fits."""
    problems: list[Problem] = []
    available = {(one.slug, one.version): one for one in instruments}
    for block in study.blocks:
        instrument = available.get((block.instrument, block.version))
        if instrument is None:
            problems.append(_unknown_instrument(block, available))
            continue
        problems.extend(_untranslated(block, instrument, study.languages))
        for check in study.attention_checks:
            if check.block == block.key:
                problems.extend(_misplaced_check(check, instrument))
    return tuple(problems)


def _study(top: Table) -> StudyDefinition:
    languages = top.names("languages", shape=LANGUAGE, required=True)
    definition = StudyDefinition(
        slug=top.text("slug", shape=SLUG),
        version=top.text("version", shape=VERSION),
        title=top.texts("title", languages),
        languages=languages,
        consent=_consent(top.table("consent"), languages),
        blocks=tuple(_block(table) for table in top.tables("blocks")),
        demographics=tuple(
            _demographic(table, languages) for table in top.tables("demographics", required=False)
        ),
        attention_checks=tuple(
            _check(table, languages) for table in top.tables("attention_checks", required=False)
        ),
        settings=_settings(top),
    )
    top.finish()
    return definition


def _consent(table: Table, languages: Sequence[str]) -> ConsentDefinition:
    consent = ConsentDefinition(
        version=table.text("version", shape=VERSION),
        information=table.texts("information", languages),
        statement=table.texts("statement", languages),
        contact=table.text("contact"),
    )
    table.finish()
    return consent


def _block(table: Table) -> BlockDefinition:
    block = BlockDefinition(
        key=table.text("key", shape=KEY),
        instrument=table.text("instrument", shape=SLUG),
        version=table.text("version", shape=VERSION),
        items_per_page=table.integer("items_per_page", default=8, minimum=1),
        shuffle=table.boolean("shuffle", default=True),
    )
    table.finish()
    return block


def _demographic(table: Table, languages: Sequence[str]) -> DemographicField:
    key = table.text("key", shape=KEY)
    kind = table.choice("kind", DEMOGRAPHIC_KINDS)
    label = table.texts("label", languages)
    options: tuple[tuple[str, Texts], ...] = ()
    limits: tuple[int | None, int | None] = (None, None)
    if kind == "choice":
        rows = table.tables("options", named_by="value")
        options = tuple(_choice(row, languages) for row in rows)
    else:
        limits = (table.integer("minimum"), table.integer("maximum"))
    required = table.boolean("required", default=False)
    table.finish()
    return DemographicField(key, kind, label, options, *limits, required)


def _choice(table: Table, languages: Sequence[str]) -> tuple[str, Texts]:
    choice = (table.text("value", shape=KEY), table.texts("label", languages))
    table.finish()
    return choice


def _check(table: Table, languages: Sequence[str]) -> AttentionCheckDefinition:
    check = AttentionCheckDefinition(
        key=table.text("key", shape=KEY),
        kind=table.choice("kind", CHECK_KINDS),
        block=table.text("block", shape=KEY),
        after=table.integer("after", minimum=0),
        text=table.texts("text", languages),
        expected=table.integers("expected"),
        response_scale=table.text("response_scale", shape=KEY),
    )
    table.finish()
    return check


def _settings(top: Table) -> dict[str, Any]:
    """Read the open part: plain JSON values under any keys."""
    settings = top.raw("settings")
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        top.note("settings", "this must be a table, [settings]", "wrong_type")
        return {}
    for key, value in settings.items():
        if not _is_json(value):
            top.note(
                f"settings.{key}", "dates and times must be text in quotation marks", "wrong_type"
            )
    return settings


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_json(part) for part in value.values())
    if isinstance(value, list):
        return all(_is_json(part) for part in value)
    return isinstance(value, str | int | float | bool)


def _contradictions(study: StudyDefinition) -> Iterable[Problem]:
    yield from repeated_keys("blocks", (block.key for block in study.blocks))
    yield from repeated_keys("demographics", (field.key for field in study.demographics))
    yield from repeated_keys("attention_checks", (check.key for check in study.attention_checks))
    blocks = [block.key for block in study.blocks]
    for check in study.attention_checks:
        if check.block not in blocks:
            yield Problem(
                f"attention_checks[{check.key}].block",
                f"there is no block {check.block!r}; use one of {', '.join(blocks)}",
                "unknown_block",
            )
    for field in study.demographics:
        yield from _demographic_contradictions(field)


def _demographic_contradictions(field: DemographicField) -> Iterable[Problem]:
    where = f"demographics[{field.key}]"
    yield from repeated_keys(f"{where}.options", (value for value, _ in field.options))
    if field.kind == "choice" and len(field.options) < 2:
        yield Problem(
            f"{where}.options", "one option is no choice; give two or more", "too_few_options"
        )
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        yield Problem(
            where,
            f"the minimum {field.minimum} is above the maximum {field.maximum}; exchange them",
            "empty_range",
        )


def _unknown_instrument(block: BlockDefinition, available: Iterable[tuple[str, str]]) -> Problem:
    known = ", ".join(f"{slug} {version}" for slug, version in sorted(available)) or "none"
    return Problem(
        f"blocks[{block.key}].instrument",
        f"there is no instrument {block.instrument} {block.version}; available: {known}",
        "unknown_instrument",
    )


def _untranslated(
    block: BlockDefinition, instrument: InstrumentDefinition, languages: Sequence[str]
) -> Iterable[Problem]:
    for language in languages:
        if language not in instrument.languages:
            yield Problem(
                f"blocks[{block.key}].instrument",
                f"{instrument.slug} {instrument.version} has no {language!r} texts; translate it, "
                "or remove the language from the study",
                "missing_language",
            )


def _misplaced_check(
    check: AttentionCheckDefinition, instrument: InstrumentDefinition
) -> Iterable[Problem]:
    where = f"attention_checks[{check.key}]"
    if check.after > len(instrument.items):
        yield Problem(
            f"{where}.after",
            f"the block has {len(instrument.items)} items; use 0 to {len(instrument.items)}",
            "check_outside_block",
        )
    scales = {scale.key: scale.values for scale in instrument.response_scales}
    if check.response_scale not in scales:
        yield Problem(
            f"{where}.response_scale",
            f"{instrument.slug} has no response scale {check.response_scale!r}; "
            f"use one of {', '.join(scales)}",
            "unknown_response_scale",
        )
        return
    for value in check.expected:
        if value not in scales[check.response_scale]:
            yield Problem(
                f"{where}.expected",
                f"the response scale has no value {value}; use one of "
                f"{', '.join(map(str, scales[check.response_scale]))}",
                "unknown_value",
            )
