"""Latent means, reliability, bias, alignment and equivalence on data whose truth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import sem
from analysis.sem.measurement.alignment import align_parameters

ITEMS = ("x1", "x2", "x3", "x4")
MODEL = "f =~ x1 + x2 + x3 + x4"


def draw(seed: int, shift: float = 0.5, bias: float = 0.0, n: int = 400) -> tuple:
    random = np.random.default_rng(seed)
    group = np.where(np.arange(n) < n // 2, "one", "two")
    f = random.normal(size=n) + shift * (group == "two")
    loadings = (1.0, 0.8, 1.2, 0.9)
    data = {
        item: loading * f + 0.7 * random.normal(size=n)
        for item, loading in zip(ITEMS, loadings, strict=True)
    }
    data["x3"] = data["x3"] + bias * (group == "two")
    return data, group


def test_latent_means_differ_by_what_was_put_in() -> None:
    data, group = draw(1, shift=0.5, n=4000)
    fit = sem.fit(MODEL, data, group=group, group_equal=["loadings", "intercepts"])
    (reference, other) = sem.latent_means(fit).rows
    assert reference.difference is None
    assert reference.mean.est == 0.0
    assert other.d is not None
    assert abs(other.d.est - 0.5) < 4 * other.d.se
    test = sem.latent_means(fit).together
    assert test is not None
    assert test.statistic == pytest.approx(other.mean.z**2, rel=1e-6)


def test_without_means_there_is_nothing_to_compare() -> None:
    data, _ = draw(1)
    with pytest.raises(sem.ModelSpecificationError, match="no factor means"):
        sem.latent_means(sem.fit(MODEL, data))


def test_omega_recovers_the_share_of_true_variance_with_an_interval() -> None:
    data, _ = draw(2, shift=0.0, n=4000)
    (row,) = sem.reliability(sem.fit(MODEL, data))
    truth = 3.9**2 / (3.9**2 + 4 * 0.49)
    assert row.omega.ci_lower < truth < row.omega.ci_upper
    assert row.omega.se < 0.01
    assert row.alpha < row.omega.est + 0.01
    assert row.items == ITEMS


def test_omega_of_ordered_items_is_how_two_parallel_sums_of_codes_correlate() -> None:
    random = np.random.default_rng(3)
    f = random.normal(size=6000)
    cuts = [-0.6, 0.1, 0.9]
    answers = [np.digitize(0.7 * f + random.normal(size=6000), cuts) for _ in range(8)]
    data = {f"y{k}": answers[k].astype(float) for k in range(4)}
    one, other = (np.sum(part, axis=0) for part in (answers[:4], answers[4:]))
    fit = sem.fit("f =~ " + " + ".join(data), data, estimator="WLSMV", ordered=list(data))
    (row,) = sem.reliability(fit)
    assert row.omega.est == pytest.approx(np.corrcoef(one, other)[0, 1], abs=0.02)
    assert row.omega_responses is not None
    assert row.omega.ci_lower < row.omega.est < row.omega.ci_upper < row.omega_responses
    mixed = sem.fit("f =~ " + " + ".join(data), data, estimator="WLSMV", ordered=["y0"])
    with pytest.raises(sem.ModelSpecificationError) as caught:
        sem.reliability(mixed)
    assert caught.value.code == "unsupported"


def test_alpha_has_the_limits_of_feldt() -> None:
    data, _ = draw(2, n=120)
    (row,) = sem.reliability(sem.fit(MODEL, data))
    # what pingouin prints for these rows
    assert row.alpha == pytest.approx(0.8857077556532542)
    assert (row.alpha_ci_lower, row.alpha_ci_upper) == pytest.approx((0.848, 0.916), abs=5e-4)


def test_the_interval_of_omega_is_the_bootstraps() -> None:
    data, _ = draw(3, shift=0.0, n=300)
    fit = sem.fit(MODEL, data, estimator="MLR")
    random = np.random.default_rng(4)
    draws = []
    for _ in range(150):
        rows = random.integers(0, 300, 300)
        again = sem.fit(MODEL, {name: values[rows] for name, values in data.items()})
        draws.append(sem.reliability(again)[0].omega.est)
    assert sem.reliability(fit)[0].omega.se == pytest.approx(np.std(draws), rel=0.25)


def test_dmacs_finds_the_item_that_is_biased() -> None:
    data, group = draw(5, bias=0.6, n=2000)
    partial = sem.fit(
        MODEL,
        data,
        group=group,
        group_equal=["loadings", "intercepts"],
        group_partial=["x3 ~ 1"],
    )
    sizes = {row.item: row for row in sem.dmacs(partial)}
    assert sizes["x3"].size == pytest.approx(abs(sizes["x3"].signed))
    assert sizes["x3"].mean_difference == pytest.approx(-0.6, abs=0.12)
    assert max(sizes[item].size for item in ("x1", "x2", "x4")) < 1e-6
    with pytest.raises(sem.ModelSpecificationError, match="three"):
        sem.dmacs(partial, reference="three")


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_alignment_undoes_any_means_and_variances_of_invariant_items(seed: int) -> None:
    random = np.random.default_rng(seed)
    n_groups = int(random.integers(2, 6))
    loading, intercept = random.uniform(0.5, 1.2, 6), random.normal(size=6)
    mean = np.concatenate([[0.0], random.normal(0.0, 0.5, n_groups - 1)])
    spread = np.concatenate([[1.0], random.uniform(0.7, 1.4, n_groups - 1)])
    found = align_parameters(
        loading[:, None] * spread,
        intercept[:, None] + loading[:, None] * mean,
        random.integers(100, 500, n_groups),
        groups=tuple(map(str, range(n_groups))),
        items=tuple("abcdef"),
        seed=seed,
    )
    assert found.relative_mean == pytest.approx(mean, abs=1e-5)
    assert found.relative_variance == pytest.approx(spread**2, rel=1e-5)
    assert found.r2_loadings == pytest.approx(np.ones(6), abs=1e-6)


def test_alignment_starts_from_a_configural_fit() -> None:
    data, group = draw(6)
    fit = sem.fit(MODEL, data, group=group, group_equal=["loadings"])
    with pytest.raises(sem.ModelSpecificationError, match="configural"):
        sem.align(fit)


def test_aligned_means_have_the_standard_errors_of_a_sampling_distribution() -> None:
    """Over 200 samples of this design deviations of 0.075 and errors of 0.075 were seen."""
    found = []
    for seed in range(10):
        data, group = draw(seed, shift=0.4, bias=1.0, n=600)
        (aligned,) = sem.align(sem.fit(MODEL, data, group=group)).values()
        found.append((aligned.relative_mean[1], aligned.relative_mean_se[1]))
    means, errors = np.array(found).T
    assert errors.mean() == pytest.approx(means.std(ddof=1), rel=0.5)
    assert aligned.relative_mean_se[0] == 0.0


def test_the_interval_of_htmt_is_drawn_from_rows_or_whole_clusters() -> None:
    random = np.random.default_rng(4)
    f, g = random.normal(size=(2, 300))
    factors = (f, f, f, 0.6 * f + 0.8 * g, 0.6 * f + 0.8 * g)
    data = {f"y{k}": each + random.normal(size=300) for k, each in enumerate(factors)}
    model = "f =~ y0 + y1 + y2\ng =~ y3 + y4"
    (row,) = sem.htmt(sem.fit(model, data), draws=200)
    assert row.ratio_limits is not None
    assert row.ratio_limits[0] < 0.6 < row.ratio_limits[1]
    twice = {name: np.tile(values, 2) for name, values in data.items()}
    clustered = sem.fit(model, twice, cluster=np.tile(np.arange(100, 400), 2), estimator="MLR")
    (again,) = sem.htmt(clustered, draws=200)
    assert again.ratio_limits == pytest.approx(row.ratio_limits, abs=1e-9)
    holes = {name: np.where(random.random(300) < 0.1, np.nan, v) for name, v in data.items()}
    (incomplete,) = sem.htmt(sem.fit(model, holes, missing="fiml"), draws=40)
    assert incomplete.ratio_limits is not None
    assert incomplete.ratio_limits[0] < incomplete.ratio < incomplete.ratio_limits[1]
    assert sem.htmt(sem.fit(model, data))[0].ratio_limits is None


def test_alignment_does_not_depend_on_how_the_factor_was_identified() -> None:
    data, group = draw(7, bias=0.4)
    marker, unit = (
        sem.align(sem.fit(MODEL, data, group=group, std_lv=std_lv))["f"] for std_lv in (False, True)
    )
    assert marker.relative_mean == pytest.approx(unit.relative_mean, abs=1e-5)


SLOPES = "f =~ x1 + x2 + x3\nx4 ~ c(b1, b2)*f"


def test_a_small_difference_is_equivalent_and_a_large_one_is_not() -> None:
    data, group = draw(8, shift=0.0, n=4000)
    fit = sem.fit(SLOPES, data, group=group, group_equal=["loadings"])
    found = sem.equivalence_test(fit, "b1 - b2", 0.2)
    assert found.equivalent
    assert found.low < found.ci_lower < found.est < found.ci_upper < found.high
    narrow = sem.equivalence_test(fit, "b1 - b2", abs(found.est))
    assert not narrow.equivalent
    assert narrow.pvalue == pytest.approx(0.5)


def test_the_test_and_the_interval_agree() -> None:
    data, group = draw(9, n=500)
    fit = sem.fit(SLOPES, data, group=group, group_equal=["loadings"])
    for bound in np.linspace(0.02, 0.6, 15):
        found = sem.equivalence_test(fit, "b1 - b2", float(bound))
        inside = found.low < found.ci_lower and found.ci_upper < found.high
        assert found.equivalent == inside


def test_bounds_out_of_order_are_refused() -> None:
    data, group = draw(9)
    fit = sem.fit(SLOPES, data, group=group)
    with pytest.raises(sem.ModelSpecificationError, match="not in order"):
        sem.equivalence_test(fit, "b1", (0.5, 0.1))
