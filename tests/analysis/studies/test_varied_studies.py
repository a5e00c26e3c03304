"""A condition divides and predicts as a question about the person does, and is a column."""

import json

import pandas as pd
import pytest
from factories import TESTER, make_link, make_person
from request_study import AGE, FIRM, SHARE, WHY_NOT, open_request_study

from analysis.plans.files import parse_plan, resolve
from analysis.runs.answers import answer_sheet
from analysis.runs.frames import scored_frame
from analysis.runs.snapshot import StudySnapshot
from surveys import services
from surveys.exports import ExportChoice
from surveys.instrument_files import InstrumentFileError
from surveys.selectors import codebook, person_fields, walk_of
from surveys.services import GivenAnswer
from surveys.services.data.exports import export_data

PLAN = """
name = "request"
study = "request-study"
[[constructs]]
key = "SHR"
label = "Sharing"
block = "request"
items = ["share"]
indicators = "items"
[[constructs]]
key = "AGE"
label = "Age"
block = "request"
items = ["age"]
indicators = "items"
[[paths]]
outcome = "SHR"
predictor = "AGE"
sign = "-"
source = "T"
family = "main"
[[subgroups]]
by = "recipient"
[[adjustments]]
by = "benefit"
outcomes = ["SHR"]
reference = "own"
"""


def person(link, age, share):
    """Somebody who answers what they are shown, until they are screened out or done."""
    one = make_person(link)
    said = {AGE: age, SHARE: share, WHY_NOT: "It is mine.", FIRM: 1}
    while one.status == "in_progress" and (walk := walk_of(one)).open_page <= 3:
        given = [GivenAnswer(q.ref, said[q.ref]) for q in walk.page(walk.open_page).questions]
        services.record_participant_answers(
            administration=one, answers=given, idempotency_key=str(walk.open_page), door="page"
        )
        one.refresh_from_db()
    if one.status == "in_progress":
        services.complete_administration(administration=one)
    return one


@pytest.fixture
def study(owner):
    made = open_request_study(owner)
    link = make_link(made)
    for age, share in ((31, 1), (40, 2), (50, 1), (60, 2), (17, 1)):
        person(link, age, share)
    return made


def test_a_plan_takes_conditions_as_it_takes_questions_about_the_person(study):
    plan = resolve(
        parse_plan(PLAN),
        codebook=codebook(study),
        reference_group="people",
        demographics=person_fields(study),
    )
    frame = scored_frame(answer_sheet(StudySnapshot.of(study)), people=plan.people)
    assert sorted(frame.people["recipient"].tolist()) == ["firm", "firm", "state", "state"]
    (column,) = plan.people.adjustments[0].columns
    assert sorted(frame.people[column].tolist()) == [0, 0, 1, 1]
    assert frame.excluded["people"] == {"screened_out": 1}
    assert frame.missing["people", "request_firm"] == {"not_shown": 2}
    with pytest.raises(InstrumentFileError) as refused:
        resolve(
            parse_plan(PLAN.replace('"recipient"', '"recipent"')),
            codebook=codebook(study),
            reference_group="people",
            demographics=person_fields(study),
        )
    assert refused.value.code == "unknown_demographic"


def test_every_file_has_a_column_for_each_condition(study, tmp_path):
    export_data(study=study, choice=ExportChoice(), folder=tmp_path, by=TESTER)
    raw = pd.read_csv(tmp_path / "data" / "answers-people_form-raw_data.csv")
    assert sorted(raw["condition_recipient"]) == ["firm", "firm", "firm", "state", "state"] or (
        sorted(raw["condition_recipient"]) == ["firm", "firm", "state", "state", "state"]
    )
    assert raw["screened_by"].dropna().tolist() == ["minors"]
    long = pd.read_csv(tmp_path / "data" / "answers-people_form-long_data.csv")
    left = long[long["missing_reason"] == "not_shown"]
    assert set(left["missing_code"]) == {-97}
    book = pd.read_csv(tmp_path / "codebook.csv")
    (meaning, *_) = book[book["column"] == "condition_recipient"]["meaning"]
    assert "firm: An insurance firm" in meaning
    assert "condition_recipient" in (tmp_path / "load.R").read_text(encoding="utf-8")
    assert "condition_benefit" in (tmp_path / "ddi.xml").read_text(encoding="utf-8")
    assert pd.read_spss(tmp_path / "people.sav")["condition_benefit"].isin(["own", "all"]).all()
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
