"""`manage.py fake_endpoint`: what a panel will meet can be rehearsed before a call is paid for."""

import json
import signal
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from llm_respondents.conversation.arms import ITEMS_PER_TURN, OPTION_MARKS, Arm
from llm_respondents.conversation.parsing import Answered, judge
from llm_respondents.conversation.prompts import correction, messages, plan_turns, response_format
from llm_respondents.endpoints.file import read_endpoints
from llm_respondents.models import Attempt
from llm_respondents.rehearsal import Endpoint
from llm_respondents.rehearsal.answers import deterministic_answer
from surveys.presentation import BlockContent, QuestionContent, Questionnaire, present


def test_it_says_what_to_list_answers_with_the_faults_asked_for_and_ends_at_a_signal(
    open_study, settings, tmp_path, capsys
):
    options = ("--api", "anthropic", "--rate-limited", "0.2", "--latency", "0", "--thinks")
    with subprocess.Popen(
        [sys.executable, "manage.py", "fake_endpoint", "--json", *options],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        said = json.loads(server.stdout.readline())
        assert read_endpoints(said["endpoints_toml"])["fake"].api == "anthropic"
        settings.DATA_DIR = tmp_path
        (tmp_path / "endpoints.toml").write_text(said["endpoints_toml"])
        run = {"study": open_study.slug, "endpoint": "fake", "model": "fake-model", "sessions": 1}
        call_command("run_panel", **run, json=True, verbosity=0)
        server.send_signal(signal.SIGTERM)
        told = server.stderr.read()
    facts = json.loads(capsys.readouterr().out)
    assert (server.returncode, facts["status"], facts["answered"]) == (0, "complete", 40)
    assert "rate limited" in told
    assert Attempt.objects.filter(detail__contains="slow down").exists()


def test_a_port_that_is_taken_and_a_share_that_is_none_are_said():
    with Endpoint() as endpoint, pytest.raises(CommandError, match="port_unavailable"):
        call_command("fake_endpoint", port=endpoint.port)
    with pytest.raises(CommandError, match="give a share from 0 to 1"):
        call_command("fake_endpoint", "--refusal", "2")


@pytest.mark.parametrize("elicitation", ["schema", "number", "label"])
@pytest.mark.parametrize("together", ITEMS_PER_TURN)
@pytest.mark.parametrize("marks", OPTION_MARKS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_it_answers_in_every_form_that_is_asked_for_also_when_it_is_asked_again(
    elicitation, together, marks, language
):
    scales = (["Never", "At times", "Always"], ["-1", "0", "+1"], ["1 – no", "2", "3 – yes"])
    items = tuple(
        QuestionContent(
            f"a.i{number}",
            f"Statement {number}.",
            tuple(enumerate(labels, start=-1 if labels[0] == "-1" else 1)),
        )
        for number, labels in enumerate(scales)
    )
    block = BlockContent("a", "Attitudes", "How is it?", items, (), 3)
    shown = present(Questionnaire("Study", language, (block,)), seed=1)
    arm = Arm(elicitation=elicitation, items_per_turn=together, option_marks=marks)
    for turn in plan_turns(shown, arm):
        again = correction(turn, arm, language, outcome="unparsable", reply="Well.")
        for corrections in ((), (again,)):
            request = {"messages": messages("You answer.", (), turn, arm, corrections=corrections)}
            if form := response_format(turn, arm):
                request["response_format"] = form
            outcomes = judge(text=deterministic_answer(request), turn=turn, arm=arm)
            assert all(isinstance(one, Answered) for one in outcomes)
