"""Observed predictors: given moments do not vary, and say nothing about anything."""

from pathlib import Path

import numpy as np
import pytest

from analysis import sem
from tests.analysis.sem.reference import read_columns, to_numbers

MODEL = "f =~ x1 + x2 + x3\ny ~ b*f + z\nf ~ z"


@pytest.fixture(scope="module")
def data() -> dict[str, np.ndarray]:
    random = np.random.default_rng(11)
    n = 300
    z = random.exponential(size=n)
    f = 0.4 * z + random.normal(size=n)
    drawn = {f"x{k}": f + random.standard_t(5, size=n) for k in (1, 2, 3)}
    return {**drawn, "y": 0.5 * f + z + random.normal(size=n), "z": z}


def test_mlm_does_not_depend_on_whether_means_are_modelled(data: dict[str, np.ndarray]) -> None:
    without, with_means = (
        sem.fit(MODEL, data, estimator="MLM", meanstructure=means) for means in (False, True)
    )
    for name in ("chisq.scaled", "chisq.scaling.factor", "baseline.chisq.scaling.factor"):
        assert with_means.fit[name] == pytest.approx(without.fit[name], rel=1e-9)
    assert with_means.labelled("b").se == pytest.approx(without.labelled("b").se, rel=1e-9)


@pytest.mark.parametrize(("estimator", "lavaan"), [("MLM", 25.0141596585), ("MLR", 24.9143888157)])
def test_the_difference_test_of_satorra_leaves_given_moments_out(
    estimator: str, lavaan: float
) -> None:
    columns = read_columns(Path(__file__).parent / "lavaan" / "data.csv")
    data = {name: to_numbers(values) for name, values in columns.items()}
    model = "a =~ a1 + a2 + a3\nb1 ~ a + {0}z\na ~ {0}z"
    free, held = (sem.fit(model.format(value), data, estimator=estimator) for value in ("", "0*"))
    found = sem.compare(held, free, method="satorra.2000")
    assert found.statistic == pytest.approx(lavaan, rel=2e-5)


def test_clusters_of_one_row_change_mlm_by_the_small_sample_factor_alone(
    data: dict[str, np.ndarray],
) -> None:
    n = len(data["z"])
    plain = sem.fit(MODEL, data, estimator="MLM")
    clustered = sem.fit(MODEL, data, estimator="MLM", cluster=np.arange(n))
    factor = n / (n - 1)
    assert clustered.fit["chisq.scaling.factor"] == pytest.approx(
        factor * plain.fit["chisq.scaling.factor"], rel=1e-9
    )
    assert clustered.labelled("b").se == pytest.approx(
        np.sqrt(factor) * plain.labelled("b").se, rel=1e-9
    )


def test_modification_indices_know_items_in_regressions_and_slopes_of_predictors(
    data: dict[str, np.ndarray],
) -> None:
    fit = sem.fit("f =~ x1 + x2 + x3\ny ~ x1", {**data})
    found = {(i.lhs, i.op, i.rhs): i for i in sem.modification_indices(fit)}
    freed = sem.fit("f =~ x1 + x2 + x3\ny ~ x1\nx2 ~~ y", data)
    index = found["x2", "~~", "y"]
    assert index.mi == pytest.approx(fit.fit["chisq"] - freed.fit["chisq"], rel=0.35)
    assert index.epc == pytest.approx(freed.parameter("x2", "~~", "y").est, rel=0.35)
    of_predictor = sem.modification_indices(sem.fit("f =~ x1 + x2 + x3\ny ~ f\nx1 ~ z", data))
    assert ("z", "~", "y") in {(i.lhs, i.op, i.rhs) for i in of_predictor}


def test_a_product_of_columns_is_a_predictor(data: dict[str, np.ndarray]) -> None:
    written = sem.fit("y ~ x1 + z + x1:z", data)
    column = sem.fit("y ~ x1 + z + xz", {**data, "xz": data["x1"] * data["z"]})
    assert written.parameter("y", "~", "x1:z").est == pytest.approx(
        column.parameter("y", "~", "xz").est
    )
