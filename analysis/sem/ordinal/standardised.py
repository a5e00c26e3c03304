"""The standardised solution of ordered items, with numerical delta-method standard errors.

Latent responses are divided by their implied standard deviations 1/Δ: a threshold by the same, and
a scale becomes one.  Residual variances (delta) and scales (theta) depend on all other parameters,
so the Jacobian is taken by central differences of the whole map.
"""

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.normal.discrepancy import Point
from analysis.sem.normal.solution.standardised import reference_variances, standard_values
from analysis.sem.ordinal.model import OrdinalModel

__all__ = ["standardise_ordinal"]


def standardise_ordinal(model: OrdinalModel, point: Point) -> tuple[FloatArray, FloatArray]:
    """Standardised values of all rows of the table, and their Jacobian (rows × n_free)."""
    layout = model.layout
    references = reference_variances(layout)
    scales = [number for number, place in enumerate(layout.places) if place.matrix == "delta"]

    def standardised(at: FloatArray) -> FloatArray:
        values = model.row_values(at)
        implied = layout.implied_by(layout.matrices(values))
        standard = standard_values(layout, implied, values, references)
        standard[scales] = 1.0
        return standard

    jacobian = np.zeros((len(layout.table.rows), len(point.x)))
    steps = model.steps(point)
    for number, step in enumerate(np.diag(steps)):
        change = standardised(point.x + step) - standardised(point.x - step)
        jacobian[:, number] = change / (2.0 * steps[number])
    return standardised(point.x), jacobian
