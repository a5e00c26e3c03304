"""Whether the data can tell a model's parameters apart, and which of them not."""

import numpy as np

from analysis.sem.arrays import FloatArray, Mask
from analysis.sem.errors import NotIdentifiedError
from analysis.sem.model.constraints import null_space
from analysis.sem.model.representation import Layout

__all__ = ["require_identified"]

_FLAT = 1e-9  # eigenvalue of the scaled information, relative to the largest
_INVOLVED = 0.05  # share in a flat direction, relative to the parameter most involved


def require_identified(
    information: FloatArray, jacobian: FloatArray, layout: Layout, df: int
) -> None:
    """Raises NotIdentifiedError naming the parameters along flat directions of the information.

    The matrix is scaled to a unit diagonal first, so that units of measurement do not matter.
    """
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    scaled = information / np.outer(scale, scale)
    basis, rank = null_space(jacobian / scale) if len(jacobian) else (np.eye(len(scale)), 0)
    if rank:
        scaled = basis.T @ scaled @ basis
    if _is_sound(scaled) and df >= 0:
        return
    values, vectors = np.linalg.eigh(scaled)
    flat = values < _FLAT * max(values[-1], 1e-300)
    if not flat.any():
        return
    directions = np.abs(basis @ vectors[:, flat]).max(axis=1)
    names = _names_of(layout, directions > _INVOLVED * directions.max())
    count = int(flat.sum())
    over = f"; the model has {-df} more parameters than moments" if df < 0 else ""
    raise NotIdentifiedError(
        names,
        f"the model is not identified: {', '.join(names)} cannot be told apart "
        f"({count} flat direction{'s' if count > 1 else ''}{over}); fix one of them, "
        "set them equal, or add indicators",
    )


def _is_sound(scaled: FloatArray) -> bool:
    """A cheap certificate: the smallest pivot of a Cholesky factor is far from zero."""
    try:
        pivots = np.diag(np.linalg.cholesky(scaled))
    except np.linalg.LinAlgError:
        return False
    return bool(pivots.min() ** 2 > len(scaled) * _FLAT * 1e3)


def _names_of(layout: Layout, chosen: Mask) -> list[str]:
    names: list[str] = []
    for row, free in zip(layout.table.rows, layout.table.index, strict=True):
        if free >= 0 and chosen[free]:
            where = f" in group {layout.table.groups[row.group]}" if layout.n_groups > 1 else ""
            names.append(row.name + where)
    return names
