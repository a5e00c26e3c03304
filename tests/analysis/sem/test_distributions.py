"""Tail probabilities, against scipy.stats."""

import numpy as np
import pytest
from scipy import stats

from analysis.sem import distributions


@pytest.mark.parametrize(
    ("value", "df", "shift"), [(3031.9, 2580, 100), (100, 24, 3), (60, 24, 200), (1, 5, 0.001)]
)
def test_the_noncentral_chi_square_has_both_tails(value, df, shift):
    tail = stats.ncx2.sf(value, df, shift)
    assert distributions.noncentral_tail(value, df, shift) == pytest.approx(tail, rel=1e-11)
    below = stats.ncx2.cdf(value, df, shift)
    assert distributions.noncentral_cdf(value, df, shift) == pytest.approx(below, rel=1e-11)


def test_without_a_shift_it_is_the_central_one():
    tail = distributions.chi_square_tail(30.0, 24)
    assert distributions.noncentral_tail(30.0, 24, 0.0) == pytest.approx(tail, rel=1e-14)
    assert tail == pytest.approx(stats.chi2.sf(30.0, 24), rel=1e-14)


@pytest.mark.parametrize(("value", "df"), [(3031.9, 2580), (2176, 243), (8875, 400), (24, 24)])
@pytest.mark.parametrize("probability", [0.05, 0.95])
def test_the_noncentrality_gives_the_probability_back(value, df, probability):
    shift = distributions.noncentrality(value, df, probability)
    if shift > 0.0:
        assert stats.ncx2.cdf(value, df, shift) == pytest.approx(probability, rel=1e-9)
    else:
        assert stats.chi2.cdf(value, df) < probability


def test_the_normal_and_the_quantiles_are_scipys():
    for z in (0.0, 1.96, -4.0, 30.0):
        assert distributions.two_sided(z) == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-12)
    assert np.isnan(distributions.two_sided(np.nan))
    assert distributions.normal_quantile(0.975) == pytest.approx(stats.norm.ppf(0.975))
    assert distributions.chi_square_quantile(0.95, 24) == pytest.approx(stats.chi2.ppf(0.95, 24))
