"""A built model is the written one."""

import numpy as np
import pytest

from analysis import sem

WRITTEN = """
f =~ a1 + k*a2 + a3
g =~ b1 + k*b2 + b3
g ~ c(s1, s2)*f
a1 ~~ b1
gap := s1 - s2
"""


def test_a_built_model_fits_like_the_written_one() -> None:
    random = np.random.default_rng(5)
    f = random.normal(size=300)
    factors = {"a": f, "b": 0.5 * f + random.normal(size=300)}
    data = {
        f"{name}{k}": factor + random.normal(size=300)
        for name, factor in factors.items()
        for k in (1, 2, 3)
    }
    group = np.repeat(["one", "two"], 150)
    built = (
        sem.ModelBuilder()
        .factor("f", ["a1", "a2", "a3"], labels=["", "k", ""])
        .factor("g", ["b1", "b2", "b3"], labels=["", "k", ""])
        .path("g", "f", label=["s1", "s2"])
        .covariance("a1", "b1")
        .define("gap", "s1 - s2")
        .build()
    )
    ours, theirs = sem.fit(built, data, group=group), sem.fit(WRITTEN, data, group=group)
    assert [row.est for row in ours.parameters] == [row.est for row in theirs.parameters]
    assert ours.labelled("gap").est == theirs.labelled("gap").est


def test_blocks_constraints_and_fixed_values_are_statements_too() -> None:
    model = (
        sem.ModelBuilder()
        .group("one")
        .factor("f", ["a1", "a2"], labels=["", "k"])
        .covariance("f", "f", value=1.0)
        .intercept("a1", label="m")
        .constrain("k == 0.5")
        .build()
    )
    assert model.blocks == ("one",)
    assert {term.block for term in model.terms} == {"one"}
    assert model.constraints[0].right.value({}) == 0.5


def test_an_empty_factor_or_model_is_refused() -> None:
    with pytest.raises(sem.ModelSpecificationError, match="0 items"):
        sem.ModelBuilder().factor("f", [])
    with pytest.raises(sem.ModelSpecificationError, match="empty"):
        sem.ModelBuilder().build()
