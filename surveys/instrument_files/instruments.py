"""Read one instrument file; docs/instruments.md describes the format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from surveys.codes import Problem, Saying, advice
from surveys.instrument_files.definitions import (
    FacetDefinition,
    InstrumentDefinition,
    ItemDefinition,
    OptionDefinition,
    ResponseScaleDefinition,
    Texts,
)
from surveys.instrument_files.errors import FileMistake, InstrumentFileError, Wanted
from surveys.instrument_files.marks import label_number
from surveys.instrument_files.media.tables import media_contradictions, read_medium
from surveys.instrument_files.toml_tables import (
    KEY,
    LANGUAGE,
    LARGEST_SMALL_INTEGER,
    MAX_NAME_LENGTH,
    SLUG,
    VERSION,
    Table,
    parse_toml,
    read_text,
    require_storable,
)
from surveys.presentation import NEEDS
from surveys.questions import KINDS, AnswerFormat, Choice, KindMistake, Numbered

# As long as the columns in which they are kept.
LONGEST_TITLE = 200
LONGEST_LABEL = 300


def load_instrument(path: Path | str) -> InstrumentDefinition:
    """Read and validate an instrument file; raises `InstrumentFileError` with all problems."""
    path = Path(path)
    return parse_instrument(read_text(path), file=path.name)


def parse_instrument(text: str, *, file: str = "instrument") -> InstrumentDefinition:
    """Validate the text of an instrument file, named `file` in errors.

    The form of every part is checked first, then whether the parts refer to each other correctly.
    Raises `InstrumentFileError` with all problems of the first stage that finds any.
    """
    problems: list[Problem] = []
    definition = read_instrument(Table(parse_toml(text, file=file), path="", problems=problems))
    if problems:
        raise InstrumentFileError(file, problems)
    return definition


def read_instrument_values(
    values: Mapping[str, Any], *, file: str = "instrument"
) -> InstrumentDefinition:
    """Read an instrument given as the tables of its file; raises `InstrumentFileError`."""
    require_storable(values, file)
    problems: list[Problem] = []
    definition = read_instrument(Table(values, path="", problems=problems))
    if problems:
        raise InstrumentFileError(file, problems)
    return definition


def read_instrument(table: Table) -> InstrumentDefinition:
    """Validate an instrument given as a table, the top of a file or a part of another one.

    Problems are noted in the table; the definition is of use only if there are none.
    """
    noted = len(table.problems)
    definition = _instrument(table)
    if len(table.problems) == noted:
        table.note_parts(_contradictions(definition))
    if len(table.problems) == noted:
        scales = (_with_numbers(one, definition.languages) for one in definition.response_scales)
        definition = replace(definition, response_scales=tuple(scales))
    return definition


def _instrument(top: Table) -> InstrumentDefinition:
    languages = top.names("languages", shape=LANGUAGE, required=True)
    reverse_keyed = top.names("reverse_keyed", shape=KEY, required=False)
    definition = InstrumentDefinition(
        slug=top.text("slug", shape=SLUG),
        version=top.text("version", shape=VERSION),
        title=top.texts("title", languages, longest=LONGEST_TITLE),
        instruction=top.texts("instruction", languages),
        construct=top.text("construct", shape=KEY),
        orientation=top.texts("orientation", languages),
        citation=top.text("citation"),
        licence=top.text("licence", longest=LONGEST_TITLE),
        wording_note=top.text("wording_note"),
        languages=languages,
        response_scales=tuple(
            _response_scale(table, languages) for table in top.tables("response_scales")
        ),
        facets=tuple(_facet(table, languages) for table in top.tables("facets", required=False)),
        items=tuple(_item(table, languages, reverse_keyed) for table in top.tables("items")),
    )
    item_keys = {item.key for item in definition.items}
    for key in reverse_keyed:
        if key not in item_keys:
            said = advice(key, sorted(item_keys))
            top.note("reverse_keyed", FileMistake.UNKNOWN_ITEM, given=key, advice=said)
    top.finish()
    return definition


def _response_scale(table: Table, languages: Sequence[str]) -> ResponseScaleDefinition:
    key = table.text("key", shape=KEY)
    kind = table.choice("kind", tuple(KINDS)) if table.has("kind") else Choice.kind
    if table.has("kind") and table.raw("kind") not in KINDS:
        table.whole()  # What else belongs to it depends on the kind, of which is told already.
        return ResponseScaleDefinition(key, ())
    answered = KINDS[kind].read(table, languages)
    options: tuple[OptionDefinition, ...] = ()
    if isinstance(answered, Choice):
        rows = table.tables("options", named_by="value")
        options = tuple(_option(row, languages) for row in rows)
    table.finish()
    return ResponseScaleDefinition(key, options, answered)


def _with_numbers(
    scale: ResponseScaleDefinition, languages: Sequence[str]
) -> ResponseScaleDefinition:
    """The scale with the options that its numbers are."""
    if not isinstance(scale.format, Numbered):
        return scale
    by_language = {language: dict(scale.format.options(language)) for language in languages}
    options = tuple(
        OptionDefinition(value, {one: shown[value] for one, shown in by_language.items()})
        for value in range(scale.format.minimum, scale.format.maximum + 1)
    )
    return replace(scale, options=options)


def _option(table: Table, languages: Sequence[str]) -> OptionDefinition:
    value = table.integer("value", minimum=-LARGEST_SMALL_INTEGER, maximum=LARGEST_SMALL_INTEGER)
    option = OptionDefinition(value, table.texts("label", languages, longest=LONGEST_LABEL))
    table.finish()
    return option


def _facet(table: Table, languages: Sequence[str]) -> FacetDefinition:
    label = table.texts("label", languages, longest=LONGEST_TITLE)
    facet = FacetDefinition(table.text("key", shape=KEY), label)
    table.finish()
    return facet


def _item(table: Table, languages: Sequence[str], reverse_keyed: Sequence[str]) -> ItemDefinition:
    key = table.text("key", shape=KEY)
    item = ItemDefinition(
        key=key,
        text=table.texts("text", languages),
        facet=table.text("facet", shape=KEY) if table.has("facet") else None,
        response_scale=table.text("response_scale", shape=KEY),
        reverse_keyed=key in reverse_keyed,
        need=table.choice("need", NEEDS, default="asked"),
        media=tuple(
            read_medium(one, languages)
            for one in table.tables("media", named_by="file", required=False)
        ),
    )
    table.finish()
    return item


def _contradictions(definition: InstrumentDefinition) -> Iterable[Problem]:
    """Yield what is well formed in itself but does not fit together."""
    yield from repeated_keys("response_scales", (s.key for s in definition.response_scales))
    yield from repeated_keys("facets", (facet.key for facet in definition.facets))
    yield from repeated_keys("items", (item.key for item in definition.items))
    for scale in definition.response_scales:
        yield from _scale_contradictions(scale, definition.languages)
    for item in definition.items:
        yield from _item_contradictions(item, definition)
    yield from _part_contradictions(definition)
    yield from _unused_parts(definition)
    yield from _repeated_texts(definition)


def repeated_keys(where: str, keys: Iterable[str]) -> Iterable[Problem]:
    """Yield a problem for every key that is used more than once."""
    for key, count in Counter(keys).items():
        if count > 1:
            yield Problem(
                f"{where}[{key}]", FileMistake.DUPLICATE_KEY, {"key": key, "count": count}
            )


def _scale_contradictions(
    scale: ResponseScaleDefinition, languages: Sequence[str]
) -> Iterable[Problem]:
    for key, mistake in scale.format.mistakes():
        yield Problem(f"response_scales[{scale.key}].{key}", mistake.code, mistake.arguments)
    if not isinstance(scale.format, Choice):
        return
    where = f"response_scales[{scale.key}].options"
    if len(scale.options) < 2:
        yield Problem(where, FileMistake.TOO_FEW_OPTIONS)
    if list(scale.values) != sorted(set(scale.values)):
        yield Problem(where, FileMistake.VALUES_NOT_ASCENDING)
    for language in languages:
        labels = Counter(option.label[language] for option in scale.options)
        for label, count in labels.items():
            if count > 1:
                about = {"count": count, "label": label, "language": language}
                yield Problem(where, FileMistake.DUPLICATE_LABEL, about)
        yield from _numbers_in_labels(where, scale, language)


def _numbers_in_labels(
    where: str, scale: ResponseScaleDefinition, language: str
) -> Iterable[Problem]:
    """The mark rule: a number that people see before an option is the value that is stored."""
    for option in scale.options:
        label = option.label[language]
        number = label_number(label)
        if number is not None and number != option.value:
            about = {"label": label, "language": language, "number": number, "value": option.value}
            yield Problem(where, FileMistake.LABEL_NUMBER, about)


def _item_contradictions(
    item: ItemDefinition, definition: InstrumentDefinition
) -> Iterable[Problem]:
    where = f"items[{item.key}]"
    yield from media_contradictions(item)
    facets = [facet.key for facet in definition.facets]
    scales = [scale.key for scale in definition.response_scales]
    answered = next(
        (one.format for one in definition.response_scales if one.key == item.response_scale), None
    )
    if facets and item.facet is None and (answered is None or answered.asks):
        wanted = Saying(Wanted.FACET, {"advice": advice(None, facets)})
        yield Problem(f"{where}.facet", FileMistake.MISSING_KEY, {"wanted": wanted})
    elif item.facet is not None and item.facet not in facets:
        about = {"given": item.facet, "advice": advice(item.facet, facets)}
        yield Problem(f"{where}.facet", FileMistake.UNKNOWN_FACET, about)
    if item.response_scale not in scales:
        about = {"given": item.response_scale, "advice": advice(item.response_scale, scales)}
        yield Problem(f"{where}.response_scale", FileMistake.UNKNOWN_RESPONSE_SCALE, about)
    if answered and item.reverse_keyed and not _can_be_turned(answered):
        yield Problem(where, KindMistake.NOT_REVERSIBLE, {"kind": answered.kind})


def _can_be_turned(answered: AnswerFormat) -> bool:
    return answered.scored and not answered.parts


def _part_contradictions(definition: InstrumentDefinition) -> Iterable[Problem]:
    """Parts of an answer are items too; and what is read must have something behind it."""
    formats = {scale.key: scale.format for scale in definition.response_scales}
    keys = {item.key for item in definition.items}
    for item in definition.items:
        answered = formats.get(item.response_scale)
        for part in answered.parts if answered else ():
            name = part_key(item.key, part)
            if name in keys:
                about = {"key": name, "count": 2}
                yield Problem(f"items[{item.key}]", FileMistake.DUPLICATE_KEY, about)
            if len(name) > MAX_NAME_LENGTH:
                about = {"given": len(name), "most": MAX_NAME_LENGTH}
                yield Problem(f"items[{item.key}]", FileMistake.TOO_LONG, about)
            keys.add(name)
    last = definition.items[-1]
    if last.response_scale in formats and not formats[last.response_scale].asks:
        yield Problem(f"items[{last.key}]", KindMistake.NOTHING_AFTER)


def part_key(item: str, part: str) -> str:
    """The key of the item that is one part of an answer."""
    return f"{item}_{part}"


def _unused_parts(definition: InstrumentDefinition) -> Iterable[Problem]:
    used_facets = {item.facet for item in definition.items}
    for facet in definition.facets:
        if facet.key not in used_facets:
            yield Problem(f"facets[{facet.key}]", FileMistake.UNUSED_FACET)
    used_scales = {item.response_scale for item in definition.items}
    for scale in definition.response_scales:
        if scale.key not in used_scales:
            yield Problem(f"response_scales[{scale.key}]", FileMistake.UNUSED_RESPONSE_SCALE)


def _repeated_texts(definition: InstrumentDefinition) -> Iterable[Problem]:
    for language in definition.languages:
        first_with: dict[tuple[str, ...], str] = {}
        for item in definition.items:
            # The same question can be asked of two pictures.
            seen = (one.sha256 for one in item.media if one.is_shown_in(language))
            first = first_with.setdefault((_folded(item.text, language), *seen), item.key)
            if first != item.key:
                where = f"items[{item.key}].text.{language}"
                yield Problem(where, FileMistake.DUPLICATE_TEXT, {"item": first})


def _folded(text: Texts, language: str) -> str:
    return " ".join(text[language].casefold().split())
