"""The standard bivariate normal distribution, for whole arrays of points at once.

Sources: Drezner & Wesolowsky (1990), "On the computation of the bivariate normal integral",
J. Statist. Comput. Simul. 35, 101-107; Genz (2004), "Numerical computation of rectangular
bivariate and trivariate normal and t probabilities", Statistics and Computing 14, 251-260.
"""

from functools import cache

import numpy as np
from scipy.special import ndtr

from analysis.sem.arrays import FloatArray

TWO_PI = 2.0 * np.pi
# Beyond this correlation the plain integrand is too peaked for twenty nodes (Genz 2004, section 2).
HIGH_CORRELATION = 0.925
# Farther out than this the tail is below 1e-300; it also keeps infinite thresholds out of products.
FARTHEST = 37.5
# Nodes that give fourteen digits up to each correlation (Genz 2004, section 2.2).
NODES_UP_TO = ((0.3, 6), (0.75, 12), (HIGH_CORRELATION, 20))


def normal_density(limit: FloatArray) -> FloatArray:
    """φ of every element."""
    return np.asarray(np.exp(-0.5 * limit * limit) / np.sqrt(TWO_PI))


def bivariate_normal_density(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    """φ₂(h, k; ρ), broadcast over its arguments; zero where h or k is infinite."""
    h, k = np.clip(h, -FARTHEST, FARTHEST), np.clip(k, -FARTHEST, FARTHEST)
    spread = (1.0 - rho) * (1.0 + rho)
    exponent = -(h * h - 2.0 * rho * h * k + k * k) / (2.0 * spread)
    density: FloatArray = np.exp(exponent) / (TWO_PI * np.sqrt(spread))
    return density


def bivariate_normal_cdf(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    """P(X ≤ h, Y ≤ k) for standard normal X, Y correlated ρ, broadcast over its arguments.

    h, k may be infinite; |ρ| < 1.  Absolute error below 1e-14.
    Φ₂ = Φ(h)Φ(k) + (1/2π) ∫₀^{asin ρ} exp{-(h² + k² - 2hk sin θ) / (2 cos² θ)} dθ
    (Drezner & Wesolowsky 1990), with the expansion of Genz (2004) around |ρ| = 1.
    """
    h, k, rho = np.broadcast_arrays(h, k, rho)
    h, k = np.clip(h, -FARTHEST, FARTHEST), np.clip(k, -FARTHEST, FARTHEST)
    result = np.empty(h.shape)
    size, below = np.abs(rho), 0.0
    for limit, count in NODES_UP_TO:
        band = (size >= below) & (size < limit)
        if band.any():
            result[band] = _cdf_by_angle(h[band], k[band], rho[band], count)
        below = limit
    high = size >= HIGH_CORRELATION
    if high.any():
        result[high] = _cdf_near_one(h[high], k[high], rho[high])
    return np.clip(result, 0.0, 1.0)


@cache
def _nodes(count: int) -> tuple[tuple[float, float], ...]:
    """Nodes and weights of Gauss and Legendre on (-1, 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return tuple(zip(nodes.tolist(), weights.tolist(), strict=True))


def _cdf_by_angle(h: FloatArray, k: FloatArray, rho: FloatArray, count: int) -> FloatArray:
    half_angle = 0.5 * np.arcsin(rho)
    cross, half_squares = h * k, 0.5 * (h * h + k * k)
    total = np.zeros_like(h)
    for node, weight in _nodes(count):
        sine = np.sin(half_angle * (1.0 + node))
        total += weight * np.exp((sine * cross - half_squares) / ((1.0 - sine) * (1.0 + sine)))
    cdf: FloatArray = ndtr(h) * ndtr(k) + half_angle * total / TWO_PI
    return cdf


def _cdf_near_one(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    """The integral from |ρ| up to 1, taken off the value at 1 (Genz 2004, equations 4-6)."""
    negative = rho < 0.0
    k = np.where(negative, -k, k)  # P(X ≤ h, Y ≤ k; ρ) = Φ(h) - P(X ≤ h, -Y ≤ -k; -ρ)
    cross, gap = h * k, (h - k) ** 2
    c, d = (4.0 - cross) / 8.0, (12.0 - cross) / 16.0
    spread = (1.0 - rho) * (1.0 + rho)
    width = np.sqrt(spread)
    series = 1.0 - c * (gap - spread) * (1.0 - d * gap / 5.0) / 3.0 + c * d * spread**2 / 5.0
    tail = width * np.exp(-0.5 * (gap / spread + cross)) * series
    distance = np.sqrt(gap)
    tail -= (
        np.exp(-0.5 * cross)
        * np.sqrt(TWO_PI)
        * ndtr(-distance / width)
        * distance
        * (1.0 - c * gap * (1.0 - d * gap / 5.0) / 3.0)
    )
    for node, weight in _nodes(20):
        square = (0.5 * width * (1.0 + node)) ** 2
        root = np.sqrt(1.0 - square)
        remainder = np.exp(-0.5 * cross * (1.0 - root) / (1.0 + root)) / root
        remainder -= 1.0 + c * square * (1.0 + d * square)
        tail += 0.5 * width * weight * np.exp(-0.5 * (gap / square + cross)) * remainder
    upper = ndtr(np.minimum(h, k)) + tail / -TWO_PI
    return np.where(negative, ndtr(h) - upper, upper)
