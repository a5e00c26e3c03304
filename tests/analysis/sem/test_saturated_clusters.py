"""A model without degrees of freedom can be had from clustered rows, too."""

import numpy as np
import pytest

from analysis.sem import fit


def clustered_rows(clusters=50, size=4):
    rng = np.random.default_rng(1)
    ids = np.repeat(np.arange(clusters), size)
    x = np.repeat(rng.normal(size=clusters), size)
    return {"x": x, "y": 0.3 * x + np.repeat(rng.normal(size=clusters), size)}, ids


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_a_saturated_model_of_clustered_rows_fits_perfectly(estimator):
    data, ids = clustered_rows()
    result = fit("y ~ x", data, estimator=estimator, cluster=ids)
    assert result.fit["df"] == 0
    assert result.fit["chisq.scaled"] == pytest.approx(0.0, abs=1e-9)
    assert (result.fit["cfi.scaled"], result.fit["rmsea.scaled"]) == (1.0, 0.0)


def test_rows_that_are_copied_four_times_do_not_shrink_the_standard_error():
    data, ids = clustered_rows()
    once = {name: values[::4] for name, values in data.items()}
    repeated = fit("y ~ x", data, estimator="ML", cluster=ids).parameter("y", "~", "x")
    single = fit("y ~ x", once, estimator="MLR").parameter("y", "~", "x")
    assert repeated.est == pytest.approx(single.est)
    # C / (C - 1), the correction for few clusters, is all that differs.
    assert repeated.se == pytest.approx(single.se * np.sqrt(50 / 49), rel=1e-4)
