"""Read a TOML table with types, noting every problem instead of stopping at the first.

A researcher who edits a file by hand should see all that is wrong with it in one go. So each
reading method notes a `Problem` and returns a neutral value of its type; whoever reads the file
raises when the whole table has been read, before the neutral values are used for anything.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from surveys.instrument_files.definitions import Texts
from surveys.instrument_files.errors import InstrumentFileError, Problem

SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
KEY = re.compile(r"[a-z][a-z0-9_]*")
VERSION = re.compile(r"\d+(\.\d+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
MAX_NAME_LENGTH = 50

_SHAPES = {
    SLUG: "lower-case words joined by hyphens",
    KEY: "a lower-case letter followed by lower-case letters, digits or underscores",
    VERSION: "numbers joined by dots, in quotation marks",
    LANGUAGE: "a language tag such as 'en' or 'de-CH'",
}
_T = TypeVar("_T")
_S = TypeVar("_S", bound=str)


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, or raise `InstrumentFileError` if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors put a byte order mark first
    except FileNotFoundError:
        raise InstrumentFileError(
            str(path), "file", "there is no such file; check its name", "file_missing"
        ) from None
    except OSError as error:
        raise InstrumentFileError(
            str(path),
            "file",
            f"the file cannot be read ({error.strerror}); check what it is and who may read it",
            "file_unreadable",
        ) from None
    except UnicodeDecodeError as error:
        raise InstrumentFileError(
            str(path),
            f"byte {error.start}",
            "the file is not UTF-8 text; save it as UTF-8",
            "not_utf8",
        ) from None


def parse_toml(text: str, *, file: str) -> dict[str, Any]:
    """Parse TOML, or raise `InstrumentFileError` with the line and column."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        raise InstrumentFileError(
            file, place.rstrip(")") or "file", f"this is not valid TOML: {message}", "not_toml"
        ) from None


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

    def note(self, key: str, message: str, code: str) -> None:
        """Note a problem with one key of this table."""
        self.problems.append(Problem(self.where(key), message, code))

    def note_parts(self, problems: Iterable[Problem]) -> None:
        """Note problems whose places are told from this table on, not from the top of the file."""
        for problem in problems:
            self.note(problem.where, problem.message, problem.code)

    def has(self, key: str) -> bool:
        """Tell whether the key is given at all."""
        return key in self._values

    def text(
        self, key: str, *, shape: re.Pattern[str] | None = None, default: str | None = None
    ) -> str:
        """Return a non-empty string; required unless a default is given."""
        value = self._typed(key, str, "text in quotation marks", default)
        if value is None:
            return default or ""
        value = value.strip()
        if not value:
            self.note(key, "this text is empty; write it, or remove the key", "empty_text")
        elif shape and not (shape.fullmatch(value) and len(value) <= MAX_NAME_LENGTH):
            self.note(
                key,
                f"{value!r} must be {_SHAPES[shape]}, at most {MAX_NAME_LENGTH} characters",
                "malformed_name",
            )
        return value

    def choice(self, key: str, choices: Sequence[_S]) -> _S:
        """Return one of the given strings; required."""
        value = self._typed(key, str, "text in quotation marks")
        if value in choices:
            return choices[choices.index(value)]
        if value is not None:
            allowed = ", ".join(repr(choice) for choice in choices)
            self.note(key, f"{value!r} is unknown here; use one of {allowed}", "unknown_choice")
        return choices[0]

    def integer(self, key: str, *, default: int | None = None, minimum: int | None = None) -> int:
        """Return a whole number of at least `minimum`; required unless a default is given."""
        value = self._typed(key, int, "a whole number", default)
        if value is None:
            return minimum or 0 if default is None else default
        if minimum is not None and value < minimum:
            self.note(key, f"{value} is too small; use {minimum} or more", "too_small")
        return value

    def boolean(self, key: str, *, default: bool) -> bool:
        """Return true or false; optional."""
        value = self._typed(key, bool, "true or false", default)
        return default if value is None else value

    def integers(self, key: str) -> tuple[int, ...]:
        """Return a required list of distinct whole numbers, with at least one."""
        return tuple(self._distinct(key, self._list(key, int, "whole numbers", required=True)))

    def names(self, key: str, *, shape: re.Pattern[str], required: bool) -> tuple[str, ...]:
        """Return a list of distinct names, with at least one if required."""
        names = self._list(key, str, "names in quotation marks", required=required)
        for name in names:
            if not shape.fullmatch(name):
                self.note(key, f"{name!r} must be {_SHAPES[shape]}", "malformed_name")
        return tuple(self._distinct(key, names))

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a required list of distinct texts, with at least one."""
        wanted = "texts in quotation marks"
        return tuple(self._distinct(key, self._list(key, str, wanted, required=True)))

    def texts(self, key: str, languages: Sequence[str]) -> Texts:
        """Return one text in exactly the given languages."""
        table = self.table(key)
        given = {language: table.text(language) for language in languages if table.has(language)}
        for language in languages:
            if isinstance(self._values.get(key), dict) and not table.has(language):
                table.note(
                    language, f"the {language!r} text is missing; add it", "missing_language"
                )
        for language in table.unread():
            table.note(
                language,
                f"the file does not declare the language {language!r}; "
                "add it to `languages`, or remove this text",
                "undeclared_language",
            )
        return given

    def table(self, key: str, *, required: bool = True) -> Table:
        """Return a sub-table, an empty one if it is absent."""
        wanted = f"a table, [{self.where(key)}]"
        values = self._typed(key, dict, wanted, None if required else {})
        return Table(values or {}, path=self.where(key), problems=self.problems)

    def tables(self, key: str, *, named_by: str = "key", required: bool = True) -> list[Table]:
        """Return the tables of an array; the path of each says its name, or else its number."""
        rows = self._list(key, dict, f"tables, each [[{self.where(key)}]]", required=required)
        return [
            Table(row, path=f"{self.where(key)}[{row.get(named_by, n)}]", problems=self.problems)
            for n, row in enumerate(rows, start=1)
        ]

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
            near = get_close_matches(key, self._read, n=1)
            advice = f"did you mean {near[0]!r}?" if near else "remove it"
            self.note(key, f"this key is unknown; {advice}", "unknown_key")

    def _typed(self, key: str, kind: type[_T], wanted: str, default: Any = None) -> _T | None:
        """Return the value if it is of the kind; otherwise note the problem and return None."""
        self._read.add(key)
        if key not in self._values:
            if default is None:
                self.note(key, f"this is missing; give {wanted}", "missing_key")
            return None
        value = self._values[key]
        if type(value) is kind:  # not isinstance: true and false are whole numbers to Python
            return value
        self.note(key, f"this must be {wanted}, not {value!r}", "wrong_type")
        return None

    def _list(self, key: str, kind: type[_T], wanted: str, *, required: bool) -> list[_T]:
        rows = self._typed(key, list, f"a list of {wanted}", None if required else [])
        if rows is None:
            return []
        if required and not rows:
            self.note(key, f"this list is empty; give {wanted}", "empty_list")
        fitting = [row for row in rows if type(row) is kind]
        if len(fitting) < len(rows):
            self.note(key, f"this must be a list of {wanted}", "wrong_type")
        return fitting

    def _distinct(self, key: str, values: list[_T]) -> list[_T]:
        for value in dict.fromkeys(values):
            if values.count(value) > 1:
                self.note(key, f"{value!r} is listed twice; keep it once", "duplicate_value")
        return values
