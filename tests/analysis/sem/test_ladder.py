"""The invariance ladder and the search for what to release."""

from pathlib import Path

import pytest

from analysis import sem
from tests.analysis.sem.reference import read, read_data

MODEL = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"


@pytest.fixture(scope="module")
def schools(shared_dir: Path) -> tuple:
    reference = read(shared_dir / "reference/hs1939/cfa_configural.MLR.json")
    data, by_row = read_data(reference.path.parent, reference)
    return data, by_row["group"]


def test_each_step_is_tested_against_the_one_before(schools: tuple) -> None:
    data, group = schools
    steps = sem.invariance_ladder(MODEL, data, group=group, estimator="MLR")
    assert [step.name for step in steps] == ["configural", "metric", "scalar", "strict"]
    assert [step.fit.fit["df"] for step in steps] == [48, 54, 60, 69]
    tested = [step.comparison.statistic for step in steps if step.comparison]
    assert tested == pytest.approx([6.56725064201179, 40.8382596894883, 15.693933974234], rel=2e-6)
    assert steps[0].delta_cfi is None
    assert steps[2].delta_cfi < -0.02


def test_the_search_releases_the_intercepts_that_differ(schools: tuple) -> None:
    data, group = schools
    metric = sem.fit(MODEL, data, group=group, group_equal=["loadings"])
    found = sem.search_partial(
        MODEL, data, group=group, group_equal=["loadings", "intercepts"], freer=metric
    )
    assert found.accepted
    assert set(found.released) == {"x3 ~ 1", "x7 ~ 1"}
    x3 = {found.fit.parameter("x3", "~1", group=label).est for label in found.fit.groups}
    assert len(x3) == 2


def test_an_unknown_step_is_refused_by_name(schools: tuple) -> None:
    data, group = schools
    with pytest.raises(sem.ModelSpecificationError, match="weak"):
        sem.invariance_ladder(MODEL, data, group=group, steps=["configural", "weak"])
