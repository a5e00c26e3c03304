"""Ordered items beside continuous variables, covariates and clusters: what must hold of them all,
and what is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import norm

from analysis import sem
from analysis.sem.ordinal.thresholds import ordinal_moments

SEEDS = st.integers(min_value=0, max_value=10_000)
quick = settings(max_examples=5)
MODEL = "f =~ o1 + y2 + o3 + y4\nf ~ x1 + x2"
NO_O1 = "f =~ o3 + y2 + y4"
ORDERED = ["o1", "o3"]


def draw(seed: int, n: int = 400) -> dict[str, np.ndarray]:
    """Two ordered items, two continuous ones, a yes/no outcome and two covariates."""
    random = np.random.default_rng(seed)
    x1, x2 = random.normal(size=n), (random.random(n) < 0.5).astype(float)
    f = 0.5 * x1 - 0.4 * x2 + random.normal(size=n)
    noise = random.normal(size=(n, 5))
    return {
        "x1": x1,
        "x2": x2,
        "o1": np.digitize(f + noise[:, 0], [-1.0, 0.2, 1.1]) + 1.0,
        "y2": 3.0 + 0.8 * f + noise[:, 1],
        "o3": np.digitize(0.7 * f + noise[:, 2], [-0.3, 0.8]) + 1.0,
        "y4": -1.0 + 1.1 * f + noise[:, 3],
        "pass": (0.6 * f + 0.5 * x1 + noise[:, 4] > 0.2).astype(float),
    }


def fit(data: dict[str, np.ndarray], model: str = MODEL, **options: Any) -> sem.SemFit:
    return sem.fit(model, data, **{"estimator": "WLSMV", "ordered": ORDERED, **options})


# -- invariances --------------------------------------------------------------------------------


@quick
@given(SEEDS)
def test_delta_and_theta_are_one_model_in_two_dresses(seed: int) -> None:
    data = draw(seed)
    delta, theta = (fit(data, parameterization=name) for name in ("delta", "theta"))
    for name in ("chisq", "chisq.scaled", "df", "cfi.scaled", "srmr"):
        assert theta.fit[name] == pytest.approx(delta.fit[name], rel=1e-5, abs=1e-6)
    for one, other in zip(delta.parameters, theta.parameters, strict=True):
        assert other.std_all == pytest.approx(one.std_all, abs=1e-5), one.name


@quick
@given(SEEDS, st.sampled_from([1e-4, 3.0, 1e4]))
def test_units_of_a_covariate_and_of_a_continuous_item_only_rescale(
    seed: int, factor: float
) -> None:
    data = draw(seed)
    before = fit(data)
    after = fit({**data, "x1": factor * data["x1"], "y2": data["y2"] / factor})
    assert after.fit["chisq.scaled"] == pytest.approx(before.fit["chisq.scaled"], rel=1e-5)
    slope, rescaled = (result.parameter("f", "~", "x1") for result in (before, after))
    assert rescaled.est == pytest.approx(slope.est / factor, rel=1e-5)
    assert rescaled.z == pytest.approx(slope.z, rel=1e-5)
    loading, other = (result.parameter("f", "=~", "y2") for result in (before, after))
    assert other.z == pytest.approx(loading.z, rel=1e-5)
    assert other.std_all == pytest.approx(loading.std_all, rel=1e-5)
    assert other.std_all_se == pytest.approx(loading.std_all_se, rel=1e-4)


@quick
@given(SEEDS)
def test_the_order_of_rows_groups_and_items_changes_nothing(seed: int) -> None:
    data = draw(seed)
    group = np.where(np.arange(400) % 3 == 0, "one", "two")
    equal = ["thresholds", "loadings", "intercepts"]
    before = fit(data, group=group, group_equal=equal)
    order = np.argsort(group, kind="stable")[::-1]
    after = fit(
        {name: values[order] for name, values in data.items()},
        "f =~ o1 + o3 + y4 + y2\nf ~ x2 + x1",
        group=group[order],
        group_equal=equal,
    )
    assert after.fit["chisq"] == pytest.approx(before.fit["chisq"], rel=1e-6)
    assert after.fit["chisq.scaled"] == pytest.approx(before.fit["chisq.scaled"], rel=1e-6)


@quick
@given(SEEDS, st.sampled_from(["delta", "theta"]))
def test_the_gradient_is_that_of_finite_differences(seed: int, parameterization: str) -> None:
    """Also with an ordered mediator, whose residual variance follows from everything else."""
    model = "f =~ o1 + y2 + y4\no3 ~ f + x1\ny5 ~ o3 + x2\no6 ~ y5 + o3"
    data = draw(seed)
    random = np.random.default_rng([seed, 1])
    data["y5"] = data["o3"] + random.normal(size=400)
    data["o6"] = np.digitize(data["y5"] + random.normal(size=400), [1.0, 2.5]) + 1.0
    estimation = fit(
        data,
        model,
        ordered=[*ORDERED, "o6"],
        group=np.where(np.arange(400) % 2 == 0, "one", "two"),
        group_equal=["thresholds"],
        parameterization=parameterization,
    ).estimation
    objective = estimation.model
    x = estimation.search.point.x
    x = x + 0.02 * random.normal(size=len(x))
    point = objective.point(x)
    assert point is not None
    step = 1e-6
    for number in range(len(x)):
        away = step * (np.arange(len(x)) == number)
        above, below = objective.point(x + away), objective.point(x - away)
        assert above is not None
        assert below is not None
        slope = (above.value - below.value) / (2.0 * step)
        assert objective.gradient(point)[number] == pytest.approx(slope, rel=1e-4, abs=1e-6)


# -- first and second stage ---------------------------------------------------------------------


@quick
@given(SEEDS)
def test_a_single_ordered_outcome_is_a_probit_regression(seed: int) -> None:
    data = draw(seed)
    result = fit(data, "o1 ~ x1 + x2")
    assert result.fit["df"] == 0

    def misfit(values: np.ndarray) -> float:
        level = values[3] * data["x1"] + values[4] * data["x2"]
        edges = np.concatenate([[-np.inf], values[:3], [np.inf]])
        code = data["o1"].astype(int)
        share = norm.cdf(edges[code] - level) - norm.cdf(edges[code - 1] - level)
        return -float(np.log(np.maximum(share, 1e-300)).sum())

    start = np.array([-1.0, 0.0, 1.0, 0.0, 0.0])
    best = minimize(misfit, start, method="BFGS", options={"gtol": 1e-7}).x
    found = [row.est for row in result.parameters if row.op == "|"]
    found += [result.parameter("o1", "~", name).est for name in ("x1", "x2")]
    assert found == pytest.approx(best, abs=1e-4)


@quick
@given(SEEDS, st.floats(min_value=-0.97, max_value=0.97))
def test_a_polyserial_correlation_is_at_the_maximum_of_its_likelihood(
    seed: int, rho: float
) -> None:
    random = np.random.default_rng(seed)
    pair = random.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=250)
    codes = np.digitize(pair[:, 0], [-0.5, 0.4, 1.0]).astype(float)
    moments = ordinal_moments(
        np.column_stack([codes, pair[:, 1]]), names=["o", "y"], ordered=np.array([True, False])
    )
    z = (pair[:, 1] - pair[:, 1].mean()) / pair[:, 1].std()
    edges = np.concatenate([[-np.inf], moments.thresholds[0], [np.inf]])

    def likelihood(r: float) -> float:
        spread = np.sqrt(1.0 - r * r)
        upper, lower = (edges[codes.astype(int) + k] - r * z for k in (1, 0))
        share = norm.cdf(upper / spread) - norm.cdf(lower / spread)
        return float(np.log(np.maximum(share, 1e-300)).sum())

    found = moments.correlation[0, 1]
    others = np.linspace(-0.99, 0.99, 199)
    assert all(likelihood(found) >= likelihood(r) - 1e-9 for r in others)
    assert likelihood(found) >= max(likelihood(found + 1e-4), likelihood(found - 1e-4)) - 1e-9


def test_the_correlation_of_two_continuous_variables_is_the_product_moment_one() -> None:
    data = draw(3)
    values = np.column_stack([data["y2"], data["y4"]])
    moments = ordinal_moments(values, names=["a", "b"], ordered=np.zeros(2, dtype=bool))
    assert moments.covariance == pytest.approx(np.cov(values.T, bias=True), rel=1e-10)


def test_gamma_is_the_sampling_covariance_of_thresholds_slopes_and_covariances() -> None:
    draws, gammas = [], []
    for seed in range(200):
        data = draw(seed)
        moments = ordinal_moments(
            np.column_stack([data["o3"] - 1.0, data["pass"], data["y4"]]),
            names=["o3", "pass", "y4"],
            ordered=np.array([True, True, False]),
            covariates=np.column_stack([data["x1"], data["x2"]]),
        )
        draws.append(moments.statistics)
        gammas.append(np.diag(moments.gamma))
    assert 400 * np.var(draws, axis=0) == pytest.approx(np.mean(gammas, axis=0), rel=0.35)


# -- clusters -----------------------------------------------------------------------------------


def test_clusters_of_one_row_change_nothing() -> None:
    data = draw(5)
    alone, marked = fit(data), fit(data, cluster=np.arange(400))
    assert marked.fit == pytest.approx(alone.fit, rel=1e-9, nan_ok=True)
    assert np.diag(marked.vcov) == pytest.approx(np.diag(alone.vcov), rel=1e-9)


def test_rows_in_clusters_are_not_taken_for_independent() -> None:
    data = {name: np.repeat(values[:200], 2) for name, values in draw(6).items()}
    ids = np.repeat(np.arange(200), 2)
    apart, together = fit(data), fit(data, cluster=ids)
    assert together.parameter("f", "~", "x1").est == apart.parameter("f", "~", "x1").est
    ratio = together.parameter("f", "~", "x1").se / apart.parameter("f", "~", "x1").se
    assert ratio == pytest.approx(np.sqrt(2.0), rel=1e-6)
    assert together.fit["chisq"] == apart.fit["chisq"]
    assert together.fit["chisq.scaling.factor"] == pytest.approx(
        2.0 * apart.fit["chisq.scaling.factor"]
    )


def test_a_cluster_that_spans_two_groups_is_added_up_within_each() -> None:
    data = draw(7)
    group = np.where(np.arange(400) < 200, "one", "two")
    across = np.tile(np.arange(100), 4)
    within = across + 1000 * (group == "two")
    first, second = (fit(data, group=group, cluster=ids) for ids in (across, within))
    assert np.diag(first.vcov) == pytest.approx(np.diag(second.vcov), rel=1e-12)


def test_the_difference_test_and_the_wald_test_follow_the_clusters() -> None:
    data = {name: np.repeat(values[:200], 2) for name, values in draw(8).items()}
    once = {name: values[:200] for name, values in draw(8).items()}
    ids = np.repeat(np.arange(200), 2)
    free, tied = "f =~ o1 + y2 + o3 + y4\nf ~ a*x1 + b*x2", "f =~ o1 + y2 + o3 + y4\nf ~ x1 + 0*x2"
    single = sem.compare(fit(once, tied), fit(once, free))
    double = sem.compare(fit(data, tied, cluster=ids), fit(data, free, cluster=ids))
    # all that differs is the number of rows less one
    assert double.statistic == pytest.approx(single.statistic, rel=1.0 / 200)
    wald = [
        sem.wald_test(result, "b == 0").statistic
        for result in (fit(once, free), fit(data, free, cluster=ids))
    ]
    assert wald[1] == pytest.approx(wald[0], rel=1.0 / 200)


# -- standard errors by the Hessian -------------------------------------------------------------


def test_observed_standard_errors_weigh_groups_with_rows_less_one() -> None:
    # A threshold free in its group moves one statistic, linearly: its Hessian is the expected
    # information, and all that is left of the difference is the factor N / (N - G).
    data, group = draw(9), np.repeat(["one", "two"], 200)
    model = "f =~ o1 + o3 + pass"
    expected, observed = (
        fit(data, model, ordered=[*ORDERED, "pass"], group=group, information=information)
        for information in (None, "observed")
    )
    for row, other in zip(expected.parameters, observed.parameters, strict=True):
        if row.op == "|":
            assert other.se / row.se == pytest.approx(400 / 398, rel=1e-6)


# -- residuals under theta ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def in_two_groups() -> tuple[dict[str, np.ndarray], np.ndarray]:
    return draw(11, 600), np.repeat(["one", "two"], 300)


def test_equal_residuals_hold_under_theta(
    in_two_groups: tuple[dict[str, np.ndarray], np.ndarray],
) -> None:
    data, group = in_two_groups
    equal = ["thresholds", "loadings", "intercepts"]
    options: dict[str, Any] = {"group": group, "parameterization": "theta"}
    free = fit(data, group_equal=equal, **options)
    tied = fit(data, group_equal=[*equal, "residuals"], **options)
    assert tied.fit["df"] == free.fit["df"] + 4  # two ordered and two continuous items
    for item in ("o1", "o3"):
        assert [tied.parameter(item, "~~", item, label).est for label in ("one", "two")] == [1, 1]
    released = fit(data, group_equal=[*equal, "residuals"], group_partial=["o1 ~~ o1"], **options)
    assert released.parameter("o1", "~~", "o1", "two").free
    assert not released.parameter("o3", "~~", "o3", "two").free


def test_under_delta_residuals_of_ordered_items_cannot_be_equal_and_that_is_said(
    in_two_groups: tuple[dict[str, np.ndarray], np.ndarray],
) -> None:
    data, group = in_two_groups
    equal = ["thresholds", "loadings", "residuals"]
    mixed = fit(data, group=group, group_equal=equal)
    assert [notice.code for notice in mixed.warnings] == ["residuals_under_delta"]
    with pytest.raises(sem.ModelSpecificationError, match='parameterization="theta"') as caught:
        fit(data, "f =~ o1 + o3 + pass", ordered=[*ORDERED, "pass"], group=group, group_equal=equal)
    assert caught.value.code == "residuals_under_delta"


# -- what is refused ----------------------------------------------------------------------------


def test_the_ordered_items_must_be_named() -> None:
    with pytest.raises(sem.ModelSpecificationError, match="name them in `ordered`") as caught:
        fit(draw(1), "f =~ o1 + o3 + pass", ordered=[])
    assert caught.value.code == "ordered_not_named"


def test_a_misspelt_ordered_item_is_named_and_another_column_is_not_minded() -> None:
    with pytest.raises(sem.UnknownVariableError, match="`ordered` names 03") as caught:
        fit(draw(1), "f =~ o1 + o3 + pass", ordered=["o1", "03", "pass"])
    assert caught.value.names == ("03",)
    assert fit(draw(1), "f =~ o1 + y2 + y4", ordered=["o1", "o3"]).converged


@pytest.mark.parametrize(
    ("model", "options", "code", "said"),
    [
        ("f =~ y2 + y4 + o3\nf ~ o1", {}, "ordered_covariate", r"o1 ~~ 1\*o1"),
        ("f =~ o1 + y2 + y4\ny2 | 0*t1", {}, "not_ordered", "y2 is continuous"),
        ("f =~ o1 + y2 + y4\no1 | 0*t5", {}, "threshold_number", "3 thresholds"),
        ("f =~ o1 + y2 + y4\no1 ~~ 0.5*o1", {}, "residual_under_delta", "theta"),
        (
            "f =~ o1 + y2 + y4\no1 ~*~ 2*o1",
            {"parameterization": "theta"},
            "scale_under_theta",
            "delta",
        ),
        (MODEL, {"cluster": np.zeros(400)}, "one_cluster", "one single cluster"),
        (MODEL, {"estimator": "DWLS", "cluster": np.arange(400)}, "clusters_need_wlsmv", "WLSMV"),
        ("f =~ o1 + o3 + y4\nf ~ x1 + twice", {}, "collinear_covariates", "leave one"),
        ("f =~ o1 + same + y4", {"ordered": ["o1", "same"]}, "perfect_association", "drop one"),
        ("told ~ x1", {"ordered": ["told"]}, "separation", "leave a covariate out"),
        ("f =~ o1 + y2 + same", {"ordered": ["o1"]}, "perfect_association", "drop one"),
    ],
)
def test_what_cannot_be_estimated_is_refused_with_a_code(
    model: str, options: dict[str, Any], code: str, said: str
) -> None:
    data = draw(12)
    data |= {
        "twice": 2.0 * data["x1"],
        "same": data["o1"].copy(),
        "told": (data["x1"] > 0).astype(float),
    }
    with pytest.raises(sem.SemError, match=said) as caught:
        fit(data, model, **options)
    assert caught.value.code == code


def test_an_ordered_predictor_may_be_modelled_by_its_latent_response() -> None:
    data = draw(15)
    result = fit(data, "f =~ y2 + y4 + o3\nf ~ o1\no1 ~~ 1*o1")
    assert result.parameter("f", "~", "o1").std_all > 0.3
    assert result.r2["all"]["f"] == pytest.approx(result.parameter("f", "~", "o1").std_all ** 2)


def test_scaled_differences_of_ordered_items_are_those_of_satorra_2000() -> None:
    data = draw(16)
    free, tied = fit(data), fit(data, "f =~ o1 + y2 + o3 + y4\nf ~ x1 + 0*x2")
    assert sem.compare(tied, free).method == "satorra.2000"
    with pytest.raises(sem.ComparisonError, match=r"satorra\.2000") as caught:
        sem.compare(tied, free, method="satorra.bentler.2010")
    assert caught.value.code == "method_for_ordered_items"


# -- missing answers, resampling, simulation ----------------------------------------------------


def test_pairwise_uses_every_answer_and_needs_all_covariates() -> None:
    data = draw(13)
    random = np.random.default_rng(13)
    for name in ("o1", "y2", "o3", "y4", "x1"):
        data[name] = np.where(random.random(400) < 0.1, np.nan, data[name])
    listwise, pairwise = (fit(data, missing=rule) for rule in ("listwise", "pairwise"))
    assert pairwise.nobs == int((~np.isnan(data["x1"])).sum()) > listwise.nobs
    slope = pairwise.parameter("f", "~", "x1")
    assert slope.se < listwise.parameter("f", "~", "x1").se
    # in units of o1's residual standard deviation, √2
    assert abs(slope.est - 0.5 / np.sqrt(2.0)) < 4 * slope.se


def test_pairwise_names_what_was_never_answered_or_never_together() -> None:
    data = draw(17)
    data["y4"] = np.where(np.arange(400) < 200, data["y4"], np.nan)
    data["o1"] = np.where(np.arange(400) < 200, np.nan, data["o1"])
    with pytest.raises(sem.DataError, match="o1 and y4 are never seen in one row") as caught:
        fit(data, missing="pairwise")
    assert caught.value.code == "no_coverage"
    with pytest.raises(sem.DataError, match="y4 is missing in every row of group two") as caught:
        fit(data, group=np.repeat(["one", "two"], 200), missing="pairwise", model=NO_O1)
    assert caught.value.code == "no_rows"


def test_groups_may_have_indicators_and_covariates_of_their_own() -> None:
    data, group = draw(4), np.repeat(["one", "two"], 200)
    data["y4"][200:] = np.nan
    model = """
        group: one
        f =~ o1 + a*y2 + b*o3 + y4
        f ~ x1
        group: two
        f =~ o1 + a*y2 + b*o3
        f ~ x1 + x2
    """
    result = fit(data, model, group=group)
    # 19 and 16 statistics, 24 parameters
    assert (result.nobs, result.fit["df"]) == (400, 11)
    with pytest.raises(KeyError):
        result.parameter("f", "=~", "y4", "two")


def test_resamples_of_mixed_rows_are_fitted_like_the_rows() -> None:
    data = draw(14)
    group = np.repeat(["one", "two"], 200)
    options: dict[str, Any] = {"group_equal": ["loadings", "thresholds", "intercepts"]}
    result = fit(data, group=group, cluster=np.arange(400) // 2, **options)
    random = np.random.default_rng(2)
    rows = np.concatenate([random.integers(0, 200, 200), random.integers(200, 400, 200)])
    again = fit({k: v[rows] for k, v in data.items()}, group=group[rows], **options)
    expected = [parameter.est for parameter in again.parameters]
    assert sem.bootstrap_rows(result, rows).estimates[0] == pytest.approx(expected, abs=1e-6)
    drawn = sem.bootstrap(result, draws=6, seed=4)
    assert drawn.n_failed == 0


def test_a_simulated_ordered_outcome_has_a_latent_response_of_variance_one() -> None:
    model = "f =~ 1*y1 + 0.8*y2\npass ~ 0.6*f\npass | 0.5*t1\nf ~~ 1*f"
    drawn = sem.simulate(model, 40_000, seed=3)
    assert (drawn.data["pass"] > 1).mean() == pytest.approx(1 - norm.cdf(0.5), abs=0.01)
