"""Data drawn from a model hold what the model says."""

import numpy as np
import pytest

from analysis.sem.errors import ModelSpecificationError
from analysis.sem.ordinal.thresholds import ordinal_moments
from analysis.sem.simulation import simulate

MODEL = """
    f =~ 0.8*x1 + 0.7*x2 + 0.6*x3
    g =~ 0.9*y1 + 0.5*y2
    g ~ -0.4*f
"""


def matrix(drawn, names):
    return np.column_stack([drawn.data[name] for name in names])


def test_moments_are_those_the_model_implies():
    drawn = simulate(MODEL + "x1 ~ 3*1\nx1 ~~ 0.36*x1", 60_000, seed=1)
    covariance = np.cov(matrix(drawn, ["x1", "x2", "y1"]), rowvar=False)
    slope = -0.4
    expected = [
        [0.64 + 0.36, 0.56, 0.8 * slope * 0.9],
        [0.56, 0.49 + 1.0, 0.7 * slope * 0.9],
        [0.8 * slope * 0.9, 0.7 * slope * 0.9, 0.81 * (slope**2 + 1.0) + 1.0],
    ]
    assert covariance == pytest.approx(np.array(expected), abs=0.03)
    assert drawn.data["x1"].mean() == pytest.approx(3.0, abs=0.02)


def test_standardized_makes_every_total_variance_one():
    drawn = simulate(MODEL, 60_000, seed=2, standardized=True)
    assert matrix(drawn, drawn.data).var(axis=0) == pytest.approx(np.ones(5), abs=0.03)
    assert drawn.latent["g"].var() == pytest.approx(1.0, abs=0.03)
    both = np.corrcoef(drawn.latent["f"], drawn.latent["g"])[0, 1]
    assert both == pytest.approx(-0.4, abs=0.02)


def test_thresholds_cut_variables_into_categories():
    model = """
        f =~ 0.8*u1 + 0.7*u2
        u1 | -1*t1 + 0.5*t2
        u2 | 0*t1
    """
    drawn = simulate(model, 40_000, seed=3)
    codes = matrix(drawn, ["u1", "u2"])
    assert np.unique(codes[:, 0]).tolist() == [1.0, 2.0, 3.0]
    found = ordinal_moments(codes - 1.0, names=["u1", "u2"])
    assert found.thresholds[0] == pytest.approx([-1.0, 0.5], abs=0.03)
    assert found.correlation[0, 1] == pytest.approx(0.56, abs=0.03)


def test_groups_differ_where_the_model_says_so():
    drawn = simulate(
        "f =~ c(0.9, 0.3)*x1 + 0.8*x2\n f ~ c(0, 1)*1", [30_000, 20_000], seed=4,
        groups=["people", "model"],
    )  # fmt: skip
    people = drawn.group == "people"
    assert people.sum() == 30_000
    of = {
        label: np.cov(matrix(drawn, ["x1", "x2"])[rows], rowvar=False)[0, 1]
        for label, rows in (("people", people), ("model", ~people))
    }
    assert of == pytest.approx({"people": 0.72, "model": 0.24}, abs=0.03)
    assert drawn.data["x2"][~people].mean() == pytest.approx(0.8, abs=0.03)


def test_a_variable_outside_a_groups_block_is_missing_there():
    model = """
        f =~ 0.8*x1 + 0.7*x2
        group: people
        f =~ 0.6*x3
    """
    drawn = simulate(model, 50, seed=5, groups=["people", "model"])
    assert np.isnan(drawn.data["x3"]).tolist() == (drawn.group == "model").tolist()


def test_a_second_order_model_can_be_drawn():
    model = """
        a =~ 0.8*x1 + 0.8*x2
        b =~ 0.8*x3 + 0.8*x4
        top =~ 0.9*a + 0.8*b
    """
    drawn = simulate(model, 60_000, seed=6, standardized=True)
    across = np.corrcoef(drawn.data["x1"], drawn.data["x3"])[0, 1]
    assert across == pytest.approx(0.64 * 0.72, abs=0.02)


def test_the_seed_fixes_the_rows_and_later_groups_leave_earlier_ones_alone():
    alone = simulate(MODEL, 30, seed=7, groups=["a"])
    again = simulate(MODEL, 30, seed=7, groups=["a", "b"])
    assert (again.data["x1"][:30] == alone.data["x1"]).all()
    assert (again.data["x1"][30:] != alone.data["x1"]).all()
    assert (simulate(MODEL, 30, seed=8).data["x1"] != alone.data["x1"]).all()


def test_the_asked_share_of_answers_is_missing():
    drawn = simulate(MODEL, 5_000, seed=9, missing_share=0.1)
    assert np.isnan(matrix(drawn, drawn.data)).mean() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("f =~ 0.8*x1 + x2", "f =~ x2 needs a value"),
        ("f =~ 0.8*x1 + 0.7*x2\ng =~ 1*y1\ng ~ f", "g ~ f needs a value"),
        ("f =~ 0.8*x1\nx1 | 1*t1 + 0*t2", "must ascend"),
        ("f =~ 1.2*u1 + 0.5*u2\nu1 | 0*t1", "negative residual variance"),
        ("f =~ 1*x1 + 1*x2\nx1 ~~ 3*x2", "not positive definite"),
    ],
)
def test_what_is_missing_or_impossible_is_named(model, words):
    with pytest.raises(ModelSpecificationError, match=words):
        simulate(model, 10, seed=1)
