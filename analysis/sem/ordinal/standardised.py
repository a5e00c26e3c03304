"""The standardised solution of ordered items, with numerical delta-method standard errors.

Latent responses are divided by their implied standard deviations 1/Δ: a threshold by the same, and
a scale becomes one.  Residual variances (delta) and scales (theta) depend on all other parameters,
so the Jacobian is taken by central differences of the whole map.
"""

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.normal.standardised import standardise
from analysis.sem.ordinal.model import OrdinalModel

__all__ = ["standardise_ordinal"]

_STEP = 1e-5


def standardise_ordinal(model: OrdinalModel, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Standardised values of all rows of the table, and their Jacobian (rows × n_free), at `x`."""
    jacobian = np.zeros((len(model.layout.table.rows), len(x)))
    for number in range(len(x)):
        step = np.zeros(len(x))
        step[number] = _STEP * max(1.0, abs(x[number]))
        above, below = _values(model, x + step), _values(model, x - step)
        jacobian[:, number] = (above - below) / (2.0 * step[number])
    return _values(model, x), jacobian


def _values(model: OrdinalModel, x: FloatArray) -> FloatArray:
    layout, values = model.layout, model.row_values(x)
    implied = layout.implied_by(layout.matrices(values))
    standard = standardise(layout, implied, values).values
    for number, (row, place) in enumerate(zip(layout.table.rows, layout.places, strict=True)):
        if place.matrix == "tau":
            standard[number] = values[number] / np.sqrt(implied.sigma[row.group, place.i, place.i])
        elif place.matrix == "delta":
            standard[number] = 1.0
    return standard
