"""The standardised solution of ordered items, with numerical delta-method standard errors.

Latent responses are divided by their implied standard deviations 1/Δ: a threshold by the same, and
a scale becomes one.  Residual variances (delta) and scales (theta) depend on all other parameters,
so the Jacobian is taken by central differences of the whole map.
"""

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.normal.standardised import reference_variances, standard_values
from analysis.sem.ordinal.model import OrdinalModel

__all__ = ["standardise_ordinal"]

_STEP = 1e-5


def standardise_ordinal(model: OrdinalModel, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Standardised values of all rows of the table, and their Jacobian (rows × n_free), at `x`."""
    layout = model.layout
    references = reference_variances(layout)
    scales = [number for number, place in enumerate(layout.places) if place.matrix == "delta"]

    def standardised(at: FloatArray) -> FloatArray:
        values = model.row_values(at)
        implied = layout.implied_by(layout.matrices(values))
        standard = standard_values(layout, implied, values, references)
        standard[scales] = 1.0
        return standard

    jacobian = np.zeros((len(layout.table.rows), len(x)))
    for number in range(len(x)):
        step = np.zeros(len(x))
        step[number] = _STEP * max(1.0, abs(x[number]))
        change = standardised(x + step) - standardised(x - step)
        jacobian[:, number] = change / (2.0 * step[number])
    return standardised(x), jacobian
