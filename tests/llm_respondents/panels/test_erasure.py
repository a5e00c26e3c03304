"""A person withdraws: what panels were told of that person goes, what models said stays."""

import json

import pytest
from factories import TESTER, make_link, make_person
from workers import options

from llm_respondents.conversation.prompts import Arm
from llm_respondents.design.spec import PanelSpec
from llm_respondents.models import Attempt, Panel
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.rehearsal.shapes import THOUGHT
from llm_respondents.services import draw_panel, run_panel, store_panel
from surveys.models import Answer
from surveys.selectors import presentation_of
from surveys.services import GivenAnswer, complete_administration, record_answers, withdraw


@pytest.fixture
def person(open_study):
    someone = make_person(make_link(open_study), "en")
    someone.respondent.demographics = {"age": "a person of 4711 years"}
    someone.respondent.save()
    answers = [GivenAnswer(ref, 2) for ref in presentation_of(someone).order]
    record_answers(administration=someone, answers=answers, idempotency_key="everything")
    complete_administration(administration=someone)
    return someone


def run(recruit, *, thinks=False, **values):
    with Endpoint(Behaviour(thinks=thinks)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, **values)
        assert run_panel(panel_id=panel.pk, options=options(), by=TESTER).status == "complete"
    return panel


def everything_stored(panel):
    members = panel.members.values("persona", "donor_values", "cell")
    sessions = panel.members.values("respondent__demographics", "respondent__design")
    calls = Attempt.objects.filter(administration__respondent__group=panel.group)
    return json.dumps(
        [list(members), list(sessions), list(calls.values("new_messages", "raw", "thoughts"))]
    )


def test_a_matched_session_forgets_the_demographics_and_keeps_its_answers(person, recruit):
    panel = run(recruit, personas="matched", sessions=0)
    assert "4711" in everything_stored(panel)
    answers = Answer.objects.filter(administration__respondent__group=panel.group)
    before = list(answers.values_list("value", flat=True))
    withdraw(administration=person, by=TESTER)
    assert "4711" not in everything_stored(panel)
    assert before == list(answers.values_list("value", flat=True))
    assert before


def test_a_matched_session_forgets_what_was_thought_of_the_demographics(person, recruit):
    carrying = (Arm(reasoning="carry"),)
    panel = run(
        recruit, thinks=True, personas="matched", sessions=0, api="anthropic", arms=carrying
    )
    assert THOUGHT in everything_stored(panel)
    withdraw(administration=person, by=TESTER)
    assert THOUGHT not in everything_stored(panel)
    replies = Attempt.objects.of(panel).values_list("reply", flat=True)
    assert all(reply.startswith('{"answer"') for reply in replies)


def test_a_swapped_session_forgets_the_donated_answers(person, recruit):
    panel = run(recruit, sessions=1, arms=(Arm(history="swapped"),), history_from="people")
    donated = [{"role": "assistant", "content": '{"answer": 2}'}]
    assert json.dumps(donated)[1:-1] in everything_stored(panel)
    withdraw(administration=person, by=TESTER)
    assert json.dumps(donated)[1:-1] not in everything_stored(panel)
    assert panel.members.get().donor_values == {}


def test_a_session_that_still_needs_the_person_ends_as_cancelled(person, recruit):
    panel = recruit(personas="matched", sessions=0)
    withdraw(administration=person, by=TESTER)
    session = panel.members.get().respondent.administration
    assert session.status == "stopped"
    reasons = Answer.objects.filter(administration=session).values_list("missing_reason", flat=True)
    assert set(reasons) == {"cancelled"}


def test_an_instruction_that_begins_a_question_is_forgotten_with_it(person, recruit):
    with Endpoint() as endpoint:
        panel = recruit(base_url=endpoint.base_url, personas="matched", sessions=0)
        Panel.objects.filter(pk=panel.pk).update(capabilities={"instruction": "question"})
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert endpoint.conversations[0][0]["role"] == "user"
    assert "4711" in everything_stored(panel)
    withdraw(administration=person, by=TESTER)
    assert "4711" not in everything_stored(panel)


@pytest.mark.parametrize(
    "asked",
    [
        {"personas": "matched", "sessions": 0},
        {"sessions": 1, "arms": (Arm(history="swapped"),), "history_from": "people"},
    ],
    ids=["matched", "swapped"],
)
def test_who_withdraws_while_sessions_are_drawn_up_is_forgotten_in_them(open_study, person, asked):
    spec = PanelSpec(model="small", base_url="http://127.0.0.1:9/v1", **asked)
    drawn = draw_panel(study=open_study, spec=spec, by=TESTER)
    withdraw(administration=person, by=TESTER)
    panel = store_panel(drawn=drawn, by=TESTER)
    assert "4711" not in everything_stored(panel)
    member = panel.members.get()
    assert member.donor_values == {}
    assert member.respondent.administration.status == "stopped"
