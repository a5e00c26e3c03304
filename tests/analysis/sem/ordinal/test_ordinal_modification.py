"""Score tests and modification indices of ordered items, apart from any reference numbers."""

import numpy as np
import pytest

from analysis import sem

ITEMS = [f"x{number}" for number in range(1, 7)]
MODEL = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6"
CUTS = (-0.8, 0.1, 0.9)


@pytest.fixture(scope="module")
def data() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Two groups of 600; x3 also measures g a little, and the second group's x5 sits higher."""
    rng = np.random.default_rng(20)
    factors = rng.multivariate_normal([0.0, 0.0], [[1.0, 0.4], [0.4, 1.0]], 1200)
    loadings = np.array([[0.8, 0], [0.7, 0], [0.6, 0.25], [0, 0.8], [0, 0.7], [0, 0.6]])
    values = factors @ loadings.T + 0.6 * rng.standard_normal((1200, 6))
    group = np.repeat(["a", "b"], 600)
    values[group == "b", 4] += 0.5
    return {name: np.digitize(values[:, n], CUTS) + 1.0 for n, name in enumerate(ITEMS)}, group


def _fit(
    data: tuple[dict[str, np.ndarray], np.ndarray], model: str = MODEL, **options: object
) -> sem.SemFit:
    return sem.fit(model, data[0], estimator="WLSMV", ordered=ITEMS, **options)  # type: ignore[arg-type]  # passed through


def test_the_index_foretells_the_fall_of_chi_square_and_the_estimate(
    data: tuple[dict[str, np.ndarray], np.ndarray],
) -> None:
    fit = _fit(data)
    index = next(
        one
        for one in sem.modification_indices(fit)
        if (one.lhs, one.op, one.rhs) == ("g", "=~", "x3")
    )
    freed = _fit(data, f"{MODEL}\ng =~ x3")
    assert index.mi > 10
    assert index.mi == pytest.approx(fit.fit["chisq"] - freed.fit["chisq"], rel=0.15)
    # one step of Gauss-Newton from zero: right in sign and size, not exact
    assert index.epc == pytest.approx(freed.parameter("g", "=~", "x3").est, rel=0.25)


def test_an_index_does_not_depend_on_the_parameterisation(
    data: tuple[dict[str, np.ndarray], np.ndarray],
) -> None:
    delta, theta = (
        {
            (one.lhs, one.op, one.rhs): (one.mi, one.sepc_all)
            for one in sem.modification_indices(_fit(data, parameterization=name))
            if one.lhs != one.rhs
        }
        for name in ("delta", "theta")
    )
    assert delta.keys() == theta.keys()
    for name, numbers in delta.items():
        assert numbers == pytest.approx(theta[name], rel=1e-4, abs=1e-5), name


@pytest.mark.parametrize("parameterization", ["delta", "theta"])
def test_the_threshold_that_differs_between_groups_is_found(
    data: tuple[dict[str, np.ndarray], np.ndarray], parameterization: str
) -> None:
    fit = _fit(
        data,
        group=data[1],
        group_equal=["loadings", "thresholds", "intercepts"],
        parameterization=parameterization,
    )
    joint, single = sem.score_tests(fit)
    assert (single[0].lhs, single[0].op) == ("x5", "|")
    assert joint.df == len(single)
    assert joint.statistic > single[0].score
    largest = sem.modification_indices(fit)[0]
    assert (largest.lhs, largest.op) == ("x5", "~1")


def test_a_search_for_partial_invariance_releases_that_threshold(
    data: tuple[dict[str, np.ndarray], np.ndarray],
) -> None:
    tied = ["loadings", "thresholds", "intercepts"]
    freer = _fit(data, group=data[1], group_equal=["loadings"])
    found = sem.search_partial(
        MODEL,
        data[0],
        group=data[1],
        group_equal=tied,
        freer=freer,
        most=2,
        estimator="WLSMV",
        ordered=ITEMS,
    )
    assert found.released[0].startswith("x5 |")
