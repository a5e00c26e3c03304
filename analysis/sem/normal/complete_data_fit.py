"""Fit as it would be if nothing were missing, from incomplete data (Zhang & Savalei 2023).

The complete-data statistic at the FIML estimates, with the saturated FIML moments β̃ for sample
moments, is a quadratic form of the residuals β̃ - β(θ̂), and those are P (β̃ - β) with
P = I - Δ E⁻ Δ'W, W the information that the incomplete data have on the moments, E = Δ'WΔ.  Its
mean under the model is

    k = tr(P' W_c P Γ) = tr(W_c Γ) - 2 tr(E⁻ Δ'W_c Γ W Δ) + tr(E⁻ Δ'W Γ W Δ E⁻ Δ'W_c Δ),

W_c the complete-data information; c = k / df.  Γ is W⁻¹ by normal theory (their V6) or the
sandwich W⁻¹ B W⁻¹ (V3).  Groups carry weights f_g = n_g / N.
"""

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.data.moments import Moments
from analysis.sem.fitmeasures import ChiSquare
from analysis.sem.model.representation import Implied, Layout
from analysis.sem.normal.discrepancy import NormalModel, Point
from analysis.sem.normal.inference import inverse_information
from analysis.sem.normal.saturated import closed_value, independence_model
from analysis.sem.normal.unrestricted import CompleteDataFit, Unrestricted


def complete_data_fit(
    unrestricted: Unrestricted,
    model: NormalModel,
    point: Point,
    jacobian: FloatArray,
    test: ChiSquare,
    baseline: ChiSquare,
    *,
    robust: bool,
) -> CompleteDataFit:
    """Statistics and factors; `robust` takes the sandwich Γ, else that of normal theory."""
    moments, saturated = unrestricted.moments, unrestricted.saturated
    whole = Moments(
        np.arange(len(moments.group_sizes)),
        moments.group_sizes,
        saturated.mean,
        saturated.cov,
        model.layout.present.copy(),
    )
    independent, at = independence_model(model.layout, moments, saturated)
    gammas = _gammas(unrestricted, robust=robust)

    def factor(layout: Layout, implied: Implied, jacobian: FloatArray, df: float) -> float:
        return _mean(unrestricted, gammas, layout, implied, jacobian) / df if df > 0 else 1.0

    return CompleteDataFit(
        _statistic(model.layout, whole, point.x, test.df),
        factor(model.layout, point.implied, jacobian, test.df),
        _statistic(independent.layout, whole, at.x, baseline.df),
        factor(independent.layout, at.implied, np.zeros((0, len(at.x))), baseline.df),
    )


def _statistic(layout: Layout, whole: Moments, x: FloatArray, df: float) -> ChiSquare:
    point = NormalModel(layout, whole).point(x)
    assert point is not None
    return ChiSquare(float(2.0 * whole.total * (point.value - closed_value(whole))), df)


def _gammas(unrestricted: Unrestricted, *, robust: bool) -> list[FloatArray]:
    """Γ of each group."""
    found: list[FloatArray] = []
    for group in unrestricted.groups:
        inverse: FloatArray = np.asarray(np.linalg.inv(group.information), dtype=np.float64)
        found.append(inverse @ group.meat @ inverse if robust else inverse)
    return found


def _mean(
    unrestricted: Unrestricted,
    gammas: list[FloatArray],
    layout: Layout,
    implied: Implied,
    jacobian: FloatArray,
) -> float:
    """k, from sums over groups of n_free × n_free matrices."""
    n_free = layout.n_free
    first = 0.0
    information, cross, meat, complete = (np.zeros((n_free, n_free)) for _ in range(4))
    shares = unrestricted.moments.group_sizes / unrestricted.moments.total
    for number, (share, group, gamma) in enumerate(
        zip(shares, unrestricted.groups, gammas, strict=True)
    ):
        slopes = group.slopes(layout, implied, number)
        pulled = group.information @ slopes
        spread = gamma @ pulled
        weighted = group.complete @ slopes
        first += float(np.einsum("ij,ij->", group.complete, gamma))
        information += share * slopes.T @ pulled
        cross += share * weighted.T @ spread
        meat += share * pulled.T @ spread
        complete += share * slopes.T @ weighted
    bread = inverse_information(information, jacobian)
    third = float(np.einsum("ij,ji->", bread @ meat, bread @ complete))
    return first - 2.0 * float(np.einsum("ij,ji->", bread, cross)) + third
