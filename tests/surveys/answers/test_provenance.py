"""Every submission keeps the door through which it came."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from factories import TESTER, answer_everything, filled_in, make_link, make_person, personal

from surveys.models import Respondent
from surveys.recruiters import same_id
from surveys.services.rehearsal import rehearse
from surveys.simulation import bundled_profile

RECORDERS = {"AnswerSubmission", "record_answers", "record_participant_answers"}


def test_a_page_is_named(client, person):
    client.post(personal("page", person, number=1), filled_in(client, person, 1))
    assert person.submissions.get().door == "page"


def test_no_other_door_can_be_stored(person):
    answer_everything(person)
    with pytest.raises(IntegrityError), transaction.atomic():
        person.submissions.update(door="somewhere")


def test_all_code_that_records_answers_names_its_door():
    root = Path(settings.BASE_DIR)
    silent = [
        f"{path.relative_to(root)}:{call.lineno}"
        for app in ("surveys", "llm_respondents", "analysis")
        for path in (root / app).rglob("*.py")
        if path.name != "answers.py"
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and _called(call) in RECORDERS
        if "door" not in {keyword.arg for keyword in call.keywords}
    ]
    assert silent == []


@pytest.mark.parametrize("recruiter", ["", "prolific", "mturk", "sona"])
def test_a_rehearsal_comes_through_any_recruiters_link_and_goes_on_where_it_stopped(
    open_study, recruiter
):
    link = make_link(open_study, recruiter=recruiter, simulated=True)
    begun = same_id(recruiter, "simulated-1")
    make_person(link, recruiter_id=begun)
    asked = {"link": link, "profile": bundled_profile("people"), "seed": 1, "by": TESTER}
    assert rehearse(people=2, **asked).finished == 2
    assert rehearse(people=2, **asked).finished_before == 2
    ids = Respondent.objects.values_list("recruiter_id", flat=True)
    assert sorted(ids) == [begun, same_id(recruiter, "simulated-2")]


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
