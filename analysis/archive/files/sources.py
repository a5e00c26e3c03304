"""Where imported answers come from: citation, licence, checksums, and each mapping as written."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import PurePosixPath

from analysis.archive.content import ArchiveContent, Source
from analysis.archive.packing import ArchiveFile
from analysis.archive.text_files import csv_file, text_file

TABLE = "sources/sources.csv"
# A seed can be made of a recruiter's id, and stays behind as it does in study.json.
SEED = re.compile(r"^\s*seed\s*=.*$", re.MULTILINE)
WITHOUT_SEED = "# seed: not published"


def source_files(content: ArchiveContent) -> Iterator[ArchiveFile]:
    """A table of the files that were imported, and a mapping for each; nothing without imports."""
    sources = content.imported.sources if content.imported else ()
    if not sources:
        return
    names = [each.name for each in fields(Source) if each.name not in ("mapping", "mapping_file")]
    rows = (
        [*(getattr(one, name) for name in names), _mapping_name(number, one)]
        for number, one in enumerate(sources, start=1)
    )
    yield csv_file(TABLE, [*names, "mapping_file"], rows)
    for number, one in enumerate(sources, start=1):
        yield text_file(_mapping_name(number, one), SEED.sub(WITHOUT_SEED, one.mapping))


def _mapping_name(number: int, source: Source) -> str:
    """A path within the archive, whatever the file was called."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", PurePosixPath(source.mapping_file).stem)
    return f"sources/{number}-{stem or 'mapping'}.toml"
