"""The replication archive of a run: everything that is needed to check it without this program.

Pure: frozen values in, the bytes of a zip file out, and the same values give the same bytes.

    content = ArchiveContent(...)
    zipped = pack(archive_files(content))

``content`` says what goes in, ``contents`` which file holds what, ``reproduce.R`` how R refits it.
SciPy is imported by the first call, because the pages of the site reach this module.
"""

from analysis.archive.content import (
    AnswerRow,
    ArchiveContent,
    CodebookEntry,
    GroupFacts,
    Imported,
    RunFacts,
    SignalRow,
    Source,
    Transcripts,
    WideRows,
)
from analysis.archive.packing import ArchiveFile, pack

__all__ = [
    "AnswerRow",
    "ArchiveContent",
    "ArchiveFile",
    "CodebookEntry",
    "GroupFacts",
    "Imported",
    "RunFacts",
    "SignalRow",
    "Source",
    "Transcripts",
    "WideRows",
    "archive_files",
    "pack",
]


def archive_files(content: ArchiveContent) -> list[ArchiveFile]:
    """Every file of the archive but its checksums: see ``analysis.archive.contents``."""
    from analysis.archive.contents import archive_files as collect

    return collect(content)
