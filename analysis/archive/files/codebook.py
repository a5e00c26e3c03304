"""codebook.csv: what every column of every table of the archive is.

Rows are made of the headers of the tables themselves, so that no column can be left out. A name
that occurs in several tables means the same in each: `MEANINGS` has one entry for it.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from analysis.archive.content import ArchiveContent, CodebookEntry
from analysis.archive.files.data_files import RAW, SCORED, raw_columns
from analysis.archive.files.meanings import FIT_INDEX, MEANINGS, RESULT
from analysis.archive.packing import ArchiveFile
from analysis.archive.text_files import csv_file
from analysis.compare.data.measurement import composite_name
from analysis.compare.plan import Plan
from analysis.plans.paths.waves import in_wave

NAME = "data/codebook.csv"
ABOUT_QUESTIONS = (
    *("ref", "question", "block", "instrument", "version", "construct", "facet"),
    *("reverse_keyed", "minimum", "maximum", "mean_of"),
)
CODE = (
    "Place on display of the option chosen, from 1 at the top as the scale was turned for this "
    "respondent (scale_direction); NA of people asked elsewhere. A panel whose options were "
    "shuffled or lettered read other marks: see transcripts/"
)
WEIGHT = "Sampling weight of a person, as the people's fits take it; NA of model sessions"
PREDICTOR = "What people said of themselves, as a predictor beside the paths"
FIT_TABLE = "results/tables/fit.csv"
VALUE = "Value of the option chosen, before reverse-keying"
_WRITTEN = "as it was written; of people only if the study publishes texts"
# What the value of a question is whose answer is no choice of one option, by its kind.
_VALUES = {
    "several": "1 where this option was among those chosen, 0 where not",
    "ranking": "Rank of this option, 1 the first",
    "number": "Number given, before reverse-keying",
    "slider": "Mark on the line, before reverse-keying",
    "text": f"Text, {_WRITTEN}",
    "date": f"Date, {_WRITTEN}",
}


def codebook(content: ArchiveContent, files: Sequence[ArchiveFile]) -> ArchiveFile:
    """One row per column of each of the tables among `files`, and of the codebook itself."""
    languages = content.languages
    header = [
        *("file", "column", "meaning", *ABOUT_QUESTIONS),
        *(f"text_{language}" for language in languages),
        *(f"options_{language}" for language in languages),
    ]
    tables = {file.name: columns_of(file) for file in files if file.name.endswith(".csv")}
    tables[NAME] = header
    known = dict([*_of_raw(content), *_of_scored(content)])
    empty: list[object] = [""] * (len(header) - 3)
    rows = (
        [name, column, *known.get((name, column), [meaning(name, column), *empty])]
        for name, columns in sorted(tables.items())
        for column in columns
    )
    return csv_file(NAME, header, rows)


def columns_of(table: ArchiveFile) -> list[str]:
    """The header of a table."""
    return next(csv.reader(io.StringIO(table.content.decode())))


def meaning(table: str, column: str) -> str:
    """What a column of a table is, in a sentence."""
    if table.startswith("report/"):
        return f"As the report prints it: {column}"
    if column in MEANINGS:
        return MEANINGS[column]
    kind, _, rest = column.partition("_")
    if kind == "text":
        return f"Words of the question in {rest}"
    if kind == "options":
        return f"Options in {rest}, as value and label"
    if column.startswith("condition."):
        factor = column.partition(".")[2]
        return (
            f"Level of the condition {factor} that the respondent was in; study.json has its words"
        )
    if column.startswith("demographic."):
        field = column.partition(".")[2]
        return f"Answer to the demographic question {field}; study.json has its words"
    return f"{FIT_INDEX} {column}" if table == FIT_TABLE else f"{RESULT} {column}"


def _of_raw(content: ArchiveContent) -> Iterator[tuple[tuple[str, str], list[object]]]:
    for entry in content.codebook:
        code, value = raw_columns(entry)
        about = _about(entry, content.languages)
        yield (
            (RAW, code),
            [
                CODE,
                *about,
            ],
        )
        yield (RAW, value), [_VALUES.get(entry.kind, VALUE), *about]


def _of_scored(content: ArchiveContent) -> Iterator[tuple[tuple[str, str], list[object]]]:
    for entry in content.codebook:
        words = "Value after reverse-keying: high means more of the construct"
        about = _about(entry, content.languages)
        yield (SCORED, entry.variable), [words, *about]
        for wave in content.comparison.plan.waves:
            yield (SCORED, in_wave(entry.variable, wave)), [f"{words}; in wave {wave}", *about]
    empty: list[object] = [""] * (2 * len(content.languages))
    people = content.comparison.plan.people
    for name in content.wide.published:
        words = WEIGHT if name == people.weight else PREDICTOR
        yield (SCORED, name), [words, *[""] * len(ABOUT_QUESTIONS), *empty]
    for name, about in _scores(content.comparison.plan):
        yield (SCORED, name), [*about, *empty]


def _scores(plan: Plan) -> Iterator[tuple[str, list[object]]]:
    items = {item.name for item in plan.items}
    for construct in plan.constructs:
        for one in construct.indicators:
            if one.name not in items:
                words = "Mean of the items given, NA where more than a third is missing"
                yield one.name, [words, *_made(construct.key, one.facet, one.items)]
        words = "Mean of the indicators of the construct"
        names = [one.name for one in construct.indicators]
        yield composite_name(construct.key), [words, *_made(construct.key, "", names)]


def _made(construct: str, facet: str, of: Sequence[str]) -> list[object]:
    return ["", "score", "", "", "", construct, facet, False, None, None, " ".join(of)]


def _about(entry: CodebookEntry, languages: Sequence[str]) -> list[object]:
    return [
        entry.ref,
        entry.question,
        entry.block,
        entry.instrument,
        entry.version,
        entry.construct,
        entry.facet,
        entry.reverse_keyed,
        entry.minimum,
        entry.maximum,
        "",
        *(entry.texts.get(language, "") for language in languages),
        *(_options(entry.options, language) for language in languages),
    ]


def _options(options: Mapping[str, Sequence[tuple[int | str, str]]], language: str) -> str:
    """Options as "value, label" between bars, as data dictionaries have them."""
    return " | ".join(f"{value}, {label}" for value, label in options.get(language, ()))
