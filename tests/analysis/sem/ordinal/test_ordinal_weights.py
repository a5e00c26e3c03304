"""Sampling weights of ordered items: a weight of two is like a row given twice, by its number."""

from typing import Any

import numpy as np
import pytest

from analysis import sem
from analysis.sem.ordinal.thresholds import ordinal_moments

N = 300
MODEL = "f =~ o1 + o2 + y1 + y2\npassed ~ f + x\nf ~ x"
ORDERED = ["o1", "o2", "passed"]
TWO_GROUPS: dict[str, Any] = {
    "group": np.where(np.arange(N) % 3 == 2, "b", "a"),
    "group_equal": ["loadings"],
}


def draw() -> dict[str, np.ndarray]:
    random = np.random.default_rng(11)
    x = random.normal(size=N)
    f = 0.4 * x + random.normal(size=N)
    data = {"x": x} | {f"y{k}": f + random.normal(size=N) for k in (1, 2)}
    for k in (1, 2, 3):
        data[f"o{k}"] = np.digitize(f + random.normal(size=N), [-0.7, 0.6]).astype(float)
    data["passed"] = (f + random.normal(size=N) > 0.2).astype(float)
    return data


DATA = draw()
WHOLE = np.random.default_rng(12).integers(1, 4, N)
UNEQUAL = np.random.default_rng(13).uniform(0.3, 3.0, N)


def repeated(times: np.ndarray, **rows: np.ndarray) -> dict[str, np.ndarray]:
    return {name: np.repeat(values, times) for name, values in (DATA | rows).items()}


def weighted(model: str = MODEL, **options: Any) -> sem.SemFit:
    options = {"estimator": "WLSMV", "ordered": ORDERED, "data": DATA, **options}
    return sem.fit(model, **options)


def alike(one: sem.SemFit, other: sem.SemFit, factor: float = 1.0) -> bool:
    """Estimates, and standard errors of the one times `factor`, are those of the other."""
    for own, their in zip(one.parameters, other.parameters, strict=True):
        assert own.est == pytest.approx(their.est, rel=1e-6, abs=1e-7), own.name
        assert factor * own.se == pytest.approx(their.se, rel=1e-5, abs=1e-8), own.name
        assert own.std_all == pytest.approx(their.std_all, rel=1e-6, abs=1e-7), own.name
    return True


@pytest.mark.parametrize("given", [True, False], ids=["covariate", "tables"])
@pytest.mark.parametrize("by_fours", [True, False], ids=["clusters", "rows"])
def test_whole_weights_are_repeated_rows_in_the_first_stage(*, given: bool, by_fours: bool) -> None:
    names = ["o1", "o2", "y1", "passed", "y2"]
    values = np.column_stack([DATA[name] for name in names])
    values[::9, 0] = values[::7, 2] = np.nan
    ids = np.arange(N) // 4 if by_fours else np.arange(N)
    options: dict[str, Any] = {
        "names": names,
        "missing": "pairwise",
        "ordered": np.array([True, True, False, True, False]),
    }
    x = DATA["x"][:, None]
    one = ordinal_moments(
        values, covariates=x if given else None, clusters=ids, weights=WHOLE * 1.0, **options
    )
    rows = np.repeat(np.arange(N), WHOLE)
    other = ordinal_moments(
        values[rows], covariates=x[rows] if given else None, clusters=ids[rows], **options
    )
    assert one.n == other.n == WHOLE.sum()
    assert one.statistics == pytest.approx(other.statistics, abs=1e-9)
    assert one.gamma == pytest.approx(other.gamma, rel=1e-7, abs=1e-9)
    assert one.covariate_cov == pytest.approx(other.covariate_cov, rel=1e-12)


def test_whole_weights_are_repeated_rows_of_one_cluster_each() -> None:
    """Exactly as just identified: the discrepancy's own weights are those of weighted rows."""
    model = "f =~ o1 + o2 + y1"
    rows = repeated(WHOLE)
    ids = np.repeat(np.arange(N), WHOLE)
    two = weighted(model, data=rows, ordered=["o1", "o2"], cluster=ids)
    raw = weighted(
        model, ordered=["o1", "o2"], sampling_weights=WHOLE, weights_normalization="none"
    )
    assert alike(raw, two)
    # scaled to the rows only the divisor N - 1 of the covariance matrix is another one
    total = WHOLE.sum()
    scaled = weighted(model, ordered=["o1", "o2"], sampling_weights=WHOLE)
    assert alike(scaled, two, np.sqrt((1.0 - 1.0 / N) / (1.0 - 1.0 / total)))


@pytest.mark.parametrize("options", [{}, {"parameterization": "theta"}], ids=["delta", "theta"])
def test_a_weight_of_two_is_every_row_twice(options: dict[str, Any]) -> None:
    clusters = np.arange(N) // 3
    twice = np.full(N, 2)
    raw = weighted(
        sampling_weights=twice, weights_normalization="none", cluster=clusters, **options
    )
    rows = weighted(data=repeated(twice), cluster=np.repeat(clusters, 2), **options)
    assert alike(raw, rows)
    assert raw.fit["chisq.scaled"] == pytest.approx(rows.fit["chisq.scaled"], rel=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {},
        TWO_GROUPS,
        {"estimator": "DWLS"},
        {"cluster": np.arange(N) // 3},
        {"data": DATA | {"o2": np.where(np.arange(N) % 8 == 0, np.nan, DATA["o2"])},
         "missing": "pairwise"},
    ],
    ids=["plain", "groups", "DWLS", "clusters", "pairwise"],
)  # fmt: skip
def test_equal_weights_are_no_weights(options: dict[str, Any]) -> None:
    plain = weighted(**options)
    equal = weighted(sampling_weights=np.full(N, 3.0), **options)
    assert alike(equal, plain)
    assert equal.fit == pytest.approx(plain.fit, rel=1e-6, abs=1e-7, nan_ok=True)


def test_normalisation_sets_the_rows_of_each_group() -> None:
    sizes = {
        kind: weighted(
            sampling_weights=UNEQUAL, weights_normalization=kind, **TWO_GROUPS
        ).estimation.moments.group_sizes
        for kind in ("total", "group", "none")
    }
    assert sizes["total"].sum() == pytest.approx(N)
    assert sizes["group"] == pytest.approx([200, 100])
    assert sizes["none"].sum() == pytest.approx(UNEQUAL.sum())


def test_raw_weights_worth_no_two_rows_are_refused() -> None:
    with pytest.raises(sem.DataError, match='leave weights_normalization at "total"') as refused:
        weighted(sampling_weights=UNEQUAL / 1e4, weights_normalization="none")
    assert refused.value.code == "weights"


def test_what_comes_after_a_fit_keeps_the_weights() -> None:
    model = "f =~ o1 + o2\ng =~ o3 + passed"
    ordered = ["o1", "o2", "o3", "passed"]
    data = DATA | {"o2": np.where(np.arange(N) % 8 == 0, np.nan, DATA["o2"])}
    options: dict[str, Any] = {"ordered": ordered, "missing": "pairwise"}
    fit = weighted(model, data=data, sampling_weights=WHOLE, **options)
    same = sem.bootstrap_rows(fit, np.arange(N)[None, :])
    assert same.estimates[0] == pytest.approx([row.est for row in fit.parameters], rel=1e-5)
    rows = weighted(
        model, data={name: np.repeat(values, WHOLE) for name, values in data.items()}, **options
    )
    for one, other in zip(sem.reliability(fit), sem.reliability(rows), strict=True):
        assert one.alpha == pytest.approx(other.alpha, rel=1e-9)
    for ours, theirs in zip(sem.htmt(fit), sem.htmt(rows), strict=True):
        assert ours.ratio == pytest.approx(theirs.ratio, rel=1e-9)


def test_a_dummy_modelled_as_continuous_varies_as_a_share_does() -> None:
    values = np.column_stack([DATA["o1"], DATA["passed"]])
    moments = ordinal_moments(values, names=["o1", "passed"], ordered=np.array([True, False]))
    share = DATA["passed"].mean()
    variance = share * (1.0 - share)
    # after the two thresholds of o1: mean and variance of the dummy
    spread = np.diag(moments.gamma)[2:4]
    assert spread == pytest.approx([variance, (1.0 - 2.0 * share) ** 2 * variance], rel=1e-9)
