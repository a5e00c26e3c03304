"""Items out of what is pasted: lines, or a table from a spreadsheet with headings. Pure.

    pasted = read_paste("text\\tde\\tR\\nTea is good.\\tTee ist gut.\\t", ["en", "de"])

Columns are known by their headings; without headings the first column is the text, and a column
that holds nothing but R is the reverse key. Nothing is guessed: a column that is not understood is
a mistake, and as long as there is one nothing is taken over.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from surveys.codes import Problem, SentenceCode, advice
from surveys.codes import marked as _

MOST_ITEMS = 500
_NUMBERED = re.compile(r"\s*\(?(\d{1,3})[.):]\s+(\S.*)", re.DOTALL)
_MARKED = re.compile(r"(.*\S)\s*(?:\((?:R|r|-|−|–)\)|\[(?:R|r)\])\s*", re.DOTALL)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_REVERSED = {
    "r": True,
    "x": True,
    "-": True,
    "−": True,
    "–": True,
    "-1": True,
    "1": True,
    "yes": True,
    "ja": True,
    "true": True,
    "wahr": True,
    "reverse": True,
    "reversed": True,
    "": False,
    "+": False,
    "0": False,
    "no": False,
    "nein": False,
    "false": False,
    "falsch": False,
}
_HEADINGS: Mapping[str, Sequence[str]] = {
    "text": ("text", "item", "items", "statement", "question", "wording", "aussage", "frage"),
    "key": ("key", "name", "id", "code", "variable", "schlüssel"),
    "facet": ("facet", "subscale", "dimension", "factor", "facette", "subskala"),
    "reverse": ("r", "reverse", "reversed", "reverse-keyed", "keyed", "key direction", "gepolt"),
    "scale": ("scale", "response scale", "answers", "options", "skala", "antworten"),
}
_NAMES = {
    "english": "en",
    "englisch": "en",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "französisch": "fr",
    "français": "fr",
    "spanish": "es",
    "spanisch": "es",
    "español": "es",
    "italian": "it",
    "italienisch": "it",
    "dutch": "nl",
    "niederländisch": "nl",
    "polish": "pl",
    "polnisch": "pl",
    "portuguese": "pt",
    "portugiesisch": "pt",
}


class PasteMistake(SentenceCode):
    """Why something pasted cannot be taken over as it is."""

    NOTHING = "nothing_pasted", _("nothing is pasted; give one item a line, or a table")
    TOO_MANY = (
        "too_many_items",
        _("there are %(given)s rows, and %(most)s is the most; paste them in parts"),
    )
    NO_TEXT = "no_text_column", _("no column is the items' text; head one with text, or a language")
    UNKNOWN_COLUMN = "unknown_column", _("the heading %(given)r is not known; %(advice)s")
    NO_HEADING = (
        "no_heading",
        _("this column has no heading, so that nobody knows what it is; write one above it"),
    )
    DUPLICATE_COLUMN = (
        "duplicate_column",
        _("two columns are %(given)s; leave one of them out"),
    )
    EMPTY_TEXT = "empty_item", _("the text is empty; write it, or remove the row")
    UNKNOWN_REVERSE = (
        "unknown_reverse",
        _("%(given)r does not say whether the item is reverse-keyed; write R, or leave it empty"),
    )


@dataclass(frozen=True, slots=True)
class PastedItem:
    """One row: texts by language, and what else its columns say, empty where they say nothing."""

    text: Mapping[str, str]
    key: str = ""
    facet: str = ""
    scale: str = ""
    reverse: bool = False


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was read: items, what each column was taken for, languages that are new, mistakes."""

    items: tuple[PastedItem, ...] = ()
    columns: tuple[str, ...] = ()
    new_languages: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_paste(text: str, languages: Sequence[str]) -> Pasted:
    """Read items; the first of `languages` is that of a column headed "text", or of lines."""
    rows = _rows(text)
    if not rows:
        return Pasted(problems=(Problem("paste", PasteMistake.NOTHING),))
    if (number := len(rows) - _is_headed(rows)) > MOST_ITEMS:
        about = {"given": number, "most": MOST_ITEMS}
        return Pasted(problems=(Problem("paste", PasteMistake.TOO_MANY, about),))
    reading = _Reading(languages or ("en",))
    reading.read(rows)
    return Pasted(
        tuple(reading.items),
        tuple(reading.columns),
        tuple(one for one in reading.columns if _is_language(one) and one not in languages),
        tuple(reading.problems),
    )


def _rows(text: str) -> list[list[str]]:
    """The cells of each row that is not empty; what a spreadsheet puts into quotes may be long."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if "\t" not in text:
        return _delimited(text) or [[line.strip()] for line in text.split("\n") if line.strip()]
    read = csv.reader(io.StringIO(text), delimiter="\t")
    cells = [[cell.strip() for cell in row] for row in read]
    return [row for row in cells if any(row)]


def _delimited(text: str) -> list[list[str]]:
    """A table with commas or semicolons: only where its first line is nothing but headings."""
    for mark in (";", ","):
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark) if any(row)]
        if rows and len(rows[0]) > 1 and all(_kind(cell) for cell in rows[0]):
            return [[cell.strip() for cell in row] for row in rows]
    return []


@dataclass
class _Reading:
    languages: Sequence[str]
    items: list[PastedItem] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def read(self, rows: list[list[str]]) -> None:
        headed = _is_headed(rows)
        self.columns = self._headed(rows[0]) if headed else self._unheaded(rows)
        body = rows[1:] if headed else rows
        if not any(_is_language(one) for one in self.columns):
            self._note(1 if headed else 0, 0, PasteMistake.NO_TEXT)
        numbered = not headed and _count_up([row[0] for row in body])
        for number, row in enumerate(body, start=2 if headed else 1):
            self._item(number, [_unnumbered(row[0]), *row[1:]] if numbered else row)

    def _headed(self, cells: Sequence[str]) -> list[str]:
        columns: list[str] = []
        for at, cell in enumerate(cells, start=1):
            kind = _kind(cell)
            kind = self.languages[0] if kind == "text" else kind
            if not kind and cell:
                known = [*_HEADINGS, *self.languages]
                about = {"given": cell, "advice": advice(cell.lower(), known)}
                self._note(1, at, PasteMistake.UNKNOWN_COLUMN, **about)
            elif kind and kind in columns:
                self._note(1, at, PasteMistake.DUPLICATE_COLUMN, given=kind)
            columns.append(kind)
        return columns

    def _unheaded(self, rows: list[list[str]]) -> list[str]:
        columns = [self.languages[0]]
        for at in range(1, max(map(len, rows))):
            said = {row[at].lower() for row in rows if at < len(row)} - {""}
            columns.append("reverse" if said and said <= {"r"} else "")
            if said and not columns[-1]:
                self._note(1, at + 1, PasteMistake.NO_HEADING)
        return columns

    def _item(self, number: int, row: Sequence[str]) -> None:
        said = {kind: cell for kind, cell in zip(self.columns, row, strict=False) if kind}
        for at in range(len(self.columns), len(row)):
            if row[at]:
                self._note(number, at + 1, PasteMistake.NO_HEADING)
        texts = {kind: cell for kind, cell in said.items() if _is_language(kind) and cell}
        if not texts:
            self._note(number, 0, PasteMistake.EMPTY_TEXT)
            return
        reverse = _REVERSED.get(said.get("reverse", "").lower())
        if reverse is None:
            at = self.columns.index("reverse") + 1
            self._note(number, at, PasteMistake.UNKNOWN_REVERSE, given=said["reverse"])
        marked = {
            kind: found[1] for kind, cell in texts.items() if (found := _MARKED.fullmatch(cell))
        }
        self.items.append(
            PastedItem(
                text={**texts, **marked},
                key=said.get("key", ""),
                facet=said.get("facet", ""),
                scale=said.get("scale", ""),
                reverse=bool(reverse) or bool(marked),
            )
        )

    def _note(self, row: int, column: int, code: PasteMistake, **about: object) -> None:
        parts = (f"row {row}" if row else "", f"column {column}" if column else "")
        where = ", ".join(part for part in parts if part) or "paste"
        self.problems.append(Problem(where, code, about))


def _is_headed(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row holds headings: only those name the text or a language."""
    kinds = [_kind(cell) for cell in rows[0]]
    return len(rows) > 1 and any(one == "text" or _is_language(one) for one in kinds)


def _kind(heading: str) -> str:
    """What a heading says that its column is: a language, or a key of `_HEADINGS`; else empty."""
    said = " ".join(heading.lower().replace("_", " ").split())
    said = said.removeprefix("text ").removeprefix("text.")
    for kind, words in _HEADINGS.items():
        if said in words:
            return kind
    if said in _NAMES:
        return _NAMES[said]
    is_tag = _LANGUAGE.fullmatch(said) and len(said.split("-")[0]) == 2
    return _tag(said) if is_tag else ""


def _tag(said: str) -> str:
    language, *rest = said.split("-")
    return "-".join([language, *(one.upper() if len(one) == 2 else one for one in rest)])


def _is_language(kind: str) -> bool:
    return bool(kind) and kind not in _HEADINGS


def _count_up(texts: Sequence[str]) -> bool:
    """Whether every line begins with its number, as a list in a paper does."""
    found = [_NUMBERED.fullmatch(text) for text in texts]
    return len(found) > 1 and [one and int(one[1]) for one in found] == [*range(1, len(found) + 1)]


def _unnumbered(text: str) -> str:
    found = _NUMBERED.fullmatch(text)
    return found[2] if found else text
