"""Resampling a fit: the numbers of lavaan, of any number of processes, of clusters."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from analysis import sem
from analysis.sem.resampling.bootstrapping import bootstrap, bootstrap_rows
from analysis.sem.resampling.intervals import bca_limits, percentile_limits
from analysis.sem.simulation import simulate

MODEL = """
    f =~ x1 + x2 + x3
    g =~ y1 + y2 + y3
    g ~ c(b1, b2)*f
    twice := b1 + b2
"""
POPULATION = """
    f =~ 0.8*x1 + 0.7*x2 + 0.6*x3
    g =~ 0.8*y1 + 0.7*y2 + 0.6*y3
    g ~ c(0.4, -0.3)*f
"""


@pytest.fixture(scope="module")
def drawn():
    return simulate(POPULATION, [220, 180], seed=11, groups=["people", "model"], standardized=True)


@pytest.fixture(scope="module")
def fitted(drawn):
    return sem.fit(MODEL, drawn.data, group=drawn.group, group_equal=["loadings"])


def slopes_of(result):
    columns = [number for number, p in enumerate(result.parameters) if p.op == "~"]
    return result.estimates[:, columns]


def read_columns(path: Path) -> tuple[dict[str, np.ndarray], np.ndarray]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    items = [name for name in rows[0] if name.startswith("x")]
    data = {name: np.array([float(row[name]) for row in rows]) for name in items}
    return data, np.array([row["school"] for row in rows])


@pytest.fixture(scope="module")
def holzinger(shared_dir):
    reference = json.loads((shared_dir / "reference/hs1939/BOOT_sem_metric.json").read_text())
    model = json.loads((shared_dir / "reference/hs1939/sem_metric_bootbase.ML.json").read_text())
    data, school = read_columns(shared_dir / "reference/hs1939/data.csv")
    fit = sem.fit(model["syntax"], data, group=school, group_equal=["loadings"])
    return reference, bootstrap_rows(fit, reference["idx0"])


def test_explicit_resamples_give_lavaans_coefficients_one_by_one(holzinger):
    reference, result = holzinger
    labels = [parameter.label for parameter in result.parameters]
    found = result.estimates[:, [labels.index(name) for name in reference["coef_names"]]]
    apart = np.abs(found - np.array(reference["coef"]))
    # lavaan stops within 1e-5 of its minimum, now and then a little outside
    assert np.median(apart) < 2e-6
    assert np.quantile(apart, 0.99) < 1e-5
    assert apart.max() < 2e-5
    assert result.n_failed == 0


def test_the_resample_farthest_from_lavaan_is_nearer_to_the_minimum(holzinger):
    # lavaan's own coefficients of resample 33 with optim.method = "BFGS", reltol = 1e-18
    _, result = holzinger
    labels = [parameter.label for parameter in result.parameters]
    columns = [labels.index(name) for name in ("b1_1", "b1_2", "b2_1", "b2_2")]
    expected = [0.2201370007517, 0.2342258770955, 0.0462396112689, 0.2969814886565]
    assert result.estimates[32, columns] == pytest.approx(expected, abs=1e-7)


def test_any_number_of_processes_gives_the_same_bytes(fitted):
    alone = bootstrap(fitted, draws=230, seed=5)
    together = bootstrap(fitted, draws=230, seed=5, processes=3)
    assert alone.estimates.tobytes() == together.estimates.tobytes()
    assert alone.converged.tolist() == together.converged.tolist()


def test_the_first_resamples_do_not_depend_on_how_many_follow(fitted):
    few, many = bootstrap(fitted, draws=40, seed=5), bootstrap(fitted, draws=90, seed=5)
    assert few.estimates == pytest.approx(many.estimates[:40], abs=1e-6)
    other = bootstrap(fitted, draws=40, seed=6)
    assert np.abs(slopes_of(other) - slopes_of(few)).min() > 0.0


def test_a_resample_of_every_row_once_is_the_fit_itself(fitted):
    result = bootstrap_rows(fitted, [np.arange(400)])
    point = [parameter.est for parameter in fitted.parameters]
    assert result.estimates[0] == pytest.approx(point, abs=1e-7)


@pytest.mark.parametrize("missing", ["listwise", "fiml"])
def test_a_resample_is_what_a_fit_to_its_rows_gives(drawn, missing):
    rng = np.random.default_rng(3)
    data = {
        name: np.where(rng.random(400) < 0.05, np.nan, values)
        for name, values in drawn.data.items()
    }
    fit = sem.fit(MODEL, data, group=drawn.group, group_equal=["loadings"], missing=missing)
    rows = np.concatenate([rng.integers(0, 220, 220), rng.integers(220, 400, 180)])
    result = bootstrap_rows(fit, rows)
    again = sem.fit(
        MODEL,
        {name: values[rows] for name, values in data.items()},
        group=drawn.group[rows],
        group_equal=["loadings"],
        missing=missing,
    )
    expected = [parameter.est for parameter in again.parameters]
    assert result.estimates[0] == pytest.approx(expected, abs=1e-6)


def test_moments_of_exogenous_predictors_follow_the_resample(drawn):
    model = "g =~ y1 + y2 + y3\n g ~ x1 + x2"
    fit = sem.fit(model, drawn.data, group=drawn.group)
    rows = np.random.default_rng(4).integers(0, 220, 220)
    rows = np.concatenate([rows, np.arange(220, 400)])
    again = sem.fit(
        model, {name: v[rows] for name, v in drawn.data.items()}, group=drawn.group[rows]
    )
    expected = [parameter.est for parameter in again.parameters]
    assert bootstrap_rows(fit, rows).estimates[0] == pytest.approx(expected, abs=1e-6)


def test_constraints_hold_in_every_resample(drawn):
    model = MODEL + "\n b2 == -b1"
    fit = sem.fit(model, drawn.data, group=drawn.group, group_equal=["loadings"])
    slopes = slopes_of(bootstrap(fit, draws=60, seed=2))
    assert slopes[:, 0] == pytest.approx(-slopes[:, 1], abs=1e-9)


def test_standard_errors_are_near_those_of_the_fit(fitted):
    intervals = bootstrap(fitted, draws=600, seed=1).intervals()
    for interval, parameter in zip(intervals, fitted.parameters, strict=True):
        assert interval.se == pytest.approx(parameter.se, rel=0.3, abs=1e-9)
        assert interval.ci_lower <= interval.est <= interval.ci_upper


def test_defined_parameters_are_resampled_too(fitted):
    result = bootstrap(fitted, draws=50, seed=1)
    labels = [parameter.label for parameter in result.parameters]
    b1, b2, twice = (result.estimates[:, labels.index(name)] for name in ("b1", "b2", "twice"))
    assert twice == pytest.approx(b1 + b2, abs=1e-12)


def test_whole_clusters_are_drawn(drawn):
    copies = {name: np.repeat(values, 5) for name, values in drawn.data.items()}
    group, cluster = np.repeat(drawn.group, 5), np.repeat(np.arange(400), 5)
    fit = sem.fit(MODEL, copies, group=group, group_equal=["loadings"])
    rows, prompts = (
        bootstrap(fit, draws=300, seed=9, cluster=ids).intervals() for ids in (None, cluster)
    )
    slope = next(number for number, p in enumerate(fit.parameters) if p.op == "~")
    assert prompts[slope].se == pytest.approx(np.sqrt(5) * rows[slope].se, rel=0.25)


def test_factors_without_a_marker_keep_the_sign_of_the_solution():
    drawn = simulate("f =~ 0.35*x1 + 0.3*x2 + 0.35*x3 + 0.3*x4", 150, seed=1, standardized=True)
    fit = sem.fit("f =~ x1 + x2 + x3 + x4", drawn.data, std_lv=True)
    result = bootstrap(fit, draws=200, seed=1)
    loadings = result.usable(inadmissible=True)[:, :4]
    point = np.array([parameter.est for parameter in fit.parameters[:4]])
    assert (loadings @ point > 0).all()


def test_inadmissible_resamples_are_counted_and_left_out():
    drawn = simulate("f =~ 0.95*x1 + 0.5*x2 + 0.4*x3", 60, seed=3, standardized=True)
    fit = sem.fit("f =~ x1 + x2 + x3", drawn.data)
    result = bootstrap(fit, draws=150, seed=1)
    assert result.n_inadmissible > 0
    assert len(result.usable()) == 150 - result.n_failed - result.n_inadmissible
    assert len(result.usable(inadmissible=True)) == 150 - result.n_failed


def test_percentile_limits_lie_between_order_statistics():
    # of 1 … 99, the order statistics number (R + 1) p
    draws = np.arange(1.0, 100.0)[:, None]
    assert percentile_limits(draws, 0.9) == pytest.approx(np.array([[5.0, 95.0]]))
    # between order statistics: Davison & Hinkley (1997, eq. 5.8), worked out in R
    draws = np.arange(1.0, 31.0)[:, None]
    expected = [[1.61615638126, 29.38384361874]]
    assert percentile_limits(draws, 0.9) == pytest.approx(np.array(expected), abs=1e-10)


def test_bca_limits_are_the_percentile_ones_where_nothing_is_skewed():
    draws = np.arange(1.0, 100.0)[:, None]
    influence = np.array([[-1.0], [1.0]])
    plain = percentile_limits(draws, 0.9)
    assert bca_limits(draws, np.array([50.0]), influence, 0.9) == pytest.approx(plain)
    right = bca_limits(draws, np.array([50.0]), np.array([[-1.0], [-1.0], [2.0]]), 0.9)
    assert (right > plain).all()


def test_a_method_that_does_not_exist_is_named(fitted):
    with pytest.raises(sem.ModelSpecificationError, match="studentised"):
        bootstrap(fitted, draws=5, seed=1).intervals(method="studentised")


ITEMS = """
    f =~ 0.8*u1 + 0.7*u2 + 0.7*u3 + 0.6*u4
    u1 | -0.6*t1 + 0.5*t2
    u2 | -0.5*t1 + 0.6*t2
    u3 | -0.4*t1 + 0.7*t2
    u4 | 0.2*t1
"""


@pytest.fixture(scope="module")
def ordered_fit():
    drawn = simulate(ITEMS, [160, 140], seed=21, groups=["people", "model"])
    options = {
        "estimator": "WLSMV",
        "ordered": ["u1", "u2", "u3", "u4"],
        "group_equal": ["thresholds", "loadings", "intercepts"],
    }
    fit = sem.fit("f =~ u1 + u2 + u3 + u4", drawn.data, group=drawn.group, **options)
    return drawn, options, fit


def test_ordered_items_are_resampled_from_their_polychorics_up(ordered_fit):
    drawn, options, fit = ordered_fit
    rng = np.random.default_rng(5)
    rows = np.concatenate([rng.integers(0, 160, 160), rng.integers(160, 300, 140)])
    again = sem.fit(
        "f =~ u1 + u2 + u3 + u4",
        {name: values[rows] for name, values in drawn.data.items()},
        group=drawn.group[rows],
        **options,
    )
    expected = [parameter.est for parameter in again.parameters]
    assert bootstrap_rows(fit, rows).estimates[0] == pytest.approx(expected, abs=1e-6)


def test_ordered_items_too_give_the_same_bytes_in_any_number_of_processes(ordered_fit):
    _, _, fit = ordered_fit
    alone, together = (bootstrap(fit, draws=24, seed=3, processes=n) for n in (1, 2))
    assert alone.estimates.tobytes() == together.estimates.tobytes()
    slope = next(n for n, p in enumerate(fit.parameters) if p.op == "=~" and p.free)
    interval = alone.intervals(method="bca")[slope]
    assert interval.ci_lower < interval.est < interval.ci_upper


def test_a_resample_that_loses_a_category_counts_as_failed(ordered_fit):
    drawn, _, fit = ordered_fit
    highest = np.flatnonzero((drawn.data["u1"] < 3) & (drawn.group == "people"))
    rows = np.concatenate([np.resize(highest, 160), np.arange(160, 300)])
    assert bootstrap_rows(fit, rows).n_failed == 1


def test_rows_that_cannot_be_resampled_are_named(fitted):
    with pytest.raises(sem.ModelSpecificationError, match="row -1 does not exist"):
        bootstrap_rows(fitted, [-1, 5, 300])
    with pytest.raises(sem.ModelSpecificationError, match="resample 0 has no row of group model"):
        bootstrap_rows(fitted, [np.arange(220)])
