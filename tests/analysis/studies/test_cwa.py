"""Real people, imported as a researcher would, give the paths that lavaan gives."""

import json
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from analysis.compare.plan import Rung
from analysis.plans.files import Draws
from tests.analysis.imported import compared_with_panels
from tests.analysis.rolled_back import Reported

pytestmark = pytest.mark.django_db  # the module's own fixture needs the test database


@pytest.fixture(scope="module")
def compared(
    shared_dir: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Reported:
    """Three panels; little is drawn."""
    return compared_with_panels(
        django_db_blocker,
        study="german-cwa",
        data=shared_dir / "data" / "german_cwa" / "cwa_wave1_vendor_codes.csv",
        profiles=("people-like", "reversed", "near-constant"),
        draws=Draws(1, 40, 40, 20),
    )


@pytest.fixture
def lavaan(shared_dir) -> dict:
    return json.loads((shared_dir / "data" / "german_cwa" / "lavaan_ml_listwise.json").read_text())


def test_the_paths_of_real_people_agree_with_lavaan_to_three_decimals(compared, lavaan):
    raw = {(row["lhs"], row["rhs"]): row for row in lavaan["parameters"] if row["op"] == "~"}
    std = {(row["lhs"], row["rhs"]): row for row in lavaan["standardized"] if row["op"] == "~"}
    assert len(raw) == 2
    people = next(fit for fit in compared.comparison.fits if fit.groups == ("people",))
    fitted = {(row["lhs"], row["rhs"]): row for row in people.parameters if row["op"] == "~"}
    for outcome, predictor in raw:
        path = compared.comparison.path_estimate("people", f"{predictor}->{outcome}")
        assert path.est == pytest.approx(raw[outcome, predictor]["est"], abs=5e-4)
        assert path.std == pytest.approx(std[outcome, predictor]["est.std"], abs=5e-4)
        # The errors of the fit; those of the path are widened by the bootstrap where it is wider.
        errors = fitted[outcome, predictor]
        assert errors["se"] == pytest.approx(raw[outcome, predictor]["se"], abs=5e-4)
        assert errors["std_all_se"] == pytest.approx(std[outcome, predictor]["se"], abs=5e-4)


def test_the_fit_of_real_people_agrees_with_lavaan_to_three_decimals(compared, lavaan):
    people = next(fit for fit in compared.comparison.fits if fit.groups == ("people",))
    assert people.nobs == (lavaan["nobs"],) == (1827,)
    for index in ("chisq", "df", "cfi", "rmsea"):
        assert people.indices[index] == pytest.approx(lavaan["fit"][index], abs=5e-4)


def test_a_comparison_of_real_people_with_three_scripted_panels_is_written(compared):
    assert [group.simulated for group in compared.comparison.groups] == [False, True, True, True]
    assert compared.says("people and 3 panels of language models compared")
    assert compared.says("2,044 people and 600 model sessions are counted apart and never added")


def test_imported_people_are_cited_and_not_said_to_have_read_the_models_words(compared):
    assert compared.says("their answers were imported. Source: Munzert, S., Selb, P.")
    assert compared.says("The people were asked elsewhere.")
    assert not compared.says("the same words")
    assert not compared.says("equal word for word")


def test_orders_that_chance_made_alike_are_no_repeats_and_p_values_are_given(compared):
    assert "pooled_repeats" not in {one.code for one in compared.comparison.notices}
    estimates = compared.letters.rpartition("Estimatesofmodelmain:people-like")[2]
    first = estimates.partition("Estimatesofmodelmain:")[0]
    assert "withheld" not in first
    assert "<.001" in first
    ranked = [row.group for row in compared.comparison.ranking]
    assert ranked == ["people-like", "reversed", "near-constant"]


def test_a_panel_that_answers_an_item_always_alike_is_compared_on_composites(compared):
    standing = {row.group: row for row in compared.comparison.estimability}["near-constant"]
    assert (standing.rung, standing.constant_items) == (Rung.COMPOSITE, ("acceptance_useless",))
    assert compared.says("near-constant stands not on the planned model but on composite")
