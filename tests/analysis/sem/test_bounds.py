"""Inequalities over labels: which of them bind is told, and nothing lies beyond them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import sem

MODEL = "f =~ x1 + a*x2 + b*x3 + x4"


def draw(seed: int, n: int = 200) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    f = random.normal(size=n)
    return {
        f"x{k}": loading * f + random.normal(size=n)
        for k, loading in enumerate((1.0, 0.6, 0.8, 0.9), start=1)
    }


@settings(max_examples=20)
@given(
    st.integers(0, 10_000),
    st.floats(0.2, 1.2),
    st.floats(0.2, 1.2),
    st.sampled_from(["a > b", "b > a"]),
)
def test_the_minimum_is_the_best_of_all_sets_of_binding_bounds(
    seed: int, low: float, high: float, order: str
) -> None:
    data = draw(seed)
    bounds = [f"a > {low}", f"b < {high}", order]
    slacks = {
        bounds[0]: lambda a, _: a - low,
        bounds[1]: lambda _, b: high - b,
        bounds[2]: (lambda a, b: a - b) if order == "a > b" else (lambda a, b: b - a),
    }
    if order == "b > a" and low > high:
        return
    result = sem.fit("\n".join([MODEL, *bounds]), data)
    assert result.converged
    best = np.inf
    for chosen in range(8):
        held = [text for k, text in enumerate(bounds) if chosen >> k & 1]
        if len(held) == 3:
            continue
        equations = [text.replace(">", "==").replace("<", "==") for text in held]
        other = sem.fit("\n".join([MODEL, *equations]), data)
        a, b = other.labelled("a").est, other.labelled("b").est
        if all(slack(a, b) > -1e-7 for slack in slacks.values()):
            best = min(best, other.fit["chisq"])
    assert result.fit["chisq"] == pytest.approx(best, rel=1e-6, abs=1e-6)
    for bound in result.bounds:
        assert bound.slack >= -1e-8
        assert not bound.active or bound.slack < 1e-8


def test_the_state_of_each_bound_is_told() -> None:
    data = draw(1)
    free = sem.fit(MODEL, data).labelled("a").est
    result = sem.fit(f"{MODEL}\na > {free + 0.1}\nb > -5", data)
    assert [bound.active for bound in result.bounds] == [True, False]
    assert result.bounds[1].slack == pytest.approx(result.labelled("b").est + 5)
    assert result.labelled("a").est == pytest.approx(free + 0.1)
    assert result.labelled("a").se == 0.0
    assert [notice.code for notice in result.warnings] == ["active_bound"]
    assert result.fit["df"] == sem.fit(MODEL, data).fit["df"]


def test_bounds_that_cannot_all_hold_are_refused() -> None:
    with pytest.raises(sem.ModelSpecificationError) as caught:
        sem.fit(f"{MODEL}\na > 1\na < 0.5", draw(1))
    assert caught.value.code == "contradiction"


def test_resamples_keep_to_the_bounds() -> None:
    data = draw(2)
    free = sem.fit(MODEL, data).labelled("a").est
    result = sem.fit(f"{MODEL}\na > {free - 0.02}", data)
    drawn = sem.bootstrap(result, draws=20, seed=4)
    place = [row.label for row in result.parameters].index("a")
    assert drawn.converged.all()
    assert drawn.estimates[:, place].min() >= free - 0.02 - 1e-9
    assert (drawn.estimates[:, place] > free).any()


def test_a_bound_may_be_built_without_text() -> None:
    built = sem.ModelBuilder().factor("f", ["x1", "x2", "x3"], ["", "a", ""]).bound("a < 0.2")
    assert sem.fit(built.build(), draw(3)).bounds[0].active


def test_ordered_items_keep_to_bounds_too() -> None:
    data = {name: np.digitize(values, [-1.0, 0.0, 1.0]) for name, values in draw(5, 600).items()}
    keywords = {"estimator": "WLSMV", "ordered": list(data)}
    free = sem.fit(MODEL, data, **keywords)
    low = free.labelled("a").est + 0.1
    result = sem.fit(f"{MODEL}\na > {low}", data, **keywords)
    held = sem.fit(f"{MODEL}\na == {low}", data, **keywords)
    assert result.bounds[0].active
    assert result.fit["chisq"] == pytest.approx(held.fit["chisq"], rel=1e-7)
    assert result.fit["df"] == free.fit["df"] == held.fit["df"] - 1
