"""Published scales under licences that are shown to be open, as files beside our own wording.

A file of the shelf is an instrument file with `[[evidence]]`: which source was read for the wording
and which for the licence, and the words in it that say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from surveys.codes import Problem, Saying
from surveys.instrument_files.definitions import InstrumentDefinition
from surveys.instrument_files.errors import FileMistake, InstrumentFileError, Wanted
from surveys.instrument_files.instruments import read_instrument_values
from surveys.instrument_files.toml_tables import Table, parse_toml, read_text

SHELF_DIR = Path(__file__).resolve().parent.parent.parent / "instruments" / "shelf"
KINDS_OF_EVIDENCE = ("wording", "licence", "options")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read: what it shows, the address, and the words themselves."""

    shows: str
    source: str
    quote: str


@dataclass(frozen=True, slots=True)
class ShelvedInstrument:
    """An instrument of the shelf, and why it may stand there."""

    definition: InstrumentDefinition
    evidence: tuple[Evidence, ...]


@cache
def shelf() -> tuple[ShelvedInstrument, ...]:
    """Every scale of the shelf, by name."""
    return tuple(read_shelved(path) for path in sorted(SHELF_DIR.glob("*.toml")))


def shelved(name: str) -> ShelvedInstrument | None:
    """One scale of the shelf; None if there is none of this name."""
    return next((one for one in shelf() if one.definition.slug == name), None)


def read_shelved(path: Path) -> ShelvedInstrument:
    """Read a file of the shelf; without evidence of wording and licence it is refused.

    Raises `InstrumentFileError`.
    """
    values = parse_toml(read_text(path), file=path.name)
    rows: Any = values.pop("evidence", [])
    problems: list[Problem] = []
    table = Table({"evidence": rows}, path="", problems=problems)
    evidence = tuple(_evidence(row) for row in table.tables("evidence", named_by="shows"))
    shown = {one.shows for one in evidence}
    for wanted in ("wording", "licence"):
        if wanted not in shown:
            said = Saying(Wanted.TABLES, {"path": "evidence"})
            about = {"wanted": said}
            problems.append(Problem(f"evidence[{wanted}]", FileMistake.MISSING_KEY, about))
    if problems:
        raise InstrumentFileError(path.name, problems)
    return ShelvedInstrument(read_instrument_values(values, file=path.name), evidence)


def _evidence(table: Table) -> Evidence:
    shows = table.choice("shows", KINDS_OF_EVIDENCE)
    made = Evidence(shows, table.text("source"), table.text("quote"))
    table.finish()
    return made
