"""What a user got wrong is said with a code and a name, never taken for something else."""

import unicodedata
from typing import Any

import numpy as np
import pytest

from analysis import sem

MODEL = "f =~ x1 + x2 + x3 + x4"
TWO = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\ng ~ b*f"
RNG = np.random.default_rng(7)
N = 240


def columns() -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    f = random.normal(size=N)
    g = 0.5 * f + random.normal(size=N)
    data = {f"x{k}": f + random.normal(size=N) for k in range(1, 5)}
    data |= {f"y{k}": g + random.normal(size=N) for k in range(1, 4)}
    data["z"] = random.normal(size=N) + 0.3 * g
    return data


DATA = columns()
HALVES = np.where(np.arange(N) % 2, "one", "two")


def refused(model: str, **keywords: Any) -> sem.SemError:
    data = keywords.pop("data", DATA)
    with pytest.raises(sem.SemError) as caught:
        sem.fit(model, data, **keywords)
    return caught.value


# -- rows that belong nowhere -----------------------------------------------------------------


@pytest.mark.parametrize("absent", [None, float("nan"), "", "NA"])
def test_a_missing_group_label_does_not_become_a_group(absent: object) -> None:
    group = HALVES.astype(object)
    group[[4, 9]] = absent
    error = refused(MODEL, group=group)
    assert error.code == "missing_group"
    assert "2 of 240 rows (first in row 5)" in str(error)


def test_masked_group_labels_are_missing() -> None:
    group = np.ma.array(np.arange(N) % 2, mask=np.arange(N) == 7)
    assert refused(MODEL, group=group).code == "missing_group"


@pytest.mark.parametrize("absent", [None, float("nan")])
def test_a_missing_cluster_is_named_by_its_row(absent: object) -> None:
    cluster = (np.arange(N) // 4).astype(object)
    cluster[11] = absent
    error = refused(MODEL, cluster=cluster)
    assert error.code == "missing_cluster"
    assert "row 12" in str(error)


@pytest.mark.parametrize("wrong", [float("nan"), -1.0, 0.0, float("inf")])
def test_a_weight_that_is_no_positive_number_is_refused(wrong: float) -> None:
    weights = np.ones(N)
    weights[2] = wrong
    assert refused(MODEL, sampling_weights=weights).code == "weights"


def test_masked_answers_are_missing() -> None:
    hidden = np.arange(N) % 9 == 0
    holes = {**DATA, "x2": np.where(hidden, np.nan, DATA["x2"])}
    masked = {**DATA, "x2": np.ma.array(DATA["x2"], mask=hidden)}
    expected = sem.fit(MODEL, holes, missing="fiml")
    found = sem.fit(MODEL, masked, missing="fiml")
    assert found.fit["chisq"] == pytest.approx(expected.fit["chisq"], rel=1e-12)
    assert sem.fit(MODEL, masked).nobs == N - hidden.sum()


# -- names --------------------------------------------------------------------------------------


def test_composed_and_decomposed_letters_are_one_name() -> None:
    composed, decomposed = (unicodedata.normalize(form, "größe") for form in ("NFC", "NFD"))
    assert composed != decomposed
    data = {decomposed if name == "x2" else name: DATA[name] for name in DATA}
    expected = sem.fit(MODEL, DATA).parameter("f", "=~", "x2").est
    for name in (composed, decomposed):
        result = sem.fit(MODEL.replace("x2", name), data)
        assert result.parameter("f", "=~", composed).est == pytest.approx(expected)


def test_a_no_break_space_separates_words() -> None:
    result = sem.fit(MODEL.replace(" ", "\u00a0"), DATA)
    assert result.fit["chisq"] == pytest.approx(sem.fit(MODEL, DATA).fit["chisq"])


def test_a_misspelt_ordered_item_is_refused() -> None:
    data = {name: np.digitize(values, [-0.5, 0.5]).astype(float) for name, values in DATA.items()}
    error = refused(MODEL, data=data, estimator="WLSMV", ordered=["x1", "x2", "x3", "x4", "X5"])
    assert (error.code, "X5" in str(error)) == ("unknown_variable", True)


def test_a_misspelt_release_is_refused() -> None:
    keywords: dict[str, Any] = {"group": HALVES, "group_equal": ["loadings"]}
    error = refused(MODEL, group_partial=["f =~ x9"], **keywords)
    assert "f =~ x9" in str(error)
    free = sem.fit(MODEL, DATA, group_partial=["f=~x2"], **keywords)
    assert free.fit["df"] == sem.fit(MODEL, DATA, **keywords).fit["df"] - 1


def test_a_factor_may_not_be_named_like_a_column() -> None:
    error = refused("z =~ x1 + x2 + x3")
    assert (error.code, "latent variable z" in str(error)) == ("name_taken", True)


# -- contradictions ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("f =~ 0.5*x2\nf =~ 0.7*x2", "fixed at 0.5 and fixed at 0.7"),
        ("x1 ~~ 0*x2\nx2 ~~ 0.3*x1", "fixed at 0 and fixed at 0.3"),
        ("f =~ NA*x3\nf =~ 1*x3", "free"),
        ("f =~ a*x2\nf =~ b*x2", "labelled a and labelled b"),
        ("x1 ~~ k*x1\nx2 ~~ 1*x2\nx2 ~~ k*x2\nx3 ~~ 2*x3\nx3 ~~ k*x3", "label k"),
        ("f =~ a*x2\nd := a\nd := 2*a", "d is defined"),
        ("f =~ a*x2\na := 3", "a is defined"),
        ("z ~ z", "cannot predict itself"),
    ],
)
def test_contradictory_statements_are_refused(added: str, said: str) -> None:
    error = refused(f"{MODEL}\n{added}")
    assert error.code == "contradiction"
    assert said in str(error)


def test_statements_that_complement_each_other_stand() -> None:
    model = f"{MODEL}\nf =~ a*x2\nf =~ start(0.9)*x2\nx1 ~~ x2\nx2 ~~ x1"
    result = sem.fit(model, DATA)
    assert result.labelled("a").rhs == "x2"
    assert result.fit["df"] == 1


# -- defined parameters -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "expression", ["log(-b)", "sqrt(0 - b)", "(0 - b)^0.5", "b / (b - b)", "(0 - b)^b"]
)
def test_a_function_outside_its_domain_has_no_value_and_says_so(expression: str) -> None:
    result = sem.fit(f"{TWO}\nd := {expression}\ntwice := 2*d\nhalf := b / 2", DATA)
    for name in ("d", "twice"):
        assert np.isnan(result.labelled(name).est)
        assert np.isnan(result.labelled(name).se)
    assert result.labelled("half").se > 0
    notices = [notice for notice in result.warnings if notice.code == "undefined"]
    assert [notice.message.split(" :=")[0] for notice in notices] == ["d", "twice"]


def test_negative_numbers_have_whole_powers() -> None:
    result = sem.fit(f"{TWO}\nd := (0 - b)^2\ne := (0 - b)^(-1)", DATA)
    b = result.labelled("b").est
    assert result.labelled("d").est == pytest.approx(b**2)
    assert result.labelled("e").est == pytest.approx(-1 / b)


def test_a_defined_parameter_may_be_constrained_and_tested() -> None:
    model = f"{TWO}\nz ~ c*g\nindirect := b*c"
    free = sem.fit(model, DATA)
    by_name = sem.wald_test(free, "indirect == 0.1")
    assert by_name.statistic == pytest.approx(sem.wald_test(free, "b*c == 0.1").statistic)
    held = sem.fit(f"{model}\nindirect == 0.1", DATA)
    assert held.labelled("indirect").est == pytest.approx(0.1, abs=1e-9)
    assert held.labelled("indirect").se == pytest.approx(0.0, abs=1e-6)
    assert held.fit["df"] == free.fit["df"] + 1


@pytest.mark.parametrize("statement", ["x1 | t1", "x1 ~*~ 2*x1"])
def test_thresholds_and_scales_of_continuous_items_are_refused(statement: str) -> None:
    error = refused(f"f =~ x1 + x2 + x3\n{statement}")
    assert error.code == "not_ordered"
    assert "`ordered`" in str(error)


# -- what is not supported -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "instead"),
    [
        ("f <~ x1 + x2", "c =~ 0"),
        ("level: 1\nf =~ x1 + x2 + x3", "cluster="),
        ('efa("a")*f =~ x1 + x2 + x3', "0*x"),
        ("f =~ x1 + lower(0)*x2 + x3", "a > 0"),
        ("f =~ x1 + x2 + x3\nz ~ f:z", "products of its items"),
    ],
)
def test_unsupported_syntax_says_so_and_names_the_way_round(model: str, instead: str) -> None:
    error = refused(model)
    assert error.code == "unsupported"
    assert "not supported" in str(error)
    assert instead in str(error)


def test_weights_are_refused_where_they_would_be_ignored() -> None:
    error = refused(MODEL, estimator="MLM", sampling_weights=np.ones(N))
    assert (error.code, "MLR" in str(error)) == ("unsupported", True)
