"""Stored replies can be read again; nothing is asked, nothing is lost."""

import json
from dataclasses import replace

import pytest
from django.core.management import call_command
from factories import TESTER, answer_everything, make_link, make_person
from workers import options

from llm_respondents.conversation import parsing
from llm_respondents.conversation.parsing import Answered
from llm_respondents.conversation.prompts import Arm
from llm_respondents.models import Attempt
from llm_respondents.rehearsal import Endpoint
from llm_respondents.runner.usable import Bounds
from llm_respondents.services import reparse_panel, run_panel
from surveys.errors import AnswerError
from surveys.models import Answer, AnswerRevision
from surveys.services import (
    AnswerSubmission,
    GivenAnswer,
    complete_administration,
    record_answer_batch,
)


@pytest.fixture
def panel(recruit):
    """A model that answers in words which today's parser does not take for an answer."""
    arms = (Arm(elicitation="number"),)
    with Endpoint(answer=lambda _request: "Certainly! Two.") as endpoint:
        made = recruit(base_url=endpoint.base_url, sessions=2, arms=arms)
        patient = replace(options(max_reasks=0), bounds=Bounds(insists=True))
        run_panel(panel_id=made.pk, options=patient, by=TESTER)
    return made


@pytest.fixture
def better_parser(monkeypatch):
    def judge(*, text, turn, **_envelope):
        assert text == "Certainly! Two."
        return tuple(Answered(2) for _ in turn.questions)

    monkeypatch.setattr(parsing, "judge", judge)


def test_with_the_same_parser_nothing_differs(panel):
    assert reparse_panel(panel=panel, by=TESTER) == []


def test_differences_are_shown_before_they_are_recorded(panel, better_parser):
    changes = reparse_panel(panel=panel, by=TESTER)
    assert len(changes) == 80
    assert {change.before for change in changes} == {"no_answer"}
    assert set(Answer.objects.values_list("missing_reason", flat=True)) == {"no_answer"}


def test_recorded_differences_keep_what_was_and_change_no_reply(panel, better_parser):
    replies = list(Attempt.objects.order_by("pk").values("reply", "outcome"))
    reparse_panel(panel=panel, apply=True, by=TESTER)
    assert set(Answer.objects.values_list("missing_reason", "revision")) == {("", 2)}
    assert AnswerRevision.objects.filter(missing_reason="no_answer").count() == 80
    assert list(Attempt.objects.order_by("pk").values("reply", "outcome")) == replies
    assert reparse_panel(panel=panel, apply=True, by=TESTER) == []
    assert AnswerRevision.objects.count() == 80


def test_the_command_prints_what_differs(panel, better_parser, capsys):
    call_command("reparse_panel", panel=panel.pk)
    assert "80 differences found" in capsys.readouterr().out
    call_command("reparse_panel", panel=panel.pk, apply=True, json=True)
    assert json.loads(capsys.readouterr().out)["applied"] is True


def test_what_a_person_handed_in_for_good_can_never_be_read_again(open_study):
    person = make_person(make_link(open_study))
    answer_everything(person)
    complete_administration(administration=person)
    answers = [GivenAnswer(person.realised_order[0], 1)]
    with pytest.raises(AnswerError, match="nothing can be changed"):
        record_answer_batch(
            submissions=[AnswerSubmission(person.pk, answers, "again", reread=True)]
        )
