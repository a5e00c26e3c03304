"""The nonparametric bootstrap of a fit: rows (or clusters) drawn again within each group.

Every resample is refitted from its sufficient statistics, starting at the original solution
(`refit.py`).  Resample r draws from a random stream of its own and chunks of resamples have a fixed
size, so the numbers are the same, to the last bit, for any number of processes.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.data.moments import Moments
from analysis.sem.errors import ModelSpecificationError, SemError
from analysis.sem.model.constraints import Definitions
from analysis.sem.normal.estimation import Compiled, Estimation
from analysis.sem.normal.inference import inverse_information
from analysis.sem.normal.robust import group_scores
from analysis.sem.normal.solution.admissibility import admissible_stack
from analysis.sem.normal.solution.alignment import FactorSigns
from analysis.sem.resampling.intervals import bca_limits, percentile_limits
from analysis.sem.resampling.ordinal import OrdinalRefits
from analysis.sem.resampling.refit import BatchRefit, BlockMoments
from analysis.sem.resampling.rows import (
    AllButOne,
    ExplicitRows,
    RandomRows,
    RowBlocks,
    Weights,
    cluster_numbers,
)
from analysis.sem.results import Parameter, SemFit

__all__ = [
    "Bootstrap",
    "BootstrapInterval",
    "bootstrap",
    "bootstrap_rows",
    "without_each_cluster",
]

# Numbers per stack of matrices of a chunk of resamples: 2 MB, a dozen stacks at a time.
CHUNK_NUMBERS = 250_000
LARGEST_CHUNK = 100
# A resample whose full search takes longer counts as failed.
MOST_ITERATIONS = 100
ORDINAL_CHUNK = 10


@dataclass(frozen=True, slots=True)
class BootstrapInterval:
    """One parameter over the resamples: mean shift from `est`, standard error, limits."""

    lhs: str
    op: str
    rhs: str
    group: str
    label: str
    est: float
    bias: float
    se: float
    ci_lower: float
    ci_upper: float


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Estimates of every resample.

    Attributes:
        parameters: those of the fit, in its order; their estimates are the point solution.
        estimates: resamples × parameters, factors signed like the point solution.
        converged, admissible: which resamples reached a minimum, and one without a negative
            variance or an impossible covariance matrix.
    """

    parameters: tuple[Parameter, ...]
    estimates: FloatArray
    converged: Mask
    admissible: Mask
    _influence: FloatArray = field(repr=False)

    @property
    def n_failed(self) -> int:
        """Resamples without a minimum."""
        return int((~self.converged).sum())

    @property
    def n_inadmissible(self) -> int:
        """Resamples whose minimum is inadmissible."""
        return int((self.converged & ~self.admissible).sum())

    def usable(self, *, inadmissible: bool = False) -> FloatArray:
        """Estimates of the resamples that count: converged and, unless asked for, admissible."""
        return self.estimates[self.converged & (self.admissible | inadmissible)]

    def intervals(
        self, *, level: float = 0.95, method: str = "percentile", inadmissible: bool = False
    ) -> tuple[BootstrapInterval, ...]:
        """Standard error (divisor R, as lavaan) and confidence limits of every parameter.

        `method` is "percentile" or "bca" (Efron 1987, J. Amer. Statist. Assoc. 82, 171-185), its
        acceleration from the empirical influence of every row, or cluster (none for WLSMV).
        Raises ModelSpecificationError: an unknown method, or fewer than two usable resamples.
        """
        draws = self.usable(inadmissible=inadmissible)
        if method not in ("percentile", "bca"):
            raise ModelSpecificationError(f'method is "percentile" or "bca", not "{method}"')
        if len(draws) < 2:
            raise ModelSpecificationError(
                f"{len(draws)} of {len(self.estimates)} resamples are usable: see n_failed and "
                "n_inadmissible, and simplify the model"
            )
        point = np.array([parameter.est for parameter in self.parameters])
        limits = (
            percentile_limits(draws, level)
            if method == "percentile"
            else bca_limits(draws, point, self._influence, level)
        )
        columns = zip(
            self.parameters, draws.mean(axis=0) - point, draws.std(axis=0), limits, strict=True
        )
        return tuple(
            BootstrapInterval(
                p.lhs, p.op, p.rhs, p.group, p.label, p.est, float(bias), float(se), *map(float, ci)
            )
            for p, bias, se, ci in columns
        )


def bootstrap(
    fit: SemFit,
    *,
    draws: int = 1000,
    seed: int,
    cluster: npt.ArrayLike | None = None,
    processes: int = 1,
) -> Bootstrap:
    """Refits `fit` to `draws` resamples of its rows, drawn within each group.

    With `cluster` (one id per row of the data given to `fit`; by default the fit's own), whole
    clusters are drawn: answers of one prompt, or one persona, stay together.  The same seed gives
    the same numbers for any number of `processes` (a script that asks for several needs its
    `if __name__ == "__main__"`: workers may import it again).

    Raises ModelSpecificationError: the fit did not converge.
    """
    estimation = _converged(fit)
    clusters = cluster_numbers(estimation.sample, cluster)
    return _run(fit, estimation, RandomRows(draws, seed, clusters), clusters, processes)


def bootstrap_rows(fit: SemFit, rows: npt.ArrayLike, *, processes: int = 1) -> Bootstrap:
    """Refits `fit` to resamples given explicitly: one line of row numbers (from 0) per resample.

    Numbers count the rows of the data given to `fit`; rows the fit dropped are dropped again.
    Raises ModelSpecificationError: the fit did not converge, a negative row number, or a resample
    without any row of some group.
    """
    estimation = _converged(fit)
    numbers = np.atleast_2d(np.asarray(rows, dtype=np.intp))
    if numbers.min() < 0:
        raise ModelSpecificationError(f"row {numbers.min()} does not exist: rows count from 0")
    for label, own in zip(estimation.sample.groups, estimation.sample.rows, strict=True):
        without = np.flatnonzero(~np.isin(numbers, own).any(axis=1))
        if len(without):
            raise ModelSpecificationError(f"resample {without[0]} has no row of group {label}")
    kept = np.concatenate(estimation.sample.rows)
    position = np.full(max(int(kept.max()), int(numbers.max())) + 1, -1, dtype=np.intp)
    position[kept] = np.arange(len(kept))
    clusters = cluster_numbers(estimation.sample)
    return _run(fit, estimation, ExplicitRows(numbers, position), clusters, processes)


def without_each_cluster(
    fit: SemFit, cluster: npt.ArrayLike | None = None
) -> tuple[Bootstrap, tuple[int, ...]]:
    """Refits `fit` to the samples that lack one cluster each, those of the first group first.

    Returns the number of clusters of each group, too. `cluster` as in `bootstrap`.
    Raises ModelSpecificationError: the fit did not converge, or a group is a single cluster.
    """
    estimation = _converged(fit)
    clusters = cluster_numbers(estimation.sample, cluster)
    left_out = AllButOne(clusters)
    if min(left_out.sizes) < 2:
        raise ModelSpecificationError("a group of one cluster leaves no sample without it")
    return _run(fit, estimation, left_out, clusters, processes=1), left_out.sizes


def _converged(fit: SemFit) -> Estimation:
    if not fit.converged:
        raise ModelSpecificationError("the fit did not converge: there is nothing to resample")
    return fit.estimation


# -- the work ---------------------------------------------------------------------------------


class _Refits(Protocol):
    """All a process needs to refit any chunk of resamples."""

    def chunk(self, numbers: Sequence[int]) -> tuple[FloatArray, Mask, Mask]:
        """Row values, converged, admissible of these resamples."""
        ...


@dataclass(frozen=True)
class _NormalRefits:
    """Refits from means and covariances, a stack at a time."""

    weights: Weights
    blocks: RowBlocks
    refit: BatchRefit
    compiled: Compiled
    signs: FactorSigns
    linear: bool

    def chunk(self, numbers: Sequence[int]) -> tuple[FloatArray, Mask, Mask]:
        """Row values, converged, admissible of these resamples."""
        moments = self._moments(numbers)
        if self.linear:
            result = self.refit.run(moments)
            x, converged = result.x, result.converged
        else:  # the quick search keeps to linear equations alone
            x = np.tile(self.refit.solution, (len(numbers), 1))
            converged = np.zeros(len(numbers), dtype=np.bool_)
        for failed in np.flatnonzero(~converged):
            found = self._search_again(moments, int(failed), x[failed])
            if found is not None:
                x[failed], converged[failed] = found, True
        values = self.refit.row_values(x, moments.fixed)
        admissible = converged & admissible_stack(self.refit.matrices(x, moments.fixed))
        return self.signs.align(values), converged, admissible

    def _moments(self, numbers: Sequence[int]) -> BlockMoments:
        n, mean, cov = self.blocks.moments(self.weights.counts(numbers))
        layout = self.compiled.layout
        moments = BlockMoments(n, mean, cov, np.tile(layout.fixed_values, (len(n), 1)))
        if any(row.exogenous for row in layout.table.rows):
            for k in range(len(n)):
                pooled = self._moments_of(moments, k).pooled()
                moments.fixed[k] = layout.with_exogenous(*pooled).fixed_values
        return moments

    def _moments_of(self, moments: BlockMoments, number: int) -> Moments:
        """Those of one resample, as the full search wants them."""
        blocks = self.blocks
        n, mean, cov = moments.n[number], moments.mean[number], moments.cov[number]
        return Moments(blocks.group, n, mean, cov, blocks.mask)

    def _search_again(
        self, moments: BlockMoments, number: int, start: FloatArray
    ) -> FloatArray | None:
        """The full search for a resample the quick one could not finish, warm then cold."""
        own = self._moments_of(moments, number)
        for point in (start, None):
            try:
                search = self.compiled.refit(own, point)
            except (SemError, np.linalg.LinAlgError):
                continue
            if search.converged:
                return search.point.x
        return None


_work: _Refits | None = None  # what a worker process was given at its start


def _receive(work: _Refits) -> None:
    global _work
    _work = work


def _do(numbers: Sequence[int]) -> tuple[FloatArray, Mask, Mask]:
    assert _work is not None
    return _work.chunk(numbers)


def _run(
    fit: SemFit,
    estimation: Estimation,
    weights: Weights,
    clusters: tuple[IntArray, ...],
    processes: int,
) -> Bootstrap:
    work, size = _refits(estimation, weights)
    chunks = [range(k, min(k + size, weights.draws)) for k in range(0, weights.draws, size)]
    parts = list(_carried_out(work, chunks, processes))
    values, converged, admissible = (np.concatenate(part) for part in zip(*parts, strict=True))
    values[~converged] = np.nan
    slopes, definitions = _definition_slopes(estimation)
    defined = [
        definitions.evaluate(line)[0] if fine else np.full(len(definitions), np.nan)
        for line, fine in zip(values, converged, strict=True)
    ]
    if len(definitions):
        values = np.hstack([values, np.array(defined)])
    influence = _influence(estimation, clusters) @ slopes.T
    return Bootstrap(fit.parameters, values, converged, admissible, influence)


def _carried_out(
    work: _Refits, chunks: Sequence[range], processes: int
) -> Iterable[tuple[FloatArray, Mask, Mask]]:
    if processes <= 1 or len(chunks) == 1:
        return [work.chunk(chunk) for chunk in chunks]
    workers, context = min(processes, len(chunks)), get_context(_start_method())
    with ProcessPoolExecutor(workers, context, initializer=_receive, initargs=(work,)) as pool:
        return list(pool.map(_do, chunks))


def _start_method() -> str:
    """ "fork" where it is safe, in a process of one thread; "spawn", slower to start, elsewhere."""
    threads = Path("/proc/self/task")
    return "fork" if threads.is_dir() and len(list(threads.iterdir())) == 1 else "spawn"


def _refits(estimation: Estimation, weights: Weights) -> tuple[_Refits, int]:
    """The work, and how many resamples to do at a time: never a matter of processes."""
    if estimation.options.is_ordinal:
        return OrdinalRefits.of(estimation, weights, MOST_ITERATIONS), ORDINAL_CHUNK
    work = _normal_refits(estimation, weights)
    blocks, p = work.blocks.mask.shape
    return work, int(np.clip(CHUNK_NUMBERS // (blocks * p * p), 4, LARGEST_CHUNK))


def _normal_refits(estimation: Estimation, weights: Weights) -> _NormalRefits:
    layout, point = estimation.layout, estimation.search.point
    options = estimation.options
    blocks = RowBlocks.of(
        estimation.sample,
        with_means=options.meanstructure,
        unbiased=options.likelihood == "wishart",
    )
    refit = BatchRefit(layout, point.x, _inverse(estimation), blocks.group, blocks.mask)
    compiled = Compiled(layout, estimation.constraints, MOST_ITERATIONS)
    signs = FactorSigns.of(layout, estimation.values)
    linear = not layout.table.inequalities and estimation.constraints.are_linear(estimation.values)
    return _NormalRefits(weights, blocks, refit, compiled, signs, linear)


def _inverse(estimation: Estimation) -> FloatArray:
    """H⁻¹ of the expected information per observation, within the constraints."""
    information = estimation.model.expected_information(estimation.search.point)
    return inverse_information(information, estimation.jacobian)


def _definition_slopes(estimation: Estimation) -> tuple[FloatArray, Definitions]:
    """Derivatives of every parameter (rows of the table, then defined ones) by free parameter."""
    layout = estimation.layout
    definitions = Definitions(layout.table)
    to_free = np.zeros((len(layout.table.rows), layout.n_free))
    to_free[layout.free_rows, layout.table.index[layout.free_rows]] = 1.0
    if not len(definitions):
        return to_free, definitions
    _, slopes = definitions.evaluate(estimation.values)
    return np.vstack([to_free, slopes @ to_free]), definitions


def _influence(estimation: Estimation, clusters: tuple[IntArray, ...]) -> FloatArray:
    """How each row (or the sum of a cluster's) moves the free parameters: H⁻¹ s / N.

    Zero for ordinal fits, whose limits are then bias-corrected but not accelerated.
    """
    model, sample = estimation.model, estimation.sample
    if estimation.options.is_ordinal:
        return np.zeros((1, model.layout.n_free))
    inverse = _inverse(estimation)
    parts = []
    for group, members in enumerate(clusters):
        own = group_scores(model, estimation.search.point, sample, group)
        own = own * sample.weight(group)[:, None]
        summed = np.zeros((int(members.max()) + 1, own.shape[1]))
        np.add.at(summed, members, own)
        parts.append(summed @ inverse[model.layout.slots[group].free] / model.moments.total)
    return np.vstack(parts)
