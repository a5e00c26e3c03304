"""Real people, imported as a researcher would, give the paths that lavaan gives."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from analysis.models import AnalysisPlan, AnalysisRun
from analysis.selectors import run_comparison
from analysis.services import build_report, fit_models
from tests.factories import make_user

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "german-cwa"


@pytest.fixture
def compared(shared_dir, db, settings, tmp_path) -> AnalysisRun:
    """The walk of docs/imports.md: import, freeze, run a scripted panel, fit."""
    settings.MEDIA_ROOT = tmp_path
    make_user("owner")
    data = shared_dir / "data" / "german_cwa" / "cwa_wave1_vendor_codes.csv"
    call_command("import_responses", EXAMPLE / "mapping.toml", data, json=True, stdout=StringIO())
    call_command("freeze_plan", "german-cwa", EXAMPLE / "plan.toml", stdout=StringIO())
    call_command(
        "run_panel",
        study="german-cwa",
        provider="scripted",
        profile="people-like",
        sessions=200,
        verbosity=0,
        stdout=StringIO(),
    )
    return fit_models(plan=AnalysisPlan.objects.get(study__slug="german-cwa"))


@pytest.fixture
def lavaan(shared_dir) -> dict:
    return json.loads((shared_dir / "data" / "german_cwa" / "lavaan_ml_listwise.json").read_text())


def test_the_paths_of_real_people_agree_with_lavaan_to_three_decimals(compared, lavaan):
    comparison = run_comparison(compared)
    raw = {(row["lhs"], row["rhs"]): row for row in lavaan["parameters"] if row["op"] == "~"}
    std = {(row["lhs"], row["rhs"]): row for row in lavaan["standardized"] if row["op"] == "~"}
    assert len(raw) == 2
    for outcome, predictor in raw:
        path = comparison.path_estimate("people", f"{predictor}->{outcome}")
        assert path.est == pytest.approx(raw[outcome, predictor]["est"], abs=5e-4)
        assert path.se == pytest.approx(raw[outcome, predictor]["se"], abs=5e-4)
        assert path.std == pytest.approx(std[outcome, predictor]["est.std"], abs=5e-4)
        assert path.std_se == pytest.approx(std[outcome, predictor]["se"], abs=5e-4)


def test_the_fit_of_real_people_agrees_with_lavaan_to_three_decimals(compared, lavaan):
    people = next(fit for fit in run_comparison(compared).fits if fit.groups == ("people",))
    assert people.nobs == (lavaan["nobs"],) == (1827,)
    for index in ("chisq", "df", "cfi", "rmsea"):
        assert people.indices[index] == pytest.approx(lavaan["fit"][index], abs=5e-4)


def test_a_comparison_of_real_people_with_a_scripted_panel_is_written(compared):
    report = build_report(run=compared)
    assert report.file.read(5) == b"%PDF-"
    groups = {group.key: group for group in run_comparison(compared).groups}
    assert [group.simulated for group in groups.values()] == [False, True]
