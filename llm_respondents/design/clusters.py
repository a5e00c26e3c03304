"""Which sessions of a panel share a draw: what the analysis counts instead of sessions. Pure.

A cluster is a draw from a population that several sessions share: a matched person, a row of a
table of personas that is dealt again, the answers of a respondent that are shown again, a prompt
that is put again where nothing is drawn (temperature 0). What the researcher chose (arm, scale
direction, order of blocks, a handful of wordings) is a condition, and sessions within one are
draws of their own; wordings are a sample of wordings where there are many.

    expected = clusters_of(planned_draws(spec, sessions=200, shuffles_items=False))
    count_clusters(Counter(expected)).below_floor

A seed that an endpoint honours repeats nothing here: every session sends a seed of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import count
from typing import Any

from llm_respondents.codes import ClusterNote
from llm_respondents.design.spec import Cell, PanelSpec
from surveys.independence import FEWEST_CLUSTERS

# So many wordings stand for wordings as such; fewer are conditions that were chosen.
FEWEST_WORDINGS = 30


@dataclass(frozen=True, slots=True)
class Draws:
    """What a session has from a population that others may have too; "" where there is nothing.

    The fields are the kinds of cluster, in the order in which one of two equal ones is taken.
    """

    person: str = ""
    persona: str = ""
    donor: str = ""
    wording: str = ""
    prompt: str = ""


KINDS = tuple(part.name for part in fields(Draws))


@dataclass(frozen=True, slots=True)
class ClusterCount:
    """How many independent draws so many sessions are; `shared` is what clusters share, or ""."""

    sessions: int
    clusters: int
    shared: str = ""

    @property
    def below_floor(self) -> bool:
        """Whether there are too few of them for standard errors, intervals and verdicts."""
        return self.clusters < FEWEST_CLUSTERS

    @property
    def note(self) -> ClusterNote:
        """What this means for the analysis."""
        if not self.shared:
            return ClusterNote.FEW_SESSIONS if self.below_floor else ClusterNote.OWN_DRAWS
        return ClusterNote.TOO_FEW if self.below_floor else ClusterNote.COUNTED

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs."""
        return {
            "sessions": self.sessions,
            "clusters": self.clusters,
            "shared": self.shared,
            "needed": FEWEST_CLUSTERS,
            "below_floor": self.below_floor,
            "note": self.note.value,
        }


def planned_draws(
    spec: PanelSpec,
    *,
    sessions: int,
    shuffles_items: bool,
    donors: Sequence[object] = (),
) -> list[Draws]:
    """What each of a panel's sessions draws, in the order in which sessions are dealt.

    `shuffles_items` is whether the study mixes items of a block by the session's seed. `donors` are
    those of the sessions with a swapped history, in their order; fewer are dealt in turn.
    """
    cells, rows, dealt = spec.cells, persona_rows(spec, sessions), count()
    drawn = []
    for number in range(sessions):
        round_, place = divmod(number, len(cells))
        cell = cells[place]
        one = Draws(
            person=str(round_) if spec.personas == "matched" else "",
            persona=str(round_ % rows) if rows else "",
            wording=cell.wording if len(spec.wordings) >= FEWEST_WORDINGS else "",
        )
        if cell.arm.history == "swapped" and donors:
            one = replace(one, donor=str(donors[next(dealt) % len(donors)]))
        if _is_fixed(spec, cell, shuffles_items=shuffles_items):
            one = replace(one, prompt=f"{place}/{one.person}/{one.persona}/{one.donor}")
        drawn.append(one)
    return drawn


def persona_rows(spec: PanelSpec, sessions: int) -> int:
    """How many personas there are to deal, each to one session of every cell; 0 without any.

    Two rows that read alike are two draws, as two people of one age are.
    """
    if spec.personas == "table":
        return len(spec.persona_table)
    return -(-sessions // len(spec.cells)) if spec.personas == "margins" else 0


def clusters_of(drawn: Sequence[Draws]) -> list[str]:
    """The cluster of each session, "" for one that shares nothing.

    Where several things are shared across each other, the one with the fewest levels makes the
    clusters: it is what there is least of.
    """
    levels = {kind: [getattr(one, kind) for one in drawn] for kind in KINDS}
    counts = {kind: len(set(filter(None, each))) + each.count("") for kind, each in levels.items()}
    kind = min(KINDS, key=lambda one: counts[one])
    if counts[kind] == len(drawn):
        return [""] * len(drawn)
    places = {level: place for place, level in enumerate(dict.fromkeys(levels[kind]), start=1)}
    return [f"{kind}:{places[level]}" if level else "" for level in levels[kind]]


def count_clusters(sessions: Mapping[str, int]) -> ClusterCount:
    """How many draws sessions are, from how many are of each cluster ("": draws of their own)."""
    shared = [cluster for cluster in sessions if cluster]
    kind = shared[0].split(":")[0] if shared else ""
    return ClusterCount(sum(sessions.values()), len(shared) + sessions.get("", 0), kind)


def _is_fixed(spec: PanelSpec, cell: Cell, *, shuffles_items: bool) -> bool:
    """Whether sessions of a cell put the very same prompts, and nothing is drawn in replying.

    A matched session has its person's order. A verbalised distribution is drawn from.
    """
    orders = spec.personas != "matched" and (shuffles_items or cell.block_order == "shuffled")
    return (
        spec.sampling.temperature == 0
        and not spec.simulated
        and cell.arm.elicitation != "distribution"
        and cell.arm.option_order == "scale"
        and not orders
    )
