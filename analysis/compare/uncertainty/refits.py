"""One group's model, refitted to many resamples at once.

A resample enters as counts of rows, a permutation as orders of the outcome rows; both become
moments, and moments are all a refit needs. What comes back are standardised paths and explained
variances, NaN where a refit found no minimum.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.compare.data.measurement import composite_name
from analysis.compare.models.attempt import NUMERICAL
from analysis.compare.models.estimability import GroupModel
from analysis.compare.models.slopes import Slopes, implied_variances
from analysis.compare.uncertainty.draws import Array, Integers
from analysis.sem.data.moments import Moments
from analysis.sem.model.representation import Layout
from analysis.sem.normal.estimation import Compiled, Estimation
from analysis.sem.normal.inference import inverse_information
from analysis.sem.normal.solution.admissibility import admissible_stack
from analysis.sem.resampling.refit import BatchRefit, BlockMoments
from analysis.sem.resampling.rows import RowBlocks

# Estimates are rounded here, so that a last bit that hangs on the machine's matrix products never
# reaches a report.
DECIMALS = 10
# A resample that needs more scoring steps than this counts as one without a solution.
MOST_ITERATIONS = 60


@dataclass(frozen=True, slots=True)
class Refits:
    """Standardised paths (C, P) and explained variances (C, O) of C refits."""

    paths: Array
    r2: Array


@dataclass(frozen=True)
class GroupRefits:
    """A fitted group model, ready to be refitted.

    ``rows`` are the numbers of the group's rows that entered the fit. ``paths`` are the plan's
    paths with an estimate, ``outcomes`` (O,) the latent numbers of the outcomes. ``complete``
    (n, p) are the complete rows that entered; ``stage`` (p,) numbers the stage of the outcome that
    a column measures from 0, -1 for others.
    """

    rows: Integers
    paths: tuple[str, ...]
    slopes: Slopes
    outcomes: Integers
    outcome_keys: tuple[str, ...]
    blocks: RowBlocks
    compiled: Compiled
    batch: BatchRefit
    whole: BatchRefit
    complete: Array
    complete_rows: Integers
    stage: Integers

    @classmethod
    def of(cls, model: GroupModel) -> "GroupRefits":
        """Prepare a group model that has a fit."""
        assert model.fit is not None
        estimation = model.fit.estimation
        layout = estimation.layout
        paths = [path for path in model.spec.paths if model.reason_for(path) is None]
        keys = [key for key in model.spec.outcomes if key in model.names]
        means = estimation.options.meanstructure
        blocks = RowBlocks.of(estimation.sample, with_means=means, unbiased=False)
        values = estimation.sample.values[0]
        full = np.isfinite(values).all(axis=1)
        rows = np.asarray(estimation.sample.rows[0], dtype=np.int64)
        return cls(
            rows=rows,
            paths=tuple(path.key for path in paths),
            slopes=Slopes.of(model, layout, paths),
            outcomes=np.array([layout.latent.index(model.names[key]) for key in keys]),
            outcome_keys=tuple(keys),
            blocks=blocks,
            compiled=Compiled(layout, estimation.constraints, MOST_ITERATIONS),
            batch=_batch(estimation, blocks.group, blocks.mask),
            whole=_batch(
                estimation, np.zeros(1, dtype=np.intp), np.ones((1, values.shape[1]), dtype=bool)
            ),
            complete=values[full],
            complete_rows=rows[full],
            stage=_stages(model, layout),
        )

    @property
    def stages(self) -> int:
        """How many orders of the rows break every path."""
        return int(self.stage.max(initial=-1)) + 1

    def resampled(self, counts: Array) -> Refits:
        """Refit to resamples. ``counts``: (C, n) of all rows of the group."""
        n, mean, cov = self.blocks.moments(counts[:, self.rows])
        return self._refit(self.batch, n, mean, cov)

    def dealt_again(self, orders: Integers) -> Refits:
        """Refit with the outcomes of other rows: those of each stage in an order of their own.

        ``orders``: (C, stages, number of complete rows), positions among the complete rows. An
        outcome that predicts another one is thus dealt apart from it. What has an inadmissible
        solution has no path: as a model it would not have stood here.
        """
        moments = [self._dealt(order) for order in orders]
        mean = np.array([mean for mean, _ in moments])[:, None] * self.blocks.with_means
        cov = np.array([cov for _, cov in moments])[:, None]
        size = np.full((len(orders), 1), float(len(self.complete)))
        return self._refit(self.whole, size, mean, cov, admissible=True)

    def _dealt(self, order: Integers) -> tuple[Array, Array]:
        """Means and covariances of the complete rows, the outcomes dealt in these orders."""
        rows = self.complete.copy()
        for stage, dealt in enumerate(order):
            own = self.stage == stage
            rows[:, own] = self.complete[np.ix_(dealt, own)]
        mean = rows.mean(axis=0)
        centred = rows - mean
        return mean, centred.T @ centred / len(rows)

    def _refit(
        self, batch: BatchRefit, n: Array, mean: Array, cov: Array, *, admissible: bool = False
    ) -> Refits:
        fixed = self._fixed(batch, n, mean, cov)
        moments = BlockMoments(n, mean, cov, fixed)
        with np.errstate(all="ignore"):
            result = batch.run(moments)
        x, converged = result.x.copy(), result.converged.copy()
        for failed in np.flatnonzero(~converged):
            own = Moments(batch.group, n[failed], mean[failed], cov[failed], batch.mask > 0.0)
            found = self._search_again(own)
            if found is not None:
                x[failed], converged[failed] = found, True
        matrices = batch.matrices(x, fixed)
        return self._read(
            matrices, converged & admissible_stack(matrices) if admissible else converged
        )

    def _search_again(self, moments: Moments) -> Array | None:
        """The full search, from scratch, where the quick one got stuck."""
        try:
            with np.errstate(
                all="ignore"
            ):  # a search that overflows on its way has failed, no more
                search = self.compiled.refit(moments)
        except NUMERICAL:
            return None
        return search.point.x if search.converged else None

    def _fixed(self, batch: BatchRefit, n: Array, mean: Array, cov: Array) -> Array:
        """Values of fixed parameters; moments of observed predictors follow the resample."""
        layout = self.compiled.layout
        fixed = np.tile(layout.fixed_values, (len(n), 1))
        if any(row.exogenous for row in layout.table.rows):
            for k in range(len(n)):
                pooled = Moments(batch.group, n[k], mean[k], cov[k], batch.mask > 0.0).pooled()
                fixed[k] = layout.with_exogenous(*pooled).fixed_values
        return fixed

    def _read(self, matrices: dict[str, Array], converged: NDArray[np.bool_]) -> Refits:
        beta, psi = matrices["beta"][:, 0], matrices["psi"][:, 0]
        variance = implied_variances(beta, psi)
        residual = np.diagonal(psi, axis1=1, axis2=2)
        paths = self.slopes.standardised(beta, variance)
        with np.errstate(invalid="ignore", divide="ignore"):
            r2 = 1.0 - residual[:, self.outcomes] / variance[:, self.outcomes]
        usable = converged[:, None]
        return Refits(
            np.where(usable & np.isfinite(paths), np.round(paths, DECIMALS), np.nan),
            np.where(usable & np.isfinite(r2), np.round(r2, DECIMALS), np.nan),
        )


def _batch(estimation: Estimation, group: NDArray[np.intp], mask: NDArray[np.bool_]) -> BatchRefit:
    jacobian = estimation.constraints.jacobian(estimation.values)
    information = estimation.model.expected_information(estimation.search.point)
    inverse = inverse_information(information, jacobian)
    return BatchRefit(estimation.layout, estimation.search.point.x, inverse, group, mask)


def _stages(model: GroupModel, layout: Layout) -> Integers:
    """The stage of the outcome that each observed variable measures, as indicator or mean score."""
    found: dict[str, int] = {}
    for number, keys in enumerate(model.spec.stages):
        for construct in model.spec.constructs:
            if construct.key in keys:
                names = [composite_name(construct.key), *(one.name for one in construct.indicators)]
                found |= dict.fromkeys(names, number)
    return np.array([found.get(name, -1) for name in layout.observed], dtype=np.int64)
