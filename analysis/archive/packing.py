"""Files into a zip, byte for byte the same whenever the files are."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.archive.errors import ArchiveError

CHECKSUMS = "checksums.txt"
# The earliest time a zip file can hold: an archive says when its run was, not when it was zipped.
EPOCH = (1980, 1, 1, 0, 0, 0)
UNIX = 3
READABLE = 0o644 << 16


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """One file: its path within the archive, with forward slashes, and its bytes."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Checksum of the content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def checksum_file(files: Sequence[ArchiveFile]) -> ArchiveFile:
    """What ``sha256sum --check`` reads: one line per file, by name."""
    lines = [f"{file.sha256}  {file.name}\n" for file in _sorted(files)]
    return ArchiveFile(CHECKSUMS, "".join(lines).encode())


def pack(files: Sequence[ArchiveFile]) -> bytes:
    """Zip the files, with their checksums. Names are sorted and times fixed.

    Raises `ArchiveError` (`name_repeated`).
    """
    names = [file.name for file in files]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ArchiveError(f"The archive has two files {repeated[0]}.", code="name_repeated")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in _sorted([*files, checksum_file(files)]):
            archive.writestr(_entry(file.name), file.content, compresslevel=9)
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = UNIX
    entry.external_attr = READABLE
    return entry


def _sorted(files: Sequence[ArchiveFile]) -> list[ArchiveFile]:
    return sorted(files, key=lambda file: file.name)
