"""What is known of files is written into the tables that name them. Pure.

made = with_files(tables, file_of=folder.get, known=lambda sha256: None)
made.tables      # each `media` table with sha256, type, width and height
made.files       # what is to be stored before the instrument is published
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from surveys.codes import Problem
from surveys.media import MediaError, MediaFacts, MediaFile, MediaMistake, named_file, read_media
from surveys.media.files import LARGEST_FILE

FileOf = Callable[[str], bytes | None]
Known = Callable[[str], MediaFacts | None]
Values = dict[str, Any]


@dataclass(slots=True)
class WithFiles:
    """Tables of an instrument, the files that they name, and what is wrong with those."""

    tables: Values
    files: dict[str, MediaFile] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def names_files(tables: Mapping[str, Any]) -> bool:
    """Whether an item shows anything, of tables that nobody has checked yet."""
    return any(True for _ in shown_in(tables))


def with_files(
    tables: Mapping[str, Any], *, file_of: FileOf = lambda _name: None, known: Known
) -> WithFiles:
    """Say of each picture, sound and video what is known of its file.

    `file_of` gives the content of a file by its name, None where there is none; `known` what is
    stored already. A file that is there is taken, and must be the one that `sha256` means.
    """
    made = WithFiles(dict(tables))
    if not names_files(tables):
        return made
    reading = _Reading(made, file_of, known)
    made.tables["items"] = [reading.item(one) for one in tables["items"]]
    return made


def shown_in(tables: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Each `media` table of an instrument's tables, which nobody has checked yet."""
    items = tables.get("items")
    for item in items if isinstance(items, list | tuple) else ():
        if isinstance(item, Mapping) and isinstance(item.get("media"), list | tuple):
            yield from (one for one in item["media"] if isinstance(one, Mapping))


class _Reading:
    def __init__(self, made: WithFiles, file_of: FileOf, known: Known) -> None:
        self._made = made
        self._file_of = file_of
        self._known = known

    def item(self, item: Any) -> Any:
        if not isinstance(item, Mapping) or not isinstance(item.get("media"), list | tuple):
            return item
        where = f"items[{item.get('key')}].media"
        return {**item, "media": [self._medium(one, where) for one in item["media"]]}

    def _medium(self, table: Any, where: str) -> Any:
        if not isinstance(table, Mapping):
            return table
        at = f"{where}[{table.get('file')}]"
        said = {**table, **self._found(table, "file", "sha256", at)}
        if "captions" in table:
            found = self._found(table, "captions", "captions_sha256", at)
            said |= {name: one for name, one in found.items() if name in table or "sha" in name}
        return said

    def _found(self, table: Mapping[str, Any], name: str, sha256: str, at: str) -> Values:
        """What is known of one file; nothing where that is for the strict reader to say."""
        given, wanted = table.get(name), table.get(sha256)
        if not isinstance(given, str) or not isinstance(wanted, str | None):
            return {}
        facts = self._facts(given, wanted, f"{at}.{name}")
        if facts is None:
            return {}
        if (facts.kind == "captions") != (name == "captions"):
            is_captions = name == "file"
            code = MediaMistake.ONLY_CAPTIONS if is_captions else MediaMistake.NO_CAPTIONS_FILE
            self._note(f"{at}.{name}", code, given=given)
        known = {name: named_file(given, facts), sha256: facts.sha256}
        if name == "captions":
            return known
        sizes = {"width": facts.width, "height": facts.height}
        return {**known, "type": facts.type, **{key: one for key, one in sizes.items() if one}}

    def _facts(self, given: str, wanted: str | None, at: str) -> MediaFacts | None:
        try:
            file = self._read(given)
            if wanted and (file is None or file.sha256 != wanted):
                file = self._read(by_checksum(given, wanted)) or file
        except MediaError as error:
            self._note(at, error.mistake, **error.arguments)
            return None
        if file is None:
            return self._known(wanted) if wanted else None
        if wanted and file.sha256 != wanted:
            self._note(at, MediaMistake.MEDIA_CHANGED, given=given, sha256=wanted)
            return None
        self._made.files[file.sha256] = file
        return file.facts

    def _read(self, name: str) -> MediaFile | None:
        content = self._file_of(name)
        return None if content is None else read_media(content)

    def _note(self, at: str, code: MediaMistake, **arguments: Any) -> None:
        known = {name: one for name, one in arguments.items() if name in code.arguments}
        self._made.problems.append(Problem(at, code, known))


def by_checksum(name: str, sha256: str) -> str:
    """Where a file lies beside another one of its name."""
    return f"media/{sha256}{PurePosixPath(name).suffix}"


def folder_of(path: Path) -> FileOf:
    """Files below the folder of a file, by the names that it gives them.

    Raises `MediaError` for a name that leads elsewhere, and for what is too large to be read.
    """
    root = path.resolve().parent

    def file_of(name: str) -> bytes | None:
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts or "\\" in name or "\0" in name:
            raise MediaError(MediaMistake.MEDIA_OUTSIDE, given=name)
        there = (root / parts).resolve()
        if not there.is_relative_to(root):
            raise MediaError(MediaMistake.MEDIA_OUTSIDE, given=name)
        try:
            if not there.is_file():
                return None
            if (size := there.stat().st_size) > LARGEST_FILE:
                about = {"given": size // 1000, "most": LARGEST_FILE // 1000}
                raise MediaError(MediaMistake.MEDIA_TOO_LARGE, **about)
            return there.read_bytes()
        except OSError:
            return None

    return file_of
