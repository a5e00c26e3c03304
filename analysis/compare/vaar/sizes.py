"""Size beside sign: ratios of slopes, and the line that people's slopes make over the model's.

VAAR is full once every sign is sure; a model whose paths are three times as steep as people's
scores 1 all the same. All slopes are standardised. References: Fieller 1954 (interval of a ratio).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from analysis.compare.companions import CalibrationLine, SizeBesideSign, SlopeRatio
from analysis.compare.intervals import Interval
from analysis.compare.plan import Plan
from analysis.compare.vaar.rates import Array, Families, PathArrays, is_null
from analysis.compare.vaar.score import Estimates, arrays

# Two points always lie on a line.
FEWEST_PATHS = 3


@dataclass(frozen=True, slots=True)
class SizeDraws:
    """The sizes in each of B resamples, (B,) each; NaN where a resample has none."""

    ratio: Array
    intercept: Array
    slope: Array


class SizeScale:
    """What does not change from refit to refit: which paths count, and their people's signs."""

    def __init__(self, plan: Plan, model: PathArrays, people: PathArrays) -> None:
        both = model.estimable & people.estimable
        self.on_line = both
        self.in_ratio = both & ~is_null(people, plan.delta, plan.level)
        self.signs = np.sign(np.nan_to_num(people.estimate))
        families = Families([path.family for path in plan.paths])
        # The mean of families of means within them, as one weight for each path.
        self.weights = families.mean(np.eye(len(plan.paths)), self.in_ratio.astype(float))

    def mean_slope(self, estimate: Array) -> Array:
        """Mean slope in the people's direction, (..., P) to (...)."""
        counted = np.where(self.in_ratio, estimate, 0.0)
        slope: Array = (self.signs * counted) @ np.nan_to_num(self.weights)
        return slope

    def mean_slope_variance(self, se: Array) -> float:
        """Its sampling variance, paths taken for independent."""
        counted = np.where(self.in_ratio, se, 0.0) * np.nan_to_num(self.weights)
        return float(np.sum(counted**2))

    def line(self, model: Array, people: Array) -> tuple[Array, Array]:
        """Intercept and slope of people over model, (..., P) to (...) each."""
        x, y = model[..., self.on_line], people[..., self.on_line]
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sum(centred**2, axis=-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = np.sum(centred * y, axis=-1) / np.where(spread > 0.0, spread, np.nan)
        return y.mean(axis=-1) - slope * x.mean(axis=-1), slope

    def drawn(self, model: Array, people: Array) -> SizeDraws:
        """The sizes of every resample; ``model`` and ``people``: (B, P)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = self.mean_slope(model) / self.mean_slope(people)
        if self.on_line.sum() < FEWEST_PATHS:
            none = np.full(len(model), np.nan)
            return SizeDraws(ratio, none, none)
        return SizeDraws(ratio, *self.line(model, people))


def size_beside_sign(plan: Plan, model: Estimates, people: Estimates) -> SizeBesideSign:
    """The sizes of one model's paths beside the people's, with intervals without resampling.

    ``model`` and ``people`` map every path key of the plan to its estimate.
    """
    of_model, of_people = (
        arrays(plan.paths, model, plan.level),
        arrays(plan.paths, people, plan.level),
    )
    scale = SizeScale(plan, of_model, of_people)
    mean = fieller(
        (float(scale.mean_slope(of_model.estimate)), scale.mean_slope_variance(of_model.se)),
        (float(scale.mean_slope(of_people.estimate)), scale.mean_slope_variance(of_people.se)),
        plan.level,
    )
    return SizeBesideSign(
        group=next(iter(model.values())).group,
        ratio=mean[0],
        ratio_ci=mean[1],
        ratios=tuple(
            SlopeRatio(path.key, *_path_ratio(of_model, of_people, k, plan.level))
            for k, path in enumerate(plan.paths)
        ),
        calibration=calibration(scale, of_model, of_people, plan.level),
    )


def with_drawn_intervals(row: SizeBesideSign, drawn: SizeDraws, level: float) -> SizeBesideSign:
    """The same sizes, the intervals of ratio and line taken from resamples where they give any."""
    line = row.calibration
    if line.slope is not None:
        line = replace(
            line,
            intercept_ci=percentile(drawn.intercept, level) or line.intercept_ci,
            slope_ci=percentile(drawn.slope, level) or line.slope_ci,
        )
    ratio_ci = percentile(drawn.ratio, level) or row.ratio_ci
    return replace(row, ratio_ci=ratio_ci, calibration=line)


def percentile(values: Array, level: float) -> Interval | None:
    """Percentile interval of the finite draws; None with fewer than three."""
    known = values[np.isfinite(values)]
    if len(known) < 3:
        return None
    tail = (1.0 - level) / 2.0
    lower, upper = np.quantile(known, [tail, 1.0 - tail])
    return Interval(float(lower), float(upper), level, "percentile bootstrap")


def _path_ratio(
    model: PathArrays, people: PathArrays, k: int, level: float
) -> tuple[float | None, Interval | None]:
    if not (model.estimable[k] and people.estimable[k]):
        return None, None
    first, second = ((float(one.estimate[k]), float(one.se[k] ** 2)) for one in (model, people))
    return fieller(first, second, level)


def fieller(
    top: tuple[float, float], bottom: tuple[float, float], level: float
) -> tuple[float | None, Interval | None]:
    """Ratio of two independent normal estimates, each (value, variance), and Fieller's interval.

    (r +- z / |h| sqrt(v_m (1 - g) + r^2 v_h)) / (1 - g), g = z^2 v_h / h^2. No interval where
    g >= 1: the lower number is not told from zero. None either where nothing is known of one of
    them (infinite variance). No ratio where the lower is zero.
    """
    if bottom[0] == 0.0:
        return None, None
    ratio = top[0] / bottom[0]
    z = float(ndtri(0.5 + level / 2.0))
    g = z**2 * bottom[1] / bottom[0] ** 2
    if not (g < 1.0 and np.isfinite(top[1])):
        return ratio, None
    reach = z / abs(bottom[0]) * np.sqrt(top[1] * (1.0 - g) + ratio**2 * bottom[1])
    lower, upper = (float((ratio + side * reach) / (1.0 - g)) for side in (-1.0, 1.0))
    return ratio, Interval(lower, upper, level, "Fieller")


def calibration(
    scale: SizeScale, model: PathArrays, people: PathArrays, level: float
) -> CalibrationLine:
    """The line with intervals by the delta method, estimates taken for independent."""
    paths = int(scale.on_line.sum())
    if paths < FEWEST_PATHS:
        return CalibrationLine(paths)
    x, y = model.estimate[scale.on_line], people.estimate[scale.on_line]
    if not np.ptp(x) > 0.0:
        return CalibrationLine(paths)
    intercept, slope = (float(one) for one in scale.line(model.estimate, people.estimate))
    variances = model.se[scale.on_line] ** 2, people.se[scale.on_line] ** 2
    ses = _line_errors(x, y, slope, *variances)
    ends = [_normal(value, se, level) for value, se in zip((intercept, slope), ses, strict=True)]
    return CalibrationLine(paths, intercept, ends[0], slope, ends[1])


def _line_errors(
    x: NDArray[np.float64], y: NDArray[np.float64], slope: float, var_x: Array, var_y: Array
) -> tuple[float, float]:
    """Standard errors of intercept and slope from those of the points' two coordinates.

    With c_i = x_i - mean x and S the sum of their squares, d slope / d y_i = c_i / S and
    d slope / d x_i = (y_i - mean y - 2 slope c_i) / S; the intercept is mean y - slope mean x.
    """
    centred = x - x.mean()
    spread = float(np.sum(centred**2))
    slope_y = centred / spread
    slope_x = (y - y.mean() - 2.0 * slope * centred) / spread
    intercept_y = 1.0 / len(x) - x.mean() * slope_y
    intercept_x = -slope / len(x) - x.mean() * slope_x
    ses = [
        np.sqrt(np.sum(by_x**2 * var_x + by_y**2 * var_y))
        for by_x, by_y in ((intercept_x, intercept_y), (slope_x, slope_y))
    ]
    return float(ses[0]), float(ses[1])


def _normal(value: float, se: float, level: float) -> Interval | None:
    if not np.isfinite(se):
        return None
    half = float(ndtri(0.5 + level / 2.0)) * se
    return Interval(value - half, value + half, level, "delta method")
