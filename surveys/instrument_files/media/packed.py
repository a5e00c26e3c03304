"""A study packed into one file, as an export gives it: its text, its instruments, what they show.

packed = read_packed(content, file="walks.zip")
packed.study           # (name, text)
packed.instruments     # the same of each
packed.file_of(name)   # what an instrument shows

Nothing here trusts the file: nothing is written to a disk, each member is read when it is asked
for, and no more of it than is allowed. Pure.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from surveys.codes import Problem, SentenceCode
from surveys.codes import marked as _
from surveys.instrument_files.errors import FileMistake, InstrumentFileError
from surveys.instrument_files.toml_tables import parse_toml
from surveys.media import MediaError, MediaMistake
from surveys.media.files import LARGEST_FILE

# Bytes as they are sent; recordings hardly get smaller by packing.
LARGEST_PACKED = 100_000_000
MOST_UNPACKED = 150_000_000
MOST_MEMBERS = 1_000
LARGEST_TEXT = 1_000_000
_ZIP = b"PK\x03\x04"
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
Named = tuple[str, str]


class PackedMistake(SentenceCode):
    """Why a packed study cannot be read."""

    PACKED_DAMAGED = "packed_damaged", _("this is no zip file that can be read; pack it anew")
    PACKED_TOO_LARGE = (
        "packed_too_large",
        _("unpacked, %(most)s MB and %(most_members)s files are the most"),
    )
    PACKED_OUTSIDE = (
        "packed_outside",
        _("%(given)r leads out of the zip file; pack the folder of the study, and nothing else"),
    )
    NO_STUDY_PACKED = (
        "no_study_packed",
        _("no study stands in the zip file; put its TOML file beside those of its instruments"),
    )
    SEVERAL_STUDIES_PACKED = (
        "several_studies_packed",
        _("several studies stand in the zip file (%(given)s); pack one"),
    )


@dataclass(frozen=True, slots=True)
class Packed:
    """What a zip file holds of a study, texts with their names."""

    study: Named
    instruments: tuple[Named, ...]
    _archive: zipfile.ZipFile
    _root: PurePosixPath

    def file_of(self, name: str) -> bytes | None:
        """A file beside the texts, None if there is none; `MediaError` if it is too large."""
        there = (self._root / name).as_posix()
        try:
            size = self._archive.getinfo(there).file_size
        except KeyError:
            return None
        if size > LARGEST_FILE:
            about = {"given": size // 1000, "most": LARGEST_FILE // 1000}
            raise MediaError(MediaMistake.MEDIA_TOO_LARGE, **about)
        try:
            return self._archive.read(there)
        except _DAMAGED as error:
            raise MediaError(MediaMistake.PICTURE_DAMAGED) from error


def is_packed(content: bytes) -> bool:
    """Whether a file begins as a packed one does."""
    return content.startswith(_ZIP)


def read_packed(content: bytes, *, file: str) -> Packed:
    """Find a study and its instruments: the TOML files of the uppermost folder that has any.

    Raises `InstrumentFileError` with a code of `PackedMistake`, or `not_utf8` for a text.
    """
    archive = _opened(content, file)
    texts = _texts(archive, file)
    root = min((path.parent for path in texts), key=lambda one: len(one.parts), default=None)
    beside = {path.name: text for path, text in texts.items() if path.parent == root}
    study, instruments = _told_apart(beside, file)
    return Packed(study, instruments, archive, root or PurePosixPath())


def _opened(content: bytes, file: str) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (*_DAMAGED, NotImplementedError):
        raise _refused(file, PackedMistake.PACKED_DAMAGED) from None
    members = archive.infolist()
    # A member never gives more than it says: what is lied about is cut off, and its sum is wrong.
    unpacked = sum(one.file_size for one in members)
    if max(unpacked - MOST_UNPACKED, len(members) - MOST_MEMBERS) > 0:
        most = MOST_UNPACKED // 1_000_000
        raise _refused(file, PackedMistake.PACKED_TOO_LARGE, most=most, most_members=MOST_MEMBERS)
    for one in members:
        name = one.orig_filename
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts or any(mark in name for mark in "\\\0:"):
            raise _refused(file, PackedMistake.PACKED_OUTSIDE, given=name[:200])
    return archive


def _texts(archive: zipfile.ZipFile, file: str) -> dict[PurePosixPath, str]:
    """The TOML files, without what systems of files leave beside them."""
    found = {}
    for one in archive.infolist():
        path = PurePosixPath(one.filename)
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
        if one.is_dir() or hidden or path.suffix.lower() != ".toml":
            continue
        if one.file_size > LARGEST_TEXT:
            most = LARGEST_TEXT // 1_000_000
            raise _refused(
                file, PackedMistake.PACKED_TOO_LARGE, most=most, most_members=MOST_MEMBERS
            )
        try:
            found[path] = archive.read(one).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise _refused(path.name, FileMistake.NOT_UTF8) from None
        except (*_DAMAGED, NotImplementedError):
            raise _refused(file, PackedMistake.PACKED_DAMAGED) from None
    return found


def _told_apart(texts: dict[str, str], file: str) -> tuple[Named, tuple[Named, ...]]:
    """The study and the instruments; a text that cannot be read is what else would be missing."""
    kinds = {name: _kind(text) for name, text in texts.items()}
    studies = [name for name, kind in kinds.items() if kind == "study"]
    unread = [name for name, kind in kinds.items() if kind == "unread"]
    if not studies and len(unread) == 1:
        studies = unread
    if not studies:
        raise _refused(file, PackedMistake.NO_STUDY_PACKED)
    if len(studies) > 1:
        given = ", ".join(sorted(studies))[:200]
        raise _refused(file, PackedMistake.SEVERAL_STUDIES_PACKED, given=given)
    rest: Sequence[Named] = [pair for pair in texts.items() if pair[0] != studies[0]]
    return (studies[0], texts[studies[0]]), tuple(rest)


def _kind(text: str) -> str:
    try:
        tables = parse_toml(text, file="")
    except InstrumentFileError:
        return "unread"
    return "instrument" if {"items", "construct"} & tables.keys() else "study"


def _refused(file: str, code: SentenceCode, **arguments: Any) -> InstrumentFileError:
    return InstrumentFileError(file, [Problem("file", code, arguments)])
