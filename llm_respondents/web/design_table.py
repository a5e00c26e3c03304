"""A design as the recruiting page offers it and as a reader sees it: its parts in words, its cells
and how many sessions each has, what is the same for all, and the file that would recruit it again.

design = design_of(spec, sessions=spec.sessions)
design.cells[0].levels     # in the reader's language, one for each of design.factors
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from llm_respondents.conversation.arms import Arm
from llm_respondents.design.clusters import ClusterCount
from llm_respondents.design.personas import quotas
from llm_respondents.design.spec import Cell, PanelSpec
from llm_respondents.readout.sentences import clusters_sentence

# Which endpoint is meant is named in a file as on the page and over REST.
_OPERATORS = ("provider", "base_url", "api", "dialect", "api_key_env")
MOST_CELLS_SHOWN = 60

_ITEMS: Mapping[str, Any] = {
    "one": _("one question"),
    "page": _("a page of the questionnaire"),
    "block": _("a whole block"),
}
_ELICITATION: Mapping[str, Any] = {
    "schema": _("as JSON, bound to the options"),
    "number": _("as the number of an option"),
    "label": _("in the words of an option"),
    "reason": _("as a reason, then JSON"),
    "distribution": _("as chances of every option, in JSON"),
}
_HISTORY: Mapping[str, Any] = {
    "full": _("all earlier turns"),
    "window": _("the last turns, as many as said beside"),
    "block": _("those of the same block"),
    "none": _("none: each turn stands alone"),
    "swapped": _("all, with another respondent's answers"),
    "own": _("all, with the matched person's answers to blocks that are not asked"),
}
_MARKS: Mapping[str, Any] = {"number": _("numbers"), "letter": _("letters")}
_ORDERS: Mapping[str, Any] = {
    "scale": _("in the order of the scale"),
    "shuffled": _("shuffled for each question"),
}
_REASONING: Mapping[str, Any] = {
    "drop": _("is left out of later turns"),
    "carry": _("is sent back with later turns"),
}
_DIRECTIONS: Mapping[str, Any] = {
    "forward": _("from low to high"),
    "reversed": _("turned round, from high to low"),
    "balanced": _("half of the sessions each"),
}
_BLOCKS: Mapping[str, Any] = {
    "study": _("as in the study"),
    "shuffled": _("shuffled for each session"),
}
# The parts of an arm by their field: what each is called, and its values in words.
PARTS: Mapping[str, tuple[Any, Mapping[str, Any]]] = {
    "items_per_turn": (_("One request asks"), _ITEMS),
    "elicitation": (_("The answer is given"), _ELICITATION),
    "history": (_("Turns that are sent again"), _HISTORY),
    "option_marks": (_("Options are marked by"), _MARKS),
    "option_order": (_("Options stand"), _ORDERS),
    "reasoning": (_("What the model thinks"), _REASONING),
}
# What holds for a whole panel, and previews show like a part of an arm.
_PICTURES: Mapping[str, Any] = {
    "described": _("are described in words"),
    "sent": _("are sent, where the endpoint takes them"),
}
PREVIEWED: Mapping[str, tuple[Any, Mapping[str, Any]]] = {
    **PARTS,
    "pictures": (_("Pictures"), _PICTURES),
}
_DIRECTIONS_NAME, _BLOCKS_NAME = _("Options are listed"), _("Order of blocks")
_WORDING_NAME = _("Instruction to the model")


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


def choices_of_part(name: str) -> list[tuple[str, Any]]:
    """(value, words) of one part of an arm, in the order in which it is offered."""
    return list(PARTS[name][1].items())


def direction_choices() -> list[tuple[str, Any]]:
    """(value, words) of the scale directions of a panel."""
    return list(_DIRECTIONS.items())


def block_choices() -> list[tuple[str, Any]]:
    """(value, words) of the orders of blocks."""
    return list(_BLOCKS.items())


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


def shown_design(spec: PanelSpec, *, clusters: ClusterCount, endpoint: str) -> dict[str, Any]:
    """What a page shows of a specification, before it is recruited and afterwards."""
    return {
        "design": design_of(spec, sessions=clusters.sessions),
        "clusters": clusters,
        "clusters_sentence": clusters_sentence(clusters),
        "spec_file": as_file(spec, endpoint),
    }


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
        (str(name), [_part_in_words(part, cell.arm) for cell in cells])
        for part, (name, _words) in PARTS.items()
    ]
    if spec.personas == "matched":
        directions = [gettext("that of the matched person")] * len(cells)
    else:
        directions = [_direction_in_words(cell.scale_direction) for cell in cells]
    wordings = [_wording(spec, cell) for cell in cells]
    return [
        *columns,
        (str(_DIRECTIONS_NAME), directions),
        (str(_BLOCKS_NAME), [_blocks_in_words(cell.block_order) for cell in cells]),
        (str(_WORDING_NAME), wordings),
    ]


def _wording(spec: PanelSpec, cell: Cell) -> str:
    return cell.wording if spec.wordings.get(cell.wording) else gettext("the standard one")


def _quotas(spec: PanelSpec, people: int) -> Any:
    for label, shares in spec.margins:
        for (value, _share), count in zip(shares, quotas(shares, people), strict=True):
            yield Quota(label, value, count)


def _part_in_words(name: str, arm: Arm) -> str:
    """What an arm says of one part, in the reader's language."""
    if name == "history" and arm.history == "window":
        return str(_("the last %(window)s turns")) % {"window": arm.window}
    value = getattr(arm, name)
    return str(PARTS[name][1].get(value, value))


def _direction_in_words(value: str) -> str:
    """A scale direction in the reader's language."""
    return str(_DIRECTIONS.get(value, value))


def _blocks_in_words(value: str) -> str:
    """An order of blocks in the reader's language."""
    return str(_BLOCKS.get(value, value))
