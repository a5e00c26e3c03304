"""What an export holds: how many respondents of each group, who was left out, and checksums."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from surveys.exports.content import ExportChoice, ExportContent


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A finished file: its path within the folder, SHA-256 (hex), and its size if it is a table."""

    name: str
    sha256: str
    size: int
    rows: int | None = None
    columns: int | None = None


def manifest_json(
    content: ExportContent,
    choice: ExportChoice,
    files: Sequence[WrittenFile],
    counts: Mapping[tuple[str, str], int],
    left_out: Iterable[tuple[str, str, int]],
) -> str:
    """The manifest: exported and left out are all respondents of the groups that were chosen."""
    groups: dict[str, dict[str, Any]] = {
        key: {"label": label, "provenance": provenance, "exported": {}, "left_out": {}}
        for key, (label, provenance) in content.groups.items()
    }
    for (group, status), count in counts.items():
        groups[group]["exported"][status] = count
    for group, reason, count in left_out:
        groups[group]["left_out"][reason] = count
    facts = {
        "format": "counterpart-export",
        "version": 1,
        "study": {
            "slug": content.slug,
            "version": content.version,
            "title": content.title,
            "checksum": content.checksum,
        },
        "choice": asdict(choice),
        "groups": groups,
        "files": [_described(file) for file in files],
    }
    return json.dumps(facts, ensure_ascii=False, indent=1) + "\n"


def _described(file: WrittenFile) -> dict[str, Any]:
    table = {"rows": file.rows, "columns": file.columns} if file.rows is not None else {}
    return {"name": file.name, "sha256": file.sha256, "bytes": file.size, **table}
