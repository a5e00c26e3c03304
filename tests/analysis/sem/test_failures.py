"""Every failure has a name and says what to do; no number is NaN in silence."""

import numpy as np
import pytest

from analysis import sem

ITEMS = ("x1", "x2", "x3", "x4", "x5", "x6")
MODEL = "f =~ x1 + x2 + x3\ng =~ x4 + x5 + x6"


@pytest.fixture
def data() -> dict[str, np.ndarray]:
    random = np.random.default_rng(7)
    f = random.normal(size=300)
    g = 0.5 * f + random.normal(size=300)
    return {
        name: 0.8 * factor + 0.6 * random.normal(size=300)
        for name, factor in zip(ITEMS, (f, f, f, g, g, g), strict=True)
    }


@pytest.fixture
def labels() -> np.ndarray:
    return np.repeat(["people", "model"], 150)


def test_a_constant_item_is_named_with_its_group(data: dict, labels: np.ndarray) -> None:
    data["x2"][labels == "model"] = 3.0
    for missing in ("listwise", "fiml"):
        with pytest.raises(sem.ZeroVarianceError, match="group model: x2") as caught:
            sem.fit(MODEL, data, group=labels, missing=missing)
        assert caught.value.groups == {"model": ("x2",)}
        assert caught.value.code == "no_variance"


def test_a_block_drops_the_constant_item_in_its_group_alone(data: dict, labels: np.ndarray) -> None:
    data["x3"][labels == "model"] = 3.0
    model = """
        group: people
        f =~ x1 + l2*x2 + x3
        g =~ x4 + x5 + x6
        group: model
        f =~ x1 + l2*x2
        g =~ x4 + x5 + x6
    """
    result = sem.fit(model, data, group=labels)
    assert result.converged
    assert {row.est for row in result.parameters if row.label == "l2"} == {
        result.labelled("l2").est
    }
    assert not any(row.group == "model" and "x3" in (row.lhs, row.rhs) for row in result.parameters)


def test_an_unidentified_model_names_the_parameters(data: dict) -> None:
    with pytest.raises(sem.NotIdentifiedError) as caught:
        sem.fit("f =~ x1 + x2", data)
    assert "f =~ x2" in caught.value.parameters
    with pytest.raises(sem.NotIdentifiedError, match="f =~ x1"):
        sem.fit("f =~ NA*x1 + x2 + x3 + x4", data)


def test_a_search_cut_short_is_said_to_be_unfinished(data: dict) -> None:
    result = sem.fit(MODEL, data, max_iterations=1)
    assert not result.converged
    assert not result.admissible
    assert result.fit == {}
    assert result.warnings[0].code == "not_converged"
    assert "gradient" in result.warnings[0].message
    with pytest.raises(sem.ComparisonError, match="did not converge"):
        sem.compare(result, result)


def test_a_copied_item_makes_the_covariances_singular(data: dict) -> None:
    data["x2"] = data["x1"].copy()
    with pytest.raises(sem.NotPositiveDefiniteError, match="linear combination"):
        sem.fit(MODEL, data)


@pytest.mark.parametrize("missing", ["listwise", "fiml"])
def test_too_few_rows_are_counted(data: dict, missing: str) -> None:
    few = {name: values[:5] for name, values in data.items()}
    with pytest.raises(sem.NotPositiveDefiniteError, match="5 rows for 6 variables"):
        sem.fit(MODEL, few, missing=missing)


def test_an_item_nobody_answered_in_a_group_is_named(data: dict, labels: np.ndarray) -> None:
    data["x5"][labels == "model"] = np.nan
    with pytest.raises(sem.DataError, match="x5 is missing in every row of group model"):
        sem.fit(MODEL, data, group=labels, missing="fiml")
    with pytest.raises(sem.DataError, match="no usable row in group model"):
        sem.fit(MODEL, data, group=labels)


def test_two_items_never_answered_together_are_named(data: dict) -> None:
    data["x1"][:150] = np.nan
    data["x4"][150:] = np.nan
    with pytest.raises(sem.DataError, match="x1 and x4 are never seen in one row"):
        sem.fit(MODEL, data, missing="fiml")


def test_an_empty_category_is_named_with_its_group(data: dict, labels: np.ndarray) -> None:
    cut = {name: np.digitize(values, [-0.8, 0.0, 0.8]) * 1.0 for name, values in data.items()}
    cut["x1"][(labels == "model") & (cut["x1"] == 3)] = 2.0
    with pytest.raises(sem.DataError, match=r"x1.*empty in group model") as caught:
        sem.fit(MODEL, cut, group=labels, estimator="WLSMV", ordered=ITEMS)
    assert caught.value.code == "empty_category"


def test_a_negative_variance_is_reported_and_the_numbers_given() -> None:
    random = np.random.default_rng(3)
    covariance = np.array([[1.0, 0.8, 0.8], [0.8, 1.0, 0.55], [0.8, 0.55, 1.0]])
    rows = random.multivariate_normal(np.zeros(3), covariance, size=500)
    result = sem.fit("f =~ a + b + c", dict(zip("abc", rows.T, strict=True)))
    assert result.converged
    assert not result.admissible
    assert "a ~~ a" in result.warnings[0].message
    assert result.parameter("a", "~~", "a").est < 0


def test_an_unknown_variable_is_named(data: dict) -> None:
    with pytest.raises(sem.UnknownVariableError, match="x9"):
        sem.fit("f =~ x1 + x2 + x9", data)


@pytest.mark.parametrize(
    ("model", "line", "token", "expected"),
    [
        ("f =~ x1 + x2 +", 1, "the end of the statement", "a variable"),
        ("f =~ x1\nf x2", 2, "`x2`", "=~"),
        ("f =~ x1 + x2\n# note\nf ~~ 1.5*", 3, "the end of the statement", "variable"),
        ("f =~ x1 @ x2", 1, "`@`", "name"),
        ("f =~ x1\nd := foo(a)", 2, "`foo`", "exp"),
        ("", 1, "an empty model", "statement"),
    ],
)
def test_a_syntax_error_says_where_and_what(
    model: str, line: int, token: str, expected: str
) -> None:
    with pytest.raises(sem.ModelSyntaxError) as caught:
        sem.fit(model, {})
    assert (caught.value.line, caught.value.token) == (line, token)
    assert expected in caught.value.expected


@pytest.mark.parametrize(
    ("keywords", "said"),
    [
        ({"estimator": "GLS"}, "ML, MLM, MLR"),
        ({"group_equal": ["slopes"]}, "regressions"),
        ({"ordered": ["x1"]}, "WLSMV"),
        ({"missing": "pairwise"}, "fiml"),
        ({"estimator": "WLSMV", "missing": "fiml"}, "pairwise"),
    ],
)
def test_an_impossible_option_says_what_is_possible(
    data: dict, keywords: dict[str, object], said: str
) -> None:
    with pytest.raises(sem.ModelSpecificationError, match=said):
        sem.fit(MODEL, data, **keywords)


def test_a_definition_over_an_unknown_label_is_refused(data: dict) -> None:
    with pytest.raises(sem.ModelSpecificationError, match="nosuch"):
        sem.fit(MODEL + "\nd := 2*nosuch", data)


def test_models_on_other_rows_are_not_compared(data: dict) -> None:
    free = sem.fit(MODEL, data)
    fewer = {name: values[:250] for name, values in data.items()}
    restricted = sem.fit(MODEL + "\nf ~~ 0*g", fewer)
    with pytest.raises(sem.ComparisonError, match="different rows"):
        sem.compare(restricted, free)
    with pytest.raises(sem.ComparisonError, match="fewer free parameters first"):
        sem.compare(free, sem.fit(MODEL + "\nf ~~ 0*g", data))


def test_a_start_that_leads_nowhere_is_not_the_end() -> None:
    """Two factors that are nearly one: lavaan 0.6-14 finds χ² = 3.9232 and these slopes."""
    random = np.random.default_rng(19)
    f = random.normal(size=120)
    g = 0.93 * f + np.sqrt(1 - 0.93**2) * random.normal(size=120)
    h = 0.3 * f + random.normal(size=120)
    data = {
        name: 0.55 * factor + 0.8 * random.normal(size=120)
        for name, factor in zip(
            ("a1", "a2", "b1", "b2", "c1", "c2"), (f, f, g, g, h, h), strict=True
        )
    }
    result = sem.fit("f =~ a1 + a2\ng =~ b1 + b2\nh =~ c1 + c2\nh ~ f + g", data)
    assert result.converged
    assert result.fit["chisq"] == pytest.approx(3.9232, abs=1e-4)
    slopes = [result.parameter("h", "~", factor).est for factor in ("f", "g")]
    assert slopes == pytest.approx([-4.88, 6.48], abs=0.01)
