"""A specification as a reader sees it: its cells and how many sessions each has, what is the same
for all of them, and the file that would recruit it again.

design = design_of(spec, sessions=spec.sessions)
design.cells[0].levels     # in the reader's language, one for each of design.factors
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from llm_respondents.design.personas import quotas
from llm_respondents.design.spec import Cell, PanelSpec
from llm_respondents.web.design_words import (
    BLOCKS_NAME,
    DIRECTIONS_NAME,
    PARTS,
    WORDING_NAME,
    blocks_in_words,
    direction_in_words,
    part_in_words,
)
from surveys.models import Administration, Kind, Study

# Which endpoint is meant is named in a file as on the page and over REST.
_OPERATORS = ("provider", "base_url", "dialect", "api_key_env")
MOST_CELLS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class DesignCell:
    """One condition: its level of each factor that varies, and how many sessions it has."""

    levels: tuple[str, ...]
    sessions: int


@dataclass(frozen=True, slots=True)
class Quota:
    """How many of the personas of each condition have one value of an attribute."""

    label: str
    value: str
    people: int


@dataclass(frozen=True, slots=True)
class Design:
    """A panel's design in words. `constant` are (name, value) of what does not vary."""

    sessions: int
    factors: tuple[str, ...]
    cells: tuple[DesignCell, ...]
    constant: tuple[tuple[str, str], ...]
    personas: str
    quotas: tuple[Quota, ...]
    people: int
    wordings: tuple[tuple[str, str], ...]

    @property
    def per_cell(self) -> str:
        """How many sessions a condition has: one number, or the two that occur."""
        counts = sorted({cell.sessions for cell in self.cells})
        return "–".join(map(str, counts))

    @property
    def empty_cells(self) -> int:
        """Conditions without a session: there are fewer sessions than conditions."""
        return sum(not cell.sessions for cell in self.cells)

    @property
    def shown(self) -> tuple[DesignCell, ...]:
        """The conditions that a page lists."""
        return self.cells[:MOST_CELLS_SHOWN]

    @property
    def not_shown(self) -> int:
        """How many conditions a page leaves out."""
        return len(self.cells) - len(self.shown)


def design_of(spec: PanelSpec, *, sessions: int) -> Design:
    """The design of a panel that has so many sessions, dealt in turn to its cells."""
    cells = spec.cells
    columns = _columns(spec, cells)
    varied = [column for column in columns if len(set(column[1])) > 1]
    rows = zip(*(levels for _name, levels in varied), strict=True) if varied else [()] * len(cells)
    counts = [sessions // len(cells) + (at < sessions % len(cells)) for at in range(len(cells))]
    people = -(-sessions // len(cells))
    return Design(
        sessions=sessions,
        factors=tuple(name for name, _levels in varied),
        cells=tuple(DesignCell(tuple(r), n) for r, n in zip(rows, counts, strict=True)),
        constant=tuple((name, levels[0]) for name, levels in columns if len(set(levels)) == 1),
        personas=spec.personas,
        quotas=tuple(_quotas(spec, people)),
        people=people,
        wordings=tuple((name, text) for name, text in sorted(spec.wordings.items())),
    )


def sessions_to_recruit(study: Study, spec: PanelSpec) -> int:
    """How many sessions recruiting would make; a matched panel has one for each person and cell."""
    if spec.personas != "matched":
        return spec.sessions
    people = Administration.objects.filter(
        study=study,
        respondent__kind=Kind.HUMAN,
        respondent__simulated=False,
        status=Administration.Status.COMPLETED,
    ).count()
    wanted = people * len(spec.cells)
    return min(wanted, spec.sessions) if spec.sessions else wanted


def shown_design(spec: PanelSpec, *, sessions: int, endpoint: str) -> dict[str, Any]:
    """What a page shows of a specification, before it is recruited and afterwards."""
    return {"design": design_of(spec, sessions=sessions), "spec_file": as_file(spec, endpoint)}


def as_file(spec: PanelSpec, endpoint: str) -> str:
    """The specification as a JSON file that recruits the same again, wherever the endpoint's name
    is known; where the endpoint is and which key it takes stays with the operator.
    """
    whole = {name: part for name, part in spec.as_json().items() if name not in _OPERATORS}
    profile = whole.pop("profile")
    who = {"profile": profile} if profile else {"endpoint": endpoint}
    if profile:
        whole.pop("model")
    if whole["persona_table"]:
        whole["persona_table"] = [dict(row) for row in whole["persona_table"]]
    else:
        whole.pop("persona_table")
    if "margins" in whole:
        whole["margins"] = {label: dict(shares) for label, shares in whole["margins"]}
    return json.dumps({**who, **whole}, ensure_ascii=False, indent=2) + "\n"


def _columns(spec: PanelSpec, cells: Sequence[Cell]) -> list[tuple[str, list[str]]]:
    """(name, level of each cell) of everything that a design can vary."""
    columns = [
        (str(name), [part_in_words(part, cell.arm) for cell in cells])
        for part, (name, _words) in PARTS.items()
    ]
    if spec.personas == "matched":
        directions = [_("that of the matched person")] * len(cells)
    else:
        directions = [direction_in_words(cell.scale_direction) for cell in cells]
    wordings = [_wording(spec, cell) for cell in cells]
    return [
        *columns,
        (str(DIRECTIONS_NAME), directions),
        (str(BLOCKS_NAME), [blocks_in_words(cell.block_order) for cell in cells]),
        (str(WORDING_NAME), wordings),
    ]


def _wording(spec: PanelSpec, cell: Cell) -> str:
    return cell.wording if spec.wordings.get(cell.wording) else _("the standard one")


def _quotas(spec: PanelSpec, people: int) -> Any:
    for label, shares in spec.margins:
        for (value, _share), count in zip(shares, quotas(shares, people), strict=True):
            yield Quota(label, value, count)
