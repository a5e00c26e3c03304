"""The data of a run as tables: every answer, every respondent, and what each variable is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

import numpy as np
import numpy.typing as npt

from analysis.archive.content import AnswerRow, ArchiveContent, CodebookEntry
from analysis.archive.files.text_files import csv_file
from analysis.archive.packing import ArchiveFile
from analysis.compare.plan import Plan

# Codes for programs that want a number where a value is missing, after the reason: declined,
# no usable reply, never put to the respondent. SPSS takes them as one value and one range.
DECLINED, UNUSABLE, NOT_ASKED = -99, -98, -97
MISSING_CODES: Mapping[str, tuple[int, str]] = {
    "skipped": (DECLINED, "left unanswered"),
    "refused": (DECLINED, "refused to answer"),
    "content_filter": (DECLINED, "stopped by the provider's content filter"),
    "no_answer": (UNUSABLE, "words that name no option"),
    "unparsable": (UNUSABLE, "a reply from which no answer could be read"),
    "schema_violation": (UNUSABLE, "a reply that broke the form asked for"),
    "out_of_range": (UNUSABLE, "a reply outside the options"),
    "truncated": (UNUSABLE, "a reply that was cut off"),
    "not_shown": (NOT_ASKED, "not shown"),
    "transport_error": (NOT_ASKED, "the call failed"),
    "context_length": (NOT_ASKED, "the session outgrew the model's context"),
    "budget_stop": (NOT_ASKED, "the session reached its bound"),
    "cancelled": (NOT_ASKED, "the panel was cancelled"),
}


def data_files(
    content: ArchiveContent, scores: Mapping[str, npt.NDArray[np.float64]]
) -> list[ArchiveFile]:
    """Everything under ``data/``; demographics only if there are any to publish."""
    files = [
        _long(content),
        _wide(content, scores),
        _codebook(content, scores),
        _missing_codes(),
    ]
    return [*files, _demographics(content)] if content.demographics else files


def _long(content: ArchiveContent) -> ArchiveFile:
    names = [field.name for field in fields(AnswerRow)]
    place = names.index("missing_reason") + 1
    header = [*names[:place], "missing_code", *names[place:]]
    return csv_file("data/long.csv", header, (_long_row(row) for row in content.answers))


def _long_row(row: AnswerRow) -> list[object]:
    code = MISSING_CODES[row.missing_reason][0] if row.missing_reason else None
    return [
        row.respondent,
        row.group,
        row.kind,
        row.simulated,
        row.question,
        row.ref,
        row.item_position,
        row.order_position,
        row.value,
        row.oriented,
        row.missing_reason,
        code,
        row.elapsed_ms,
        row.language,
        row.scale_direction,
        row.cluster,
        row.excluded,
    ]


def _wide(content: ArchiveContent, scores: Mapping[str, npt.NDArray[np.float64]]) -> ArchiveFile:
    wide = content.wide
    told = {group.key: group for group in content.comparison.groups}
    columns = {**wide.items, **scores}
    header = ["respondent", "group", "kind", "simulated", "cluster", *columns]
    groups = [told[key] for key in wide.group.tolist()]
    values = np.column_stack(list(columns.values())).tolist()
    rows = (
        [respondent, group.key, group.kind, group.simulated, cluster, *numbers]
        for respondent, group, cluster, numbers in zip(
            wide.respondent, groups, wide.cluster, values, strict=True
        )
    )
    return csv_file("data/wide.csv", header, rows)


def _codebook(
    content: ArchiveContent, scores: Mapping[str, npt.NDArray[np.float64]]
) -> ArchiveFile:
    languages = content.languages
    header = [
        *("variable", "ref", "question", "block", "instrument", "version", "construct", "facet"),
        *("reverse_keyed", "minimum", "maximum", "mean_of"),
        *(f"text_{language}" for language in languages),
        *(f"options_{language}" for language in languages),
    ]
    rows = [_question_row(entry, languages) for entry in content.codebook]
    empty = [""] * (2 * len(languages))
    made = _score_rows(content.comparison.plan)
    rows += [[*row, *empty] for row in made if row[0] in scores]
    return csv_file("data/codebook.csv", header, rows)


def _question_row(entry: CodebookEntry, languages: Sequence[str]) -> list[object]:
    return [
        entry.variable,
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
        *(_options(entry, language) for language in languages),
    ]


def _options(entry: CodebookEntry, language: str) -> str:
    """Options as "value, label" between bars, as data dictionaries have them."""
    options = entry.options.get(language, ())
    return " | ".join(f"{value}, {label}" for value, label in options)


def _score_rows(plan: Plan) -> Iterator[list[object]]:
    for construct in plan.constructs:
        names = [one.name for one in construct.indicators]
        for one in construct.indicators:
            yield [
                *(one.name, "", "score", "", "", "", construct.key, one.facet),
                *(False, None, None, " ".join(one.items)),
            ]
        yield [
            *(construct.key, "", "score", "", "", "", construct.key, ""),
            *(False, None, None, " ".join(names)),
        ]


def _missing_codes() -> ArchiveFile:
    rows = [(reason, code, meaning) for reason, (code, meaning) in MISSING_CODES.items()]
    return csv_file("data/missing_codes.csv", ("missing_reason", "missing_code", "meaning"), rows)


def _demographics(content: ArchiveContent) -> ArchiveFile:
    header = ["respondent", *content.demographic_fields]
    rows = [
        [respondent, *(given.get(name) for name in content.demographic_fields)]
        for respondent, given in content.demographics
    ]
    return csv_file("data/demographics.csv", header, rows)
