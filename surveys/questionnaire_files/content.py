"""Bytes of an unknown file as text, JSON, XML tables or rows, within limits of size and depth.

Nothing here trusts the file: what is too large, too deep or damaged is a `Refusal`, never another
exception.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from surveys.codes import Problem, SentenceCode
from surveys.questionnaire_files.errors import Unreadable
from surveys.questionnaire_files.workbooks import without_results

MOST_BYTES = 10_000_000
MOST_ELEMENTS = 1_000_000
MOST_DEPTH = 60
MOST_ROWS = 20_000
MOST_COLUMNS = 400
MOST_CELL = 100_000
MOST_UNPACKED = 60_000_000
MOST_MEMBERS = 2_000
# Sheets of text pack to about a tenth; a bomb packs to less than a thousandth.
MOST_RATIO = 200
DELIMITERS = (",", ";", "\t", "|")
ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0"

# Control characters but tab and ends of lines: XML has none, and no database keeps U+0000.
_CONTROL = bytes(one for one in range(32) if one not in (9, 10, 13))
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Refusal(Exception):
    """The file cannot be read; the door that knows its name makes an error of it."""

    def __init__(self, code: SentenceCode, where: str = "file", **arguments: Any) -> None:
        super().__init__(code)
        self.problem = Problem(where, code, arguments)


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file; `encoding` is named where the file neither is UTF-8 nor says what it is."""

    text: str
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table by its headers; `line` counts from 1 as an editor or a sheet does."""

    line: int
    cells: dict[str, str]

    def get(self, *names: str) -> str:
        """The first of the named cells that holds something; empty if none does."""
        return next((self.cells[name] for name in names if self.cells.get(name)), "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its headers in their order, as they are written but for space around them."""

    name: str
    headers: tuple[str, ...]
    rows: tuple[Row, ...]


def require_size(content: bytes) -> None:
    """Refuse an empty file and one that is too large."""
    if not content.strip(b"\0 \t\r\n"):
        raise Refusal(Unreadable.EMPTY)
    if len(content) > MOST_BYTES:
        raise Refusal(Unreadable.TOO_LARGE, given=len(content), most=MOST_BYTES)


def decoded(content: bytes) -> Text:
    """The text of a file: by its byte order mark, as UTF-8, or as Windows' programs write it."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return Text(_clean(content.decode(encoding, "replace")))
    if wide := _wide(content):
        return Text(_clean(content.decode(wide, "replace")))
    try:
        return Text(_clean(content.decode()))
    except UnicodeDecodeError:
        return Text(_clean(content.decode("cp1252", "replace")), "Windows-1252")


def _wide(content: bytes) -> str:
    """UTF-16 without a mark: every other byte of Latin text is zero."""
    start = content[:400]
    if len(start) < 4:
        return ""
    odd, even = start[1::2].count(0), start[0::2].count(0)
    half = len(start) // 2
    if odd > half * 0.7:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.7 else ""


def _clean(text: str) -> str:
    return text.translate(dict.fromkeys(_CONTROL)).replace("\r\n", "\n").replace("\r", "\n")


def parse_json(text: str) -> Any:
    """JSON without NaN and within the depth that questionnaires have."""
    try:
        values = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise Refusal(Unreadable.TOO_DEEP) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refusal(Unreadable.BROKEN, where, reason=error.msg) from None
    except ValueError as error:
        raise Refusal(Unreadable.BROKEN, reason=str(error)[:120]) from None
    _require_shallow(values)
    return values


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _require_shallow(values: Any) -> None:
    level, number = [values], 0
    for _depth in range(MOST_DEPTH):
        level = [part for one in level for part in _parts(one)]
        number += len(level)
        if number > MOST_ELEMENTS:
            raise Refusal(Unreadable.TOO_MUCH, what="values", most=MOST_ELEMENTS)
        if not level:
            return
    raise Refusal(Unreadable.TOO_DEEP)


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def parse_xml(content: bytes) -> Element:
    """The tree of an XML file without a document type; entities are never expanded."""
    if not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not _wide(content):
        content = content.translate(None, _CONTROL)
    try:
        return _tree(content.lstrip())
    except ParseError as error:
        line, column = error.position
        where = f"line {line}, column {column + 1}"
        raise Refusal(Unreadable.BROKEN, where, reason=str(error).split(":")[0]) from None
    except DefusedXmlException:
        reason = "it declares a document type or entities"
        raise Refusal(Unreadable.BROKEN, reason=reason) from None
    except (ValueError, LookupError) as error:
        raise Refusal(Unreadable.BROKEN, reason=str(error)[:120]) from None


def _tree(content: bytes) -> Element:
    depth = number = 0
    root: Element | None = None
    for event, element in iterparse(io.BytesIO(content), ("start", "end"), forbid_dtd=True):
        depth += 1 if event == "start" else -1
        number += event == "start"
        root = element if root is None else root
        if depth > MOST_DEPTH:
            raise Refusal(Unreadable.TOO_DEEP)
        if number > MOST_ELEMENTS:
            raise Refusal(Unreadable.TOO_MUCH, what="elements", most=MOST_ELEMENTS)
    if root is None:
        raise Refusal(Unreadable.EMPTY)
    return root


def parse_table(text: str, *, delimiter: str = "", name: str = "") -> Sheet:
    """A delimited file with a row of headers; the delimiter is the one that the headers have."""
    delimiter = delimiter or _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            lines.append((reader.line_num, cells))
            if len(lines) > MOST_ROWS:
                raise Refusal(Unreadable.TOO_MUCH, what="rows", most=MOST_ROWS)
    except csv.Error as error:
        where = f"line {reader.line_num}"
        raise Refusal(Unreadable.BROKEN, where, reason=str(error)[:120]) from None
    return _sheet(name, iter(lines))


def _delimiter(text: str) -> str:
    first = next((line for line in text.split("\n", 20) if line.strip()), "")
    bare = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def _sheet(name: str, lines: Iterator[tuple[int, list[str]]]) -> Sheet:
    headers: tuple[str, ...] = ()
    rows: list[Row] = []
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > MOST_COLUMNS and any(cells[MOST_COLUMNS:]):
            raise Refusal(Unreadable.TOO_MUCH, what="columns", most=MOST_COLUMNS)
        if not headers:
            headers = tuple(cell.strip().lstrip("\ufeff") for cell in cells)
            continue
        # The first column of a name is the one that counts, as it is the one that people see.
        row: dict[str, str] = {}
        for place, (header, cell) in enumerate(zip(headers, cells, strict=False)):
            # A first column without a header may be that of the names.
            if (header or not place) and (words := cell.strip()):
                row.setdefault(header, words[:MOST_CELL])
        rows.append(Row(line, row))
    return Sheet(name, headers, tuple(rows))


def open_zip(content: bytes) -> zipfile.ZipFile:
    """A packed file whose members are few and unpack to a bearable size."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Refusal(Unreadable.BROKEN, reason=str(error)[:120]) from None
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise Refusal(Unreadable.TOO_MUCH, what="members", most=MOST_MEMBERS)
    unpacked = sum(one.file_size for one in members)
    if unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * len(content):
        raise Refusal(Unreadable.TOO_MUCH, what="unpacked bytes", most=MOST_UNPACKED)
    return archive


def member(archive: zipfile.ZipFile, name: str) -> bytes:
    """One member of a packed file."""
    try:
        return archive.read(name)
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        OSError,
        EOFError,
        RuntimeError,
    ) as error:
        raise Refusal(Unreadable.BROKEN, name, reason=str(error)[:120]) from None


def parse_xlsx(content: bytes) -> list[Sheet]:
    """Every sheet of a workbook, values only; nothing is calculated."""
    import openpyxl  # with NumPy: a third of the time that a command takes to start

    open_zip(content).close()
    try:
        with warnings.catch_warnings():
            # Drawings and validation that it does not know are of no interest here.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
            _require_results(content)
            return [_worksheet(sheet) for sheet in book.worksheets]
    except Refusal:
        raise
    except Exception as error:  # noqa: BLE001 - of a damaged workbook the library raises anything
        reason = f"{type(error).__name__}: {error}"[:120]
        raise Refusal(Unreadable.BROKEN, reason=reason) from None


def _require_results(content: bytes) -> None:
    found = without_results(content, most_rows=MOST_ROWS, most_columns=MOST_COLUMNS)
    for title, cells in found.items():
        raise Refusal(Unreadable.NO_RESULTS, f"sheet {title}", cells=", ".join(cells))


def _worksheet(sheet: Any) -> Sheet:
    lines: list[tuple[int, list[str]]] = []
    rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
    for line, cells in enumerate(rows, start=1):
        shown = [_clean(_cell(one)) for one in cells]
        if any(shown):
            lines.append((line, shown))
    return _sheet(str(sheet.title), iter(lines))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
