"""The codebook of an export: what every column of every table is, as a table and as a page."""

import io
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from surveys.exports.cells import CsvWriter, cell
from surveys.exports.columns import columns_of, meaning
from surveys.exports.content import ExportContent, ExportItem
from surveys.exports.ddi import DescribedFile
from surveys.exports.missing import MISSING_CODES
from surveys.questions import number_shown

HEADER = (
    *("file", "column", "meaning", "ref", "question", "block", "instrument", "version"),
    *("construct", "facet", "reverse_keyed", "values", "missing_codes"),
)
MISSING = " | ".join(
    f"{code}, {', '.join(reason for reason, (one, _) in MISSING_CODES.items() if one == code)}"
    for code in dict.fromkeys(code for code, _ in MISSING_CODES.values())
)
RAW = "Value of the answer as it was given"
SCORED = "Value after reverse-keying: high means more of the construct"
_STYLE = """\
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; }
th, td { border-bottom: 1px solid #8886; padding: .35rem .6rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; }
"""


class Entry(NamedTuple):
    """A column of a table: what it is, and the question that it answers, if any."""

    file: str
    column: str
    meaning: str
    item: ExportItem | None = None


def entries(content: ExportContent, files: Sequence[DescribedFile]) -> Iterator[Entry]:
    """Every column of every table."""
    items = {
        column.name: item for item in content.items for column in columns_of(item, content.language)
    }
    for file in files:
        words = SCORED if "scored" in file.name else RAW
        for name, full in file.named:
            known = meaning(full, content)
            if item := items.get(full):
                yield Entry(file.name, name, words, item)
            else:
                yield Entry(file.name, name, known or "The id that a recruiter gave the person")


def codebook_csv(
    content: ExportContent, files: Sequence[DescribedFile], *, exact: bool = False
) -> str:
    """One row for each column of each table, with the words of the question in every language."""
    languages = content.languages
    words = [f"{what}_{one}" for what in ("text", "options") for one in languages]
    out = io.StringIO()
    writer = CsvWriter(out, exact=exact, line_end="\n")
    writer.write([*HEADER, *words])
    for entry in entries(content, files):
        about = _about(entry.item) if entry.item else [""] * (len(HEADER) - 3)
        said = _said(entry.item, languages) if entry.item else [""] * len(words)
        writer.write(map(cell, [*entry[:3], *about, *said]))
    return out.getvalue()


def _about(item: ExportItem) -> list[object]:
    return [
        *(item.ref, item.question, item.block, item.instrument, item.version),
        *(item.construct, item.facet, item.reverse_keyed),
        *(_values(item), MISSING),
    ]


def _values(item: ExportItem) -> str:
    """Every value that there is, or how far numbers reach."""
    if item.number and item.minimum is not None and item.maximum is not None:
        return f"from {number_shown(item.minimum)} to {number_shown(item.maximum)}"
    return " ".join(map(str, item.values))


def _said(item: ExportItem, languages: Sequence[str]) -> list[object]:
    texts: list[object] = [item.texts.get(one, "") for one in languages]
    return [*texts, *(_options(item, one) for one in languages)]


def _options(item: ExportItem, language: str) -> str:
    """Options as "value, label" between bars, as data dictionaries have them."""
    return " | ".join(f"{value}, {label}" for value, label in item.options.get(language, ()))


def codebook_html(content: ExportContent, files: Sequence[DescribedFile]) -> str:
    """The codebook as a page that stands alone and can be printed."""
    asked = [_question(item, content.language) for item in content.items]
    title = escape(f"{content.title} · codebook")
    parts = [
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>',
        '<meta name="viewport" content="width=device-width">',
        f"<style>{_STYLE}</style></head>\n<body>\n<h1>{title}</h1>",
        f"<p>Study {escape(content.slug)}, version {escape(content.version)}.</p>",
        "<h2>Who answered</h2>",
        _table(
            ("Group", "Called", "Provenance"),
            [(key, *words) for key, words in content.groups.items()],
        ),
        "<h2>Questions</h2>",
        _table(("Column", "Question", "Values", "Scored"), asked),
        "<h2>Missing answers</h2>",
        _table(
            ("Code", "Reason", "Meaning"),
            [(str(code), reason, words) for reason, (code, words) in MISSING_CODES.items()],
        ),
    ]
    for file in files:
        rows = [(one.column, one.meaning) for one in entries(content, [file]) if one.item is None]
        parts += [f"<h2>{escape(file.name)}</h2>", f"<p>{file.rows} rows.</p>"]
        parts += [_table(("Column", "What it is"), rows)]
    return "\n".join([*parts, "</body>\n</html>\n"])


def _question(item: ExportItem, language: str) -> tuple[str, str, str, str]:
    keyed = "turned round" if item.reverse_keyed else "as given"
    scored = keyed if item.question == "item" else "not scored"
    return item.name, item.texts.get(language, ""), _options(item, language), scored


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escape(one)}</td>" for one in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"
