"""Read one study file; docs/instruments.md describes the format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from surveys.codes import Problem, advice
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
from surveys.instrument_files.errors import FileMistake, InstrumentFileError
from surveys.instrument_files.flows import flow_contradictions, flow_problems, read_flow
from surveys.instrument_files.instruments import repeated_keys
from surveys.instrument_files.readiness import lacking, may_wait
from surveys.instrument_files.settings import facts_problems, settings_problems
from surveys.instrument_files.toml_tables import (
    KEY,
    LANGUAGE,
    LARGEST_SMALL_INTEGER,
    SLUG,
    VERSION,
    Table,
    parse_toml,
    read_text,
    require_storable,
)
from surveys.questions import KindMistake

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
    if instruments is not None and all(map(may_wait, problems)):
        problems.extend(study_problems(definition, instruments))
    if problems:
        raise InstrumentFileError(file, problems)
    return definition


@dataclass(frozen=True, slots=True)
class Draft:
    """A study as far as it is written, and what it lacks before it can be opened."""

    definition: StudyDefinition
    lacking: tuple[Problem, ...] = ()


def parse_draft(
    text: str, *, instruments: Sequence[InstrumentDefinition], file: str = "study"
) -> Draft:
    """Read a study file; see `read_draft`."""
    return read_draft(parse_toml(text, file=file), instruments=instruments, file=file)


def read_draft(
    values: Mapping[str, Any],
    *,
    instruments: Sequence[InstrumentDefinition],
    file: str = "study",
) -> Draft:
    """Read a study given as the tables of its file.

    Raises `InstrumentFileError` with all problems, also those that could wait, where one cannot.
    """
    require_storable(values, file)
    problems: list[Problem] = []
    definition = read_study(Table(values, path="", problems=problems))
    if all(map(may_wait, problems)):
        problems.extend(study_problems(definition, instruments))
    if not all(map(may_wait, problems)):
        raise InstrumentFileError(file, problems)
    return Draft(definition, lacking(problems))


def read_study(table: Table) -> StudyDefinition:
    """Validate a study given as a table, the top of a file or a part of another one.

    Problems are noted in the table; the definition is of use only if there are none.
    """
    noted = len(table.problems)
    definition = _study(table)
    if all(map(may_wait, table.problems[noted:])):
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
    return (*problems, *flow_problems(study, available))


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
        settings=_as_written(top, "settings", settings_problems),
        facts=_as_written(top, "facts", facts_problems),
        flow=read_flow(top, languages),
    )
    top.finish()
    return definition


def _consent(table: Table, languages: Sequence[str]) -> ConsentDefinition:
    consent = ConsentDefinition(
        version=table.text("version", shape=VERSION),
        information=table.texts("information", languages),
        statement=table.texts("statement", languages),
        contact=table.text("contact"),
        sharing=table.boolean("sharing", default=False) if table.has("sharing") else None,
    )
    table.finish()
    return consent


def _block(table: Table) -> BlockDefinition:
    block = BlockDefinition(
        key=table.text("key", shape=KEY),
        instrument=table.text("instrument", shape=SLUG),
        version=table.text("version", shape=VERSION),
        items_per_page=table.integer(
            "items_per_page", default=8, minimum=1, maximum=LARGEST_SMALL_INTEGER
        ),
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
    if table.raw("kind") not in DEMOGRAPHIC_KINDS:
        table.whole()  # What else belongs to it depends on the kind, of which is told already.
    elif kind == "choice":
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
        after=table.integer("after", minimum=0, maximum=LARGEST_SMALL_INTEGER),
        text=table.texts("text", languages),
        expected=table.integers("expected"),
        response_scale=table.text("response_scale", shape=KEY),
    )
    table.finish()
    return check


def _as_written(
    top: Table, key: str, problems: Callable[[Mapping[str, Any]], list[Problem]]
) -> dict[str, Any]:
    """Read a table as it is written: what is left out is not filled in."""
    if not top.has(key):
        return {}
    table = top.table(key)
    table.note_parts(problems(table.whole()))
    return table.whole()


def _contradictions(study: StudyDefinition) -> Iterable[Problem]:
    yield from repeated_keys("blocks", (block.key for block in study.blocks))
    yield from repeated_keys("demographics", (field.key for field in study.demographics))
    yield from repeated_keys("attention_checks", (check.key for check in study.attention_checks))
    blocks = [block.key for block in study.blocks]
    for check in study.attention_checks:
        if check.block not in blocks:
            about = {"given": check.block, "advice": advice(check.block, blocks)}
            yield Problem(f"attention_checks[{check.key}].block", FileMistake.UNKNOWN_BLOCK, about)
    for field in study.demographics:
        yield from _demographic_contradictions(field)
    yield from flow_contradictions(study)


def _demographic_contradictions(field: DemographicField) -> Iterable[Problem]:
    where = f"demographics[{field.key}]"
    yield from repeated_keys(f"{where}.options", (value for value, _ in field.options))
    if field.kind == "choice" and len(field.options) < 2:
        yield Problem(f"{where}.options", FileMistake.TOO_FEW_OPTIONS)
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        about = {"minimum": field.minimum, "maximum": field.maximum}
        yield Problem(where, FileMistake.EMPTY_RANGE, about)


def _unknown_instrument(block: BlockDefinition, available: Iterable[tuple[str, str]]) -> Problem:
    known = ", ".join(f"{slug} {version}" for slug, version in sorted(available)) or "none"
    about = {"instrument": block.instrument, "version": block.version, "known": known}
    return Problem(f"blocks[{block.key}].instrument", FileMistake.UNKNOWN_INSTRUMENT, about)


def _untranslated(
    block: BlockDefinition, instrument: InstrumentDefinition, languages: Sequence[str]
) -> Iterable[Problem]:
    for language in languages:
        if language not in instrument.languages:
            where = f"blocks[{block.key}].instrument"
            yield Problem(where, FileMistake.MISSING_LANGUAGE, {"language": language})


def _misplaced_check(
    check: AttentionCheckDefinition, instrument: InstrumentDefinition
) -> Iterable[Problem]:
    where = f"attention_checks[{check.key}]"
    if check.after > len(instrument.asked()):
        about = {"items": len(instrument.asked())}
        yield Problem(f"{where}.after", FileMistake.CHECK_OUTSIDE_BLOCK, about)
    scales = {scale.key: scale.values for scale in instrument.response_scales}
    if check.response_scale not in scales:
        said = advice(check.response_scale, scales)
        yield Problem(
            f"{where}.response_scale",
            FileMistake.UNKNOWN_RESPONSE_SCALE,
            {"given": check.response_scale, "advice": said},
        )
        return
    answered = instrument.response_scale(check.response_scale).format
    if not answered.chooses:
        kind = {"kind": answered.kind}
        yield Problem(f"{where}.response_scale", KindMistake.NEEDS_OPTIONS, kind)
        return
    for value in check.expected:
        if value not in scales[check.response_scale]:
            known = ", ".join(map(str, scales[check.response_scale]))
            beside: dict[str, Any] = {"given": value, "known": known}
            yield Problem(f"{where}.expected", FileMistake.UNKNOWN_VALUE, beside)
