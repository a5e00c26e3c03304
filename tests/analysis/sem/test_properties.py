"""What must hold for every model and every data set, tried on random ones."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis import sem

FACTORS = {"f": ("a1", "a2", "a3"), "g": ("b1", "b2", "b3")}
MODEL = "f =~ a1 + a2 + a3\ng =~ b1 + b2 + b3\ng ~ f"
SEEDS = st.integers(min_value=0, max_value=10_000)
quick = settings(max_examples=15)


def draw(seed: int, n: int = 240) -> tuple[dict[str, np.ndarray], np.ndarray]:
    random = np.random.default_rng(seed)
    f = random.normal(size=n)
    g = 0.5 * f + random.normal(size=n)
    data = {
        item: random.uniform(0.6, 1.2) * factor + random.normal(size=n) + random.normal()
        for items, factor in zip(FACTORS.values(), (f, g), strict=True)
        for item in items
    }
    return data, np.where(np.arange(n) % 3 == 0, "one", "two")


def solution(result: sem.SemFit) -> dict[tuple[str, ...], float]:
    return {(row.lhs, row.op, row.rhs, row.group): row.est for row in result.parameters}


@quick
@given(SEEDS)
def test_renaming_groups_and_reordering_rows_and_items_changes_nothing(seed: int) -> None:
    data, group = draw(seed)
    before = sem.fit(MODEL, data, group=group, group_equal=["loadings"])
    order = np.argsort(group, kind="stable")[::-1]
    renamed = np.where(group == "one", "erste", "zweite")[order]
    shuffled = "f =~ a1 + a3 + a2\ng =~ b1 + b3 + b2\ng ~ f"
    moved = {name: values[order] for name, values in data.items()}
    after = sem.fit(shuffled, moved, group=renamed, group_equal=["loadings"])
    assert after.fit["chisq"] == pytest.approx(before.fit["chisq"], rel=1e-8)
    names = {"one": "erste", "two": "zweite"}
    found = solution(after)
    for (lhs, op, rhs, label), est in solution(before).items():
        assert found[lhs, op, rhs, names[label]] == pytest.approx(est, rel=1e-6, abs=1e-8)


@quick
@given(SEEDS, st.floats(min_value=0.01, max_value=1000.0))
def test_rescaling_an_item_rescales_its_loading_and_nothing_else(seed: int, factor: float) -> None:
    data, _ = draw(seed)
    before = sem.fit(MODEL, data)
    after = sem.fit(MODEL, {**data, "a2": factor * data["a2"]})
    assert after.fit["chisq"] == pytest.approx(before.fit["chisq"], rel=1e-6, abs=1e-6)
    loading = before.parameter("f", "=~", "a2")
    rescaled = after.parameter("f", "=~", "a2")
    assert rescaled.est == pytest.approx(factor * loading.est, rel=1e-5)
    assert rescaled.z == pytest.approx(loading.z, rel=1e-5)
    assert after.parameter("g", "~", "f").est == pytest.approx(
        before.parameter("g", "~", "f").est, rel=1e-5
    )


@quick
@given(SEEDS)
def test_the_standardised_solution_does_not_depend_on_identification(seed: int) -> None:
    data, _ = draw(seed)
    marker, unit = sem.fit(MODEL, data), sem.fit(MODEL, data, std_lv=True)
    for one, other in zip(marker.parameters, unit.parameters, strict=True):
        assert other.std_all == pytest.approx(one.std_all, rel=1e-5, abs=1e-7)
        assert other.std_all_se == pytest.approx(one.std_all_se, rel=1e-4, abs=1e-7)


@quick
@given(SEEDS)
def test_constraints_hold_exactly(seed: int) -> None:
    data, _ = draw(seed)
    constrained = "f =~ a1 + x*a2 + y*a3\ng =~ b1 + z*b2 + b3\nx == y\nz == x^2 - 0.1"
    result = sem.fit(constrained, data)
    x, y, z = (result.labelled(label).est for label in "xyz")
    assert result.converged
    assert x == pytest.approx(y, abs=1e-10)
    assert z == pytest.approx(x**2 - 0.1, abs=1e-9)


@quick
@given(SEEDS, st.booleans())
def test_gradient_and_hessian_are_those_of_finite_differences(seed: int, incomplete: bool) -> None:
    data, group = draw(seed, n=300)
    if incomplete:
        random = np.random.default_rng(seed)
        data = {k: np.where(random.random(300) < 0.1, np.nan, v) for k, v in data.items()}
    result = sem.fit(
        MODEL, data, group=group, missing="fiml", group_equal=["loadings", "intercepts"]
    )
    model, x = result.estimation.model, result.estimation.search.point.x
    errors = np.sqrt(np.abs(np.diag(result.vcov)))
    x = x + 0.2 * np.clip(errors, 0, 0.1) * np.random.default_rng(seed).normal(size=len(x))
    point = model.point(x)
    assume(result.admissible and point is not None)
    steps = 1e-5 * np.eye(len(x))
    slope = [(model.point(x + s).value - model.point(x - s).value) / 2e-5 for s in steps]
    assert model.gradient(point) == pytest.approx(np.array(slope), rel=1e-6, abs=1e-7)
    bend = [
        (model.gradient(model.point(x + s)) - model.gradient(model.point(x - s))) / 2e-5
        for s in steps
    ]
    assert model.observed_information(point) == pytest.approx(np.array(bend), rel=1e-5, abs=1e-5)


def test_a_model_simulated_and_refitted_recovers_its_parameters() -> None:
    random = np.random.default_rng(11)
    n = 20_000
    f = random.normal(size=n)
    g = 0.6 * f + 0.8 * random.normal(size=n)
    loadings = {"a1": 1.0, "a2": 0.7, "a3": 1.3, "b1": 1.0, "b2": 0.9, "b3": 0.5}
    data = {
        item: loading * (f if item[0] == "a" else g) + 0.7 * random.normal(size=n)
        for item, loading in loadings.items()
    }
    result = sem.fit(MODEL, data)
    truth = {("f", "=~", "a2"): 0.7, ("f", "=~", "a3"): 1.3, ("g", "=~", "b2"): 0.9,
             ("g", "=~", "b3"): 0.5, ("g", "~", "f"): 0.6, ("a1", "~~", "a1"): 0.49}  # fmt: skip
    for key, value in truth.items():
        row = result.parameter(*key)
        assert abs(row.est - value) < 4 * row.se
    assert result.fit["pvalue"] > 0.001


def test_clustered_rows_have_one_standard_error_under_ml_and_mlr() -> None:
    data, group = draw(5)
    ids = np.arange(len(group)) // 6
    plain, robust = (
        sem.fit(MODEL, data, group=group, cluster=ids, estimator=estimator).parameters
        for estimator in ("ML", "MLR")
    )
    expected = [row.se for row in robust]
    assert [row.se for row in plain] == pytest.approx(expected, rel=1e-6, nan_ok=True)


@quick
@given(SEEDS)
def test_effect_coding_and_far_bounds_are_other_words_for_the_same_model(seed: int) -> None:
    data, group = draw(seed)
    keywords = {"group": group, "group_equal": ["loadings", "intercepts"]}
    marker = sem.fit(MODEL, data, **keywords)
    effects = sem.fit(MODEL, data, effect_coding=True, **keywords)
    # the sums of the other intercepts hold the last one equal, released or not
    item = FACTORS["f"][-1]
    released = sem.fit(MODEL, data, effect_coding=True, group_partial=[f"{item} ~ 1"], **keywords)
    bounded = sem.fit(MODEL.replace("g ~ f", "g ~ c(s, t)*f\ns > -50\nt < 50"), data, **keywords)
    for other in (effects, released, bounded):
        assert other.fit["chisq"] == pytest.approx(marker.fit["chisq"], rel=1e-7)
        assert other.fit["df"] == marker.fit["df"]
    assert not any(bound.active for bound in bounded.bounds)
    for label in marker.groups:
        loadings = [effects.parameter("f", "=~", item, label).est for item in FACTORS["f"]]
        assert np.mean(loadings) == pytest.approx(1.0)
        one, other = (fit.parameter("g", "~", "f", label) for fit in (marker, effects))
        assert other.std_all == pytest.approx(one.std_all, rel=1e-5, abs=1e-7)


@quick
@given(SEEDS, st.floats(min_value=0.01, max_value=100.0))
def test_the_unit_of_weights_and_the_names_of_clusters_mean_nothing(
    seed: int, factor: float
) -> None:
    data, _ = draw(seed)
    random = np.random.default_rng(seed)
    weights, clusters = random.uniform(0.5, 2.0, 240), random.integers(0, 40, 240)
    before = sem.fit(MODEL, data, sampling_weights=weights, cluster=clusters)
    names = np.array([f"class {40 - number}" for number in clusters])
    after = sem.fit(MODEL, data, sampling_weights=factor * weights, cluster=names)
    assert after.fit["chisq.scaled"] == pytest.approx(before.fit["chisq.scaled"], rel=1e-6)
    for one, other in zip(before.parameters, after.parameters, strict=True):
        assert other.se == pytest.approx(one.se, rel=1e-6, nan_ok=True)


@quick
@given(SEEDS)
def test_robust_indices_of_incomplete_data_tend_to_those_of_complete_data(seed: int) -> None:
    """One missing answer among 1440 moves them by little."""
    data, _ = draw(seed)
    complete = sem.fit(MODEL, data, estimator="MLR", meanstructure=True)
    data["a2"] = np.where(np.arange(240) == 7, np.nan, data["a2"])
    incomplete = sem.fit(MODEL, data, estimator="MLR", missing="fiml")
    for name in ("cfi.robust", "tli.robust", "rmsea.robust"):
        assert incomplete.fit[name] == pytest.approx(complete.fit[name], abs=0.03)


def test_clustered_and_weighted_slopes_are_covered_as_often_as_claimed() -> None:
    """300 populations: informative weights, and clusters that share part of the outcome."""
    covered, truth = 0, 0.5
    for seed in range(300):
        random = np.random.default_rng(seed)
        n = 400
        cluster = np.arange(n) // 5
        shared = random.normal(size=n // 5)[cluster]
        x = 0.6 * random.normal(size=n // 5)[cluster] + random.normal(size=n)
        noise = random.normal(size=n)
        y = truth * x + 0.7 * shared + noise
        chance = 1.0 / (1.0 + np.exp(-0.5 * noise))
        drawn = random.random(n) < chance
        fit = sem.fit(
            "y ~ b*x",
            {"x": x[drawn], "y": y[drawn]},
            cluster=cluster[drawn],
            sampling_weights=1.0 / chance[drawn],
        )
        slope = fit.labelled("b")
        covered += slope.ci_lower < truth < slope.ci_upper
    assert 0.93 <= covered / 300 <= 0.97


def test_a_defined_parameter_has_the_slope_of_an_absolute_value() -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=200)
    m = random.normal(size=200) - 0.5 * x
    y = random.normal(size=200) + 0.4 * m
    model = "m ~ a*x\ny ~ b*m\nsize := abs(a)\nratio := sqrt(abs(a)) * b"
    fit = sem.fit(model, {"x": x, "m": m, "y": y})
    a, b, size, ratio = (fit.labelled(name) for name in ("a", "b", "size", "ratio"))
    assert a.est < 0
    assert (size.est, size.se) == pytest.approx((-a.est, a.se))
    # a and b are independent: the delta method by hand
    root = np.sqrt(-a.est)
    assert ratio.se == pytest.approx(np.hypot(b.est * a.se / (2 * root), root * b.se))
