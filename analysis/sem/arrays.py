"""Array types used throughout the package."""

import numpy as np
import numpy.typing as npt

__all__ = ["FloatArray", "IntArray", "Mask"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
