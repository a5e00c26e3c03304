"""What is read of a study while answers are being imported into it: nothing of them."""

import json

import pytest
from collected import collected, lines, mapping_text, session
from factories import TESTER
from imports_under_way import after_the_second_piece
from tea import imported

from analysis.plans.services import model_answers
from llm_respondents.models import CollectedReply
from llm_respondents.readout.collected import collected_records
from llm_respondents.services.collected import storing
from llm_respondents.services.recruiting.seats import matchable
from surveys.models import Respondent
from surveys.services import withdraw
from surveys.services.data import imports

WHOLE = {"liking.good": "3", "liking.bitter": "1", "habit.daily": "1", "habit.green": "0"}


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch):
    monkeypatch.setattr(imports, "BATCH_SIZE", 1)
    monkeypatch.setattr(storing, "BATCH_SIZE", 1)


def test_no_session_is_matched_to_a_person_who_is_still_being_imported(owner, monkeypatch):
    seen = []

    def look(stage):
        assert Respondent.with_tests.count() == 2
        seen.append(matchable(stage.study).count())

    after_the_second_piece(monkeypatch, look)
    study = imported(owner).study
    assert seen == [0]
    assert matchable(study).count() == 3


def test_replies_that_are_still_being_imported_are_neither_counted_nor_published(
    owner, monkeypatch
):
    study, seen = imported(owner).study, []

    def look(_stage):
        seen.append((len(list(collected_records(study))), model_answers(study)))

    after_the_second_piece(monkeypatch, look)
    collected(owner, lines(*session("s1", WHOLE), *session("s2", WHOLE)))
    assert seen == [(0, 0)]
    assert (len(list(collected_records(study))), model_answers(study)) == (8, 8)


def test_who_withdraws_meanwhile_is_forgotten_in_what_is_imported(owner, monkeypatch):
    imported(owner)
    person = Respondent.objects.get(recruiter_id="a1")
    told = {"matched_to": "a1", "system_text": "You are a woman of 34."}

    def take_back(_stage):
        withdraw(administration=person.administration, by=TESTER)
        hidden = Respondent.with_tests.filter(kind="llm", test=True)
        assert [one.demographics for one in hidden] == [{}, {}]

    after_the_second_piece(monkeypatch, take_back)
    sessions = [one for name in ("s1", "s2", "s3") for one in session(name, WHOLE, **told)]
    collected(owner, lines(*sessions), mapping_text('study = "tea"', study=""))
    assert [one.demographics for one in Respondent.objects.filter(kind="llm")] == [{}] * 3
    replies = CollectedReply.objects.all()
    assert not any("34" in json.dumps(one.told) for one in replies)
