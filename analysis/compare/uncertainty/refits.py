"""One group's model, refitted to many resamples at once.

A resample enters as counts of rows, a permutation as an order of the outcome rows; both become
moments, and moments are all a refit needs. What comes back are standardised paths and explained
variances, NaN where a refit found no minimum.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.compare.models.attempt import NUMERICAL
from analysis.compare.models.estimability import GroupModel
from analysis.compare.plan import PathSpec
from analysis.compare.uncertainty.draws import Array, Integers
from analysis.sem.data.moments import Moments
from analysis.sem.model.representation import Layout
from analysis.sem.normal.estimation import Compiled, Estimation
from analysis.sem.normal.inference import inverse_information
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
    paths with an estimate, ``ends`` (P, 2) the latent numbers of their outcome and predictor,
    ``outcomes`` (O,) those of the outcomes. ``complete`` (n, p) are the complete rows that entered,
    ``dealt`` (p,) marks the indicators of outcomes.
    """

    rows: Integers
    paths: tuple[str, ...]
    ends: Integers
    outcomes: Integers
    outcome_keys: tuple[str, ...]
    blocks: RowBlocks
    compiled: Compiled
    batch: BatchRefit
    whole: BatchRefit
    complete: Array
    complete_rows: Integers
    dealt: NDArray[np.bool_]

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
            ends=_ends(model, layout, paths),
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
            dealt=_outcome_columns(model, layout),
        )

    def resampled(self, counts: Array) -> Refits:
        """Refit to resamples. ``counts``: (C, n) of all rows of the group."""
        n, mean, cov = self.blocks.moments(counts[:, self.rows])
        return self._refit(self.batch, n, mean, cov)

    def dealt_again(self, orders: Integers) -> Refits:
        """Refit with the outcome rows dealt to the predictor rows in these orders.

        ``orders``: (C, number of complete rows), positions among the complete rows.
        """
        centred = self.complete - self.complete.mean(axis=0)
        size = len(centred)
        base = centred.T @ centred / size
        cov = np.tile(base, (len(orders), 1, 1, 1))
        fixed, moved = np.flatnonzero(~self.dealt), np.flatnonzero(self.dealt)
        for k, order in enumerate(orders):
            crossed = centred[:, fixed].T @ centred[order][:, moved] / size
            cov[k, 0][np.ix_(fixed, moved)] = crossed
            cov[k, 0][np.ix_(moved, fixed)] = crossed.T
        mean = self.complete.mean(axis=0) * self.blocks.with_means
        means = np.tile(mean, (len(orders), 1, 1))
        return self._refit(self.whole, np.full((len(orders), 1), float(size)), means, cov)

    def _refit(self, batch: BatchRefit, n: Array, mean: Array, cov: Array) -> Refits:
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
        return self._read(batch.matrices(x, fixed), converged)

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
        inverse = np.linalg.inv(np.eye(beta.shape[-1]) - beta)
        variance = np.diagonal(inverse @ psi @ inverse.swapaxes(1, 2), axis1=1, axis2=2)
        residual = np.diagonal(psi, axis1=1, axis2=2)
        outcome, predictor = self.ends[:, 0], self.ends[:, 1]
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.sqrt(variance[:, predictor] / variance[:, outcome])
            paths = beta[:, outcome, predictor] * scale
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


def _ends(model: GroupModel, layout: Layout, paths: Sequence[PathSpec]) -> Integers:
    names = [(model.names[path.outcome], model.names[path.predictor]) for path in paths]
    ends = [[layout.latent.index(name) for name in pair] for pair in names]
    return np.array(ends, dtype=np.int64).reshape(len(paths), 2)


def _outcome_columns(model: GroupModel, layout: Layout) -> NDArray[np.bool_]:
    """Observed variables that belong to outcomes: indicators, or composites under their own key."""
    own: set[str] = set()
    for construct in model.spec.constructs:
        if construct.key in model.spec.outcomes:
            own |= {construct.key, *(one.name for one in construct.indicators)}
    return np.array([name in own for name in layout.observed])
