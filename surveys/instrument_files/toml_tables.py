"""Read a TOML table with types, noting every problem instead of stopping at the first.

A researcher who edits a file by hand should see all that is wrong with it in one go. So each
reading method notes a `Problem` and returns a neutral value of its type; whoever reads the file
raises when the whole table has been read, before the neutral values are used for anything.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

from surveys.codes import Problem, Saying, SentenceCode, advice
from surveys.instrument_files.definitions import Texts
from surveys.instrument_files.errors import (
    FileMistake,
    InstrumentFileError,
    Shape,
    Wanted,
)

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
KEY = re.compile(r"[a-z][a-z0-9_]*")
VERSION = re.compile(r"\d+(\.\d+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MAX_NAME_LENGTH = 50
MAX_VERSION_LENGTH = 40
MAX_LANGUAGE_LENGTH = 12
# What every database can keep.
LARGEST_INTEGER = 2**31 - 1
LARGEST_SMALL_INTEGER = 2**15 - 1
LONGEST_SHOWN = 60

_SHAPES = {
    SLUG: Shape.SLUG,
    KEY: Shape.KEY,
    VERSION: Shape.VERSION,
    LANGUAGE: Shape.LANGUAGE,
}
_LONGEST = {VERSION: MAX_VERSION_LENGTH, LANGUAGE: MAX_LANGUAGE_LENGTH}
_WANTED: Mapping[type[Any], Wanted] = {
    str: Wanted.TEXT,
    int: Wanted.WHOLE_NUMBER,
    bool: Wanted.TRUE_OR_FALSE,
    dict: Wanted.TABLE,
}
_T = TypeVar("_T")
_S = TypeVar("_S", bound=str)


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, or raise `InstrumentFileError` if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors put a byte order mark first
    except FileNotFoundError:
        raise InstrumentFileError(str(path), [Problem("file", FileMistake.FILE_MISSING)]) from None
    except OSError as error:
        problem = Problem("file", FileMistake.FILE_UNREADABLE, {"reason": error.strerror})
        raise InstrumentFileError(str(path), [problem]) from None
    except UnicodeDecodeError as error:
        problem = Problem(f"byte {error.start}", FileMistake.NOT_UTF8)
        raise InstrumentFileError(str(path), [problem]) from None


def parse_toml(text: str, *, file: str) -> dict[str, Any]:
    """Parse TOML, or raise `InstrumentFileError` with the line and column."""
    try:
        text.encode()  # half a surrogate pair can come over REST, but not be stored
        return tomllib.loads(text)
    except UnicodeEncodeError as error:
        problem = Problem(f"character {error.start}", FileMistake.NOT_UTF8)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        problem = Problem(place.rstrip(")") or "file", FileMistake.NOT_TOML, {"reason": message})
    except RecursionError:
        problem = Problem("file", FileMistake.NOT_TOML, {"reason": "nested too deeply"})
    raise InstrumentFileError(file, [problem])


def require_storable(values: Mapping[str, Any], file: str) -> None:
    """Refuse half a surrogate pair, which can come as JSON and which no database stores.

    Raises `InstrumentFileError`.
    """
    try:
        json.dumps(values, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise InstrumentFileError(file, [Problem("file", FileMistake.NOT_UTF8)]) from None


def shown(value: object) -> str:
    """Return a wrong value as a message shows it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def malformed_name(
    where: str, name: str, shape: SentenceCode, longest: int = MAX_NAME_LENGTH
) -> Problem:
    """Return the problem of a name that is not written as it should be."""
    arguments = {"given": name, "shape": Saying(shape), "longest": longest}
    return Problem(where, FileMistake.MALFORMED_NAME, arguments)


class Table:
    """One TOML table, its key path, and the problems noted so far (shared with all sub-tables)."""

    def __init__(self, values: Mapping[str, Any], *, path: str, problems: list[Problem]) -> None:
        self._values = values
        self._path = path
        self._read: set[str] = set()
        self.problems = problems

    def where(self, key: str = "") -> str:
        """Return the path of a key from the top of the file."""
        return ".".join(part for part in (self._path, key) if part) or "file"

    def note(self, key: str, code: SentenceCode, /, **arguments: Any) -> None:
        """Note a problem with one key of this table."""
        self.problems.append(Problem(self.where(key), code, arguments))

    def note_parts(self, problems: Iterable[Problem]) -> None:
        """Note problems whose places are told from this table on, not from the top of the file."""
        for problem in problems:
            self.note(problem.where, problem.code, **problem.arguments)

    def has(self, key: str) -> bool:
        """Tell whether the key is given at all."""
        return key in self._values

    def text(
        self,
        key: str,
        *,
        shape: re.Pattern[str] | None = None,
        default: str | None = None,
        longest: int | None = None,
    ) -> str:
        """Return a non-empty string; required unless a default is given."""
        value = self._typed(key, str, default)
        if value is None:
            return default or ""
        value = value.strip()
        if not value:
            self.note(key, FileMistake.EMPTY_TEXT)
        elif "\0" in value:
            self.note(key, FileMistake.UNSTORABLE_TEXT)
        elif shape and not _fits(value, shape):
            self.problems.append(_malformed(self.where(key), value, shape))
        elif longest is not None and len(value) > longest:
            self.note(key, FileMistake.TOO_LONG, given=len(value), most=longest)
        return value

    def choice(self, key: str, choices: Sequence[_S], *, default: _S | None = None) -> _S:
        """Return one of the given strings; required unless a default is given."""
        if default is not None and not self.has(key):
            return default
        value = self._typed(key, str)
        if value in choices:
            return choices[choices.index(value)]
        if value is not None:
            said = advice(value, choices)
            self.note(key, FileMistake.UNKNOWN_CHOICE, given=value, advice=said)
        return choices[0]

    def integer(
        self,
        key: str,
        *,
        default: int | None = None,
        minimum: int | None = None,
        maximum: int = LARGEST_INTEGER,
    ) -> int:
        """Return a whole number of at least `minimum`; required unless a default is given."""
        value = self._typed(key, int, default)
        if value is None:
            return minimum or 0 if default is None else default
        if minimum is not None and value < minimum:
            self.note(key, FileMistake.TOO_SMALL, given=value, least=minimum)
        elif value < -LARGEST_INTEGER:
            self.note(key, FileMistake.TOO_SMALL, given=value, least=-LARGEST_INTEGER)
        elif value > maximum:
            self.note(key, FileMistake.TOO_LARGE, given=value, most=maximum)
        return value

    def name(self, key: str) -> str:
        """Return a required name of a part, fit to be part of a variable's name."""
        return self.text(key, shape=KEY)

    def number(self, key: str, *, default: float | None = None) -> float:
        """Return a number, whole or not; required unless a default is given."""
        value = self._values.get(key)
        if type(value) is int:  # a whole number is a number, and true is none
            self._read.add(key)
            return value
        found = self._typed(key, float, default, Saying(Wanted.NUMBER))
        if found is not None and not isfinite(found):
            self.note(key, FileMistake.WRONG_TYPE, wanted=Saying(Wanted.NUMBER), given=shown(found))
            return 0
        return (default or 0) if found is None else found

    def boolean(self, key: str, *, default: bool) -> bool:
        """Return true or false; optional."""
        value = self._typed(key, bool, default)
        return default if value is None else value

    def integers(self, key: str) -> tuple[int, ...]:
        """Return a required list of distinct whole numbers, with at least one."""
        return tuple(self._distinct(key, self._list(key, int, Wanted.WHOLE_NUMBERS, required=True)))

    def names(self, key: str, *, shape: re.Pattern[str], required: bool) -> tuple[str, ...]:
        """Return a list of distinct names, with at least one if required."""
        names = self._list(key, str, Wanted.NAMES, required=required)
        for name in names:
            if not _fits(name, shape):
                self.problems.append(_malformed(self.where(key), name, shape))
        return tuple(self._distinct(key, names))

    def plain_texts(self, key: str) -> tuple[str, ...]:
        """Return a list of distinct texts of any form; optional."""
        return tuple(self._distinct(key, self._list(key, str, Wanted.TEXTS, required=False)))

    def texts(self, key: str, languages: Sequence[str], *, longest: int | None = None) -> Texts:
        """Return one text in exactly the given languages."""
        table = self.table(key)
        given = {
            language: table.text(language, longest=longest)
            for language in languages
            if table.has(language)
        }
        for language in languages:
            if isinstance(self._values.get(key), dict) and not table.has(language):
                table.note(language, FileMistake.MISSING_LANGUAGE, language=language)
        for language in table.unread():
            table.note(language, FileMistake.UNDECLARED_LANGUAGE, language=language)
        return given

    def table(self, key: str, *, required: bool = True) -> Table:
        """Return a sub-table, an empty one if it is absent."""
        values = self._typed(key, dict, None if required else {})
        return Table(values or {}, path=self.where(key), problems=self.problems)

    def tables(self, key: str, *, named_by: str = "key", required: bool = True) -> list[Table]:
        """Return the tables of an array; the path of each says its name, or else its number."""
        wanted = Wanted.TABLES
        rows = self._list(key, dict, wanted, required=required)
        return [
            Table(row, path=f"{self.where(key)}[{_name(row, named_by, n)}]", problems=self.problems)
            for n, row in enumerate(rows, start=1)
        ]

    def whole(self) -> dict[str, Any]:
        """Return the table as it stands; whoever reads it so has looked at every key."""
        self._read.update(self._values)
        return dict(self._values)

    def raw(self, key: str) -> Any:
        """Return a value as it stands, None if absent; for parts whose form is left open."""
        self._read.add(key)
        return self._values.get(key)

    def unread(self) -> list[str]:
        """Return the keys that nobody has read so far."""
        return [key for key in self._values if key not in self._read]

    def finish(self) -> None:
        """Note every key that nobody has read, with the nearest known one."""
        for key in self.unread():
            self.note(key, FileMistake.UNKNOWN_KEY, advice=advice(key, sorted(self._read)))

    def _typed(
        self, key: str, kind: type[_T], default: Any = None, wanted: Saying | None = None
    ) -> _T | None:
        """Return the value if it is of the kind; otherwise note the problem and return None."""
        self._read.add(key)
        wanted = wanted or Saying(_WANTED[kind])
        if key not in self._values:
            if default is None:
                self.note(key, FileMistake.MISSING_KEY, wanted=wanted)
            return None
        value = self._values[key]
        if type(value) is kind:  # not isinstance: true and false are whole numbers to Python
            return value
        self.note(key, FileMistake.WRONG_TYPE, wanted=wanted, given=shown(value))
        return None

    def _list(self, key: str, kind: type[_T], parts: Wanted, *, required: bool) -> list[_T]:
        each = Saying(parts, {"path": self.where(key)})
        wanted = Saying(Wanted.LIST, {"parts": each})
        rows = self._typed(key, list, None if required else [], wanted)
        if rows is None:
            return []
        if required and not rows:
            self.note(key, FileMistake.EMPTY_LIST, wanted=each)
        fitting = [row for row in rows if type(row) is kind]
        if len(fitting) < len(rows):
            self.note(key, FileMistake.WRONG_TYPE, wanted=wanted, given=shown(rows))
        return fitting

    def _distinct(self, key: str, values: list[_T]) -> list[_T]:
        for value in dict.fromkeys(values):
            if values.count(value) > 1:
                self.note(key, FileMistake.DUPLICATE_VALUE, given=value)
        return values


def _name(row: Mapping[str, Any], named_by: str, number: int) -> str | int:
    name = row.get(named_by)
    return name if isinstance(name, str | int) else number


def _fits(name: str, shape: re.Pattern[str]) -> bool:
    longest = _LONGEST.get(shape, MAX_NAME_LENGTH)
    return shape.fullmatch(name) is not None and len(name) <= longest


def _malformed(where: str, name: str, shape: re.Pattern[str]) -> Problem:
    return malformed_name(where, name, _SHAPES[shape], _LONGEST.get(shape, MAX_NAME_LENGTH))
