"""Sampling weights: a weight of two is like a row given twice, standard errors apart."""

import numpy as np
import pytest

from analysis import sem

MODEL = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\ng ~ b*f"


def draw(n: int = 200) -> dict[str, np.ndarray]:
    random = np.random.default_rng(5)
    f = random.normal(size=n)
    g = 0.5 * f + random.normal(size=n)
    data = {f"x{k}": f + random.normal(size=n) for k in (1, 2, 3)}
    return data | {f"y{k}": g + random.normal(size=n) for k in (1, 2, 3)}


WEIGHTS = np.random.default_rng(6).integers(1, 4, 200).astype(float)


@pytest.mark.parametrize("missing", ["listwise", "fiml"])
def test_whole_weights_are_rows_repeated_and_clustered(missing: str) -> None:
    data = draw()
    if missing == "fiml":
        data["x2"] = np.where(np.arange(200) % 7 == 0, np.nan, data["x2"])
    weighted = sem.fit(
        MODEL,
        data,
        sampling_weights=WEIGHTS,
        weights_normalization="none",
        missing=missing,
        meanstructure=True,
    )
    times = WEIGHTS.astype(int)
    repeated = {name: np.repeat(values, times) for name, values in data.items()}
    rows = sem.fit(
        MODEL, repeated, cluster=np.repeat(np.arange(200), times), missing=missing, estimator="MLR"
    )
    assert weighted.fit["chisq"] == pytest.approx(rows.fit["chisq"], rel=1e-7)
    factor = np.sqrt(200 / 199)  # clusters carry C / (C - 1)
    for one, other in zip(weighted.parameters, rows.parameters, strict=True):
        assert one.est == pytest.approx(other.est, rel=1e-6, abs=1e-8)
        assert factor * one.se == pytest.approx(other.se, rel=1e-5, abs=1e-8)


def test_equal_weights_change_nothing_but_the_kind_of_standard_error() -> None:
    data = draw()
    weighted = sem.fit(MODEL, data, sampling_weights=np.full(200, 3.0))
    robust = sem.fit(MODEL, data, estimator="MLR", meanstructure=True)
    assert weighted.fit["chisq.scaled"] == pytest.approx(robust.fit["chisq.scaled"], rel=1e-9)
    assert weighted.labelled("b").se == pytest.approx(robust.labelled("b").se, rel=1e-9)


def test_normalisation_sets_the_number_of_rows() -> None:
    data, group = draw(), np.where(np.arange(200) < 120, "one", "two")
    sizes = {
        kind: sem.fit(
            MODEL, data, group=group, sampling_weights=WEIGHTS, weights_normalization=kind
        ).estimation.moments.group_sizes
        for kind in ("total", "group", "none")
    }
    assert sizes["total"].sum() == pytest.approx(200)
    assert sizes["total"][0] != pytest.approx(120)
    assert sizes["group"] == pytest.approx([120, 80])
    assert sizes["none"].sum() == pytest.approx(WEIGHTS.sum())


def test_an_unknown_normalisation_is_refused() -> None:
    with pytest.raises(sem.ModelSpecificationError, match="total, group, none"):
        sem.fit(MODEL, draw(), sampling_weights=WEIGHTS, weights_normalization="mean")


def test_resamples_keep_the_weights() -> None:
    result = sem.fit(MODEL, draw(), sampling_weights=WEIGHTS)
    same = sem.bootstrap_rows(result, np.arange(200)[None, :])
    estimates = [row.est for row in result.parameters]
    assert same.estimates[0] == pytest.approx(estimates, rel=1e-5, abs=1e-7)
