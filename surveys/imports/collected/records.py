"""A file of models' answers as records that know where they stand: CSV, JSON Lines or JSON."""

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surveys.codes import Problem, Saying
from surveys.errors import ImportFileError
from surveys.imports.collected.mapping import ModelMapping
from surveys.imports.collected.places import Place
from surveys.imports.files.data_files import parse_data, text_of
from surveys.imports.files.signatures import FileKind, file_kind
from surveys.imports.mistakes import ImportMistake

PROBLEMS_KEPT = 200


@dataclass(frozen=True, slots=True)
class Record:
    """One object of the file, on a line of it or with a number in its list."""

    number: int
    values: Mapping[str, Any]
    kind: str = "line"

    @property
    def where(self) -> str:
        """Its place, for a message."""
        return f"{self.kind} {self.number}"


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a file; `checksum` is the SHA-256 (hex) of its bytes.

    `names` are the keys that any record has; `document` is the whole of a JSON file, whose parts
    outside of the records hold for all of them. `left_out` counts lines that are no record.
    """

    name: str
    checksum: str
    rows: tuple[Record, ...]
    names: tuple[str, ...]
    document: Any = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    ended: bool = True

    @property
    def lines_read(self) -> int:
        """Records, and what was left out."""
        return len(self.rows) + sum(self.left_out.values())


def records_of(content: bytes, mapping: ModelMapping, *, name: str = "data") -> Records:
    """Read the bytes of a file, named `name` in errors.

    Raises `ImportFileError` with everything that is no record; a file that was cut is one.
    """
    if mapping.is_table:
        return _of_table(content, mapping, name)
    text = text_of(_unpacked(content, name), mapping.layout, name)
    document: Any = None
    problems: list[Problem] = []
    found: Sequence[tuple[int, Any]]
    left_out: Counter[str] = Counter()
    if mapping.format == "jsonl":
        found = list(_lines(text, left_out, problems))
    else:
        document, found = _document(text, mapping.records, problems)
    kind = "line" if mapping.format == "jsonl" else "record"
    rows = [Record(number, one, kind) for number, one in found if isinstance(one, dict)]
    strange = [f"{kind} {number}" for number, one in found if not isinstance(one, dict)]
    problems.extend(Problem(where, ImportMistake.NOT_A_RECORD) for where in strange)
    if not (rows or problems):
        problems.append(Problem("file", ImportMistake.NO_ROWS))
    if problems:
        raise ImportFileError(name, problems[:PROBLEMS_KEPT])
    names = tuple(dict.fromkeys(key for row in rows for key in row.values))
    ended = mapping.format == "json" or text.endswith(("\n", "\r"))
    checksum = hashlib.sha256(content).hexdigest()
    return Records(name, checksum, tuple(rows), names, document, dict(left_out), ended=ended)


def _unpacked(content: bytes, name: str) -> bytes:
    """A log that is kept as a zip file, its head and each sample apart, as one JSON document.

    Raises `ImportFileError`: `log_packed` for one that newer programs packed, `other_format` for
    what is no text otherwise.
    """
    kind = file_kind(content)
    if kind is None or kind is FileKind.JSON:
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            head = _json(archive.read("header.json").decode())
            names = sorted(one for one in archive.namelist() if one.startswith("samples/"))
            samples = [_json(archive.read(one).decode()) for one in names]
    except NotImplementedError:
        raise ImportFileError(name, [Problem("file", ImportMistake.LOG_PACKED)]) from None
    except (zipfile.BadZipFile, KeyError, ValueError):
        problem = Problem("file", ImportMistake.OTHER_FORMAT, {"kind": Saying(kind)})
        raise ImportFileError(name, [problem]) from None
    return json.dumps({**head, "samples": samples}).encode()


def _of_table(content: bytes, mapping: ModelMapping, name: str) -> Records:
    """A cell that is empty says nothing."""
    data = parse_data(content, mapping.table_layout, name=name)
    rows = tuple(
        Record(row.line, {key: cell for key, cell in row.cells.items() if cell.strip()})
        for row in data.rows
    )
    return Records(
        name, data.checksum, rows, data.header, None, dict(data.left_out), ended=data.ended
    )


def _lines(text: str, left_out: Counter[str], problems: list[Problem]) -> Iterator[tuple[int, Any]]:
    # Only a line feed ends a line of JSON Lines: texts may hold other ends of line.
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        if not line.strip():
            left_out["blank_line"] += 1
            continue
        try:
            yield number, _json(line)
        except (ValueError, RecursionError) as error:
            problems.append(
                Problem(f"line {number}", ImportMistake.NOT_JSON, {"reason": str(error)})
            )


def _document(
    text: str, path: str, problems: list[Problem]
) -> tuple[Any, Sequence[tuple[int, Any]]]:
    try:
        document = _json(text)
    except (ValueError, RecursionError) as error:
        problems.append(Problem("file", ImportMistake.NOT_JSON, {"reason": str(error)}))
        return None, ()
    rows = Place((path,)).found(document, None, "") if path else document
    if not isinstance(rows, list):
        problems.append(Problem("file", ImportMistake.NO_RECORDS, {"path": path or "/"}))
        return document, ()
    return document, list(enumerate(rows, start=1))


def _json(text: str) -> Any:
    """JSON as the standard has it: no key twice, no NaN."""
    return json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constant)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {double!r} occurs twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
