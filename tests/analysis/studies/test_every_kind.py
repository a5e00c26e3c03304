"""Scored kinds are indicators of a plan; what is not scored is counted and exported."""

import re

import pytest
from every_kind import open_day_study
from factories import TESTER

from analysis.archive.services import build_archive
from analysis.plans.files import parse_plan
from analysis.plans.services import freeze_plan
from analysis.runs.services import fit_models
from surveys.instrument_files import InstrumentFileError
from surveys.models import Respondent, RespondentGroup
from tests.analysis.archives import add_group, opened, table

pytestmark = pytest.mark.django_db

PLAN = """name = "main"
study = "day"
reference_group = "people"

[[constructs]]
key = "DAY"
label = "Day"
block = "day"
items = ["like_anna", "sleep", "feeling"]
indicators = "items"

[[constructs]]
key = "DRK"
label = "Drinks"
block = "day"
items = ["drank_tea", "drank_coffee", "best_lunch"]
indicators = "items"

[[paths]]
predictor = "DAY"
outcome = "DRK"
sign = "+"
source = "T"
family = "day to drinks"
reference = "A test."

[draws]
seed = 1
bootstrap = 20
permutations = 20
noise_draws = 10
"""


def frozen(study, source=PLAN):
    return freeze_plan(study=study, plan=parse_plan(source), source=source, by=TESTER)


@pytest.fixture
def study(owner):
    study = open_day_study(owner)
    add_group(study, "people", "human", profile="people", n=40, seed=1)
    add_group(study, "panel", "llm", profile="people-like", n=40, seed=500)
    # People who were asked, as far as the archive is concerned.
    RespondentGroup.objects.filter(key="people").update(simulated=False)
    Respondent.objects.filter(kind="human").update(simulated=False)
    return study


def test_numbers_marks_options_and_ranks_are_compared_and_everything_is_in_the_archive(study):
    run = fit_models(plan=frozen(study), by=TESTER)
    files = opened(build_archive(run=run, by=TESTER).content)
    raw = table(files, "data/raw.csv")
    codebook = {
        row["column"]: row
        for row in table(files, "data/codebook.csv")
        if row["file"] == "data/raw.csv"
    }
    model = next(row for row in raw if row["kind"] == "llm" and row["day_said.value"] != "NA")
    person = next(row for row in raw if row["kind"] == "human" and row["day_said.value"] != "NA")

    scored = table(files, "data/scored.csv")[0]
    assert {"day_like_anna", "day_sleep", "day_feeling", "day_drank_tea"} <= set(scored)
    assert "day_said" not in scored
    assert model["day_said.value"] in ("A simulated answer.", "Another simulated answer.")
    assert re.fullmatch(r"withheld: \d+ characters", person["day_said.value"])
    assert {row["day_drank_tea.value"] for row in raw} <= {"0", "1", "NA"}
    assert {row["day_best_lunch.value"] for row in raw} <= {"1", "2", "3", "NA"}
    assert codebook["day_drank_tea.value"]["text_en"] == "What did you drink? – Tea"
    assert codebook["day_sleep.value"]["maximum"] == "24"
    assert "98, I don't know" in codebook["day_like_anna.value"]["options_en"]


def test_a_plan_refuses_what_is_not_scored(study):
    with pytest.raises(InstrumentFileError) as refused:
        frozen(study, PLAN.replace('"feeling"', '"said"'))

    assert [problem.code for problem in refused.value.problems] == ["not_scored"]
