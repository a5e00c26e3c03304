"""The Swiss people, imported as a researcher would, give the paths that lavaan gives."""

import json
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from analysis.plans.files import Draws
from tests.analysis.imported import compared_with_panels
from tests.analysis.rolled_back import Reported

pytestmark = pytest.mark.django_db  # the module's own fixture needs the test database

# What the study calls the columns of the file, and its unit: risk is stored in permille.
COVARIATES = {"perc_risk_data": ("risk_perceived", 1000), "seek_risk_data": ("risk_seeking", 1)}


@pytest.fixture(scope="module")
def compared(
    shared_dir: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Reported:
    """One panel; nothing is drawn."""
    return compared_with_panels(
        django_db_blocker,
        study="swiss-dcta",
        data=shared_dir / "data" / "swiss_dcta" / "swiss_human.csv",
        profiles=("people-like",),
        draws=Draws(1, 0, 0, 0),
    )


@pytest.fixture
def lavaan(shared_dir) -> dict:
    return json.loads((shared_dir / "data" / "swiss_dcta" / "lavaan_ml.json").read_text())


@pytest.fixture
def people(compared):
    return next(fit for fit in compared.comparison.fits if fit.groups == ("people",))


def by_predictor(rows):
    return {row["rhs"]: row for row in rows if row["op"] == "~"}


def test_the_swiss_path_agrees_with_lavaan_to_three_decimals(compared, lavaan):
    raw = by_predictor(lavaan["parameters"])["PRO"]
    std = by_predictor(lavaan["standardized"])["PRO"]
    path = compared.comparison.path_estimate("people", "PRO->ACC")
    assert path.est == pytest.approx(raw["est"], abs=5e-4)
    assert path.se == pytest.approx(raw["se"], abs=5e-4)
    assert path.std == pytest.approx(std["est.std"], abs=5e-4)
    assert path.std_se == pytest.approx(std["se"], abs=5e-4)


@pytest.mark.parametrize("column", COVARIATES)
def test_a_swiss_covariate_agrees_with_lavaan_to_three_decimals(people, lavaan, column):
    name, unit = COVARIATES[column]
    raw = by_predictor(lavaan["parameters"])[column]
    std = by_predictor(lavaan["standardized"])[column]
    found = by_predictor(people.parameters)[name]
    assert unit * found["est"] == pytest.approx(raw["est"], abs=5e-4)
    assert unit * found["se"] == pytest.approx(raw["se"], abs=5e-4)
    assert found["std_all"] == pytest.approx(std["est.std"], abs=5e-4)
    assert found["std_all_se"] == pytest.approx(std["se"], abs=5e-4)


def test_the_fit_of_the_swiss_agrees_with_lavaan_to_three_decimals(people, lavaan):
    assert people.nobs == (lavaan["nobs"],) == (757,)
    for index in ("chisq", "df", "cfi", "rmsea"):
        assert people.indices[index] == pytest.approx(lavaan["fit"][index], abs=5e-4)


def test_covariates_are_no_paths_of_the_comparison(compared):
    assert [path.key for path in compared.comparison.plan.paths] == ["PRO->ACC"]


def test_a_comparison_of_the_swiss_with_a_scripted_panel_is_written(compared):
    assert [group.simulated for group in compared.comparison.groups] == [False, True]
    assert compared.says("757 people (People)")
    assert compared.says("also has the covariates risk_perceived and risk_seeking")
    assert compared.says("counted apart and never added")
