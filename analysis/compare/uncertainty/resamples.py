"""Every refit of a comparison: bootstrap, permutation and human samples of a model's size.

The work is cut into chunks of a fixed size, whatever the number of processes, because the last bit
of a matrix product may depend on its shape.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.compare.parallel import Work
from analysis.compare.uncertainty.draws import Integers, cluster_counts, deals, sized_counts
from analysis.compare.uncertainty.refits import GroupRefits, Refits

CHUNK = 50


class ResampleKind(StrEnum):
    """What is refitted."""

    BOOTSTRAP = "bootstrap"
    DEAL = "deal"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Job:
    """A number of refits of one group model. ``size`` is the sample size of noise draws."""

    kind: ResampleKind
    refit: str
    draws: int
    size: int = 0

    def chunks(self) -> list["Piece"]:
        """The job in pieces of ``CHUNK`` draws."""
        return [
            Piece(self, start, min(start + CHUNK, self.draws))
            for start in range(0, self.draws, CHUNK)
        ]


@dataclass(frozen=True, slots=True)
class Piece:
    """Draws ``start`` to ``stop`` of a job."""

    job: Job
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Member:
    """A group model that can be refitted, with its group's number, clusters and strata.

    ``rows`` are those of the group that the model rests on, all unless it is of a subgroup: people
    are drawn once, and what is drawn of a subgroup are its people among them.
    """

    refits: GroupRefits
    group: int
    clusters: Integers
    strata: Integers | None = None
    rows: Integers | None = None


@dataclass(frozen=True, slots=True)
class Refitter:
    """Does one piece; sent to every process once."""

    members: Mapping[str, Member]
    seed: int

    def __call__(self, piece: Piece) -> Refits:
        """Refit the draws of one piece."""
        member = self.members[piece.job.refit]
        refits, clusters = member.refits, member.clusters
        numbers = range(piece.start, piece.stop)
        if piece.job.kind is ResampleKind.BOOTSTRAP:
            counts = cluster_counts(
                clusters, self.seed, member.group, numbers, strata=member.strata
            )
            return refits.resampled(counts if member.rows is None else counts[:, member.rows])
        if piece.job.kind is ResampleKind.NOISE:
            size = piece.job.size
            counts = sized_counts(len(clusters), size, self.seed, member.group, numbers)
            return refits.resampled(counts)
        own = clusters[refits.complete_rows]
        orders = deals(own, self.seed, member.group, numbers, refits.stages)
        return refits.dealt_again(orders)


def carry_out(jobs: Sequence[Job], refitter: Refitter, work: Work) -> dict[Job, Refits]:
    """Do every job; results are keyed by job."""
    pieces = [piece for job in jobs for piece in job.chunks()]
    done = work.carry_out(refitter, pieces)
    results: dict[Job, Refits] = {}
    for job in jobs:
        own = [part for piece, part in zip(pieces, done, strict=True) if piece.job == job]
        if own:
            results[job] = Refits(
                np.concatenate([part.paths for part in own]),
                np.concatenate([part.r2 for part in own]),
            )
    return results
