"""Every arm in the database: asked, read back, and stored as what was chosen."""

import json
from collections import Counter
from itertools import product

import pytest
from factories import TESTER
from workers import options

from llm_respondents.conversation.arms import ELICITATIONS, ITEMS_PER_TURN, OPTION_MARKS, Arm
from llm_respondents.models import Attempt
from llm_respondents.readout.progress import panel_progress
from llm_respondents.rehearsal import Endpoint
from llm_respondents.services import reparse_panel, run_panel
from surveys.selectors import presentation_of

QUESTIONS = 40


def administrations(panel):
    return panel.sessions.order_by("pk")


def run_at(recruit, **values):
    with Endpoint() as endpoint:
        panel = recruit(base_url=endpoint.base_url, **values)
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    return panel, endpoint


@pytest.mark.parametrize("unit", ITEMS_PER_TURN)
@pytest.mark.parametrize("elicitation", ELICITATIONS)
def test_every_arm_gives_the_same_answers_of_a_scripted_respondent(scripted, elicitation, unit):
    require_the_same_answers(scripted, Arm(items_per_turn=unit, elicitation=elicitation))


@pytest.mark.parametrize(
    ("elicitation", "marks", "order"),
    [
        ("schema", "letter", "scale"),
        ("schema", "letter", "shuffled"),
        ("number", "letter", "shuffled"),
        ("number", "number", "shuffled"),
        ("label", "number", "shuffled"),
        ("reason", "letter", "shuffled"),
        ("distribution", "letter", "shuffled"),
    ],
)
@pytest.mark.parametrize("direction", ["forward", "reversed"])
def test_marks_and_orders_of_options_change_no_answer_of_a_scripted_respondent(
    scripted, elicitation, marks, order, direction
):
    arm = Arm(elicitation=elicitation, option_marks=marks, option_order=order)
    require_the_same_answers(scripted, arm, scale_directions=direction)


def require_the_same_answers(scripted, arm, **values):
    panel = scripted(sessions=1, arms=(arm,), **values)
    plain = scripted(sessions=1)
    for one in (panel, plain):
        run_panel(panel_id=one.pk, options=options(), by=TESTER)
    values = [
        list(administrations(one).get().answers.order_by("position").values_list("value"))
        for one in (panel, plain)
    ]
    assert values[0] == values[1]
    assert len(values[0]) == QUESTIONS


def test_how_options_were_shown_is_stored_with_each_session(scripted):
    arms = tuple(Arm(option_marks=marks, option_order="shuffled") for marks in OPTION_MARKS)
    panel = scripted(sessions=4, arms=arms)
    stored = [
        (member.cell["arm"], member.respondent.design["arm"]) for member in panel.members.all()
    ]
    assert all(cell == design for cell, design in stored)
    assert [cell["option_marks"] for cell, _ in stored] == ["number", "letter"] * 2
    assert {cell["option_order"] for cell, _ in stored} == {"shuffled"}


def test_shuffled_options_of_an_endpoint_are_recorded_as_what_was_chosen(recruit):
    arm = Arm(option_marks="letter", option_order="shuffled")
    panel, endpoint = run_at(recruit, sessions=1, arms=(arm,))
    presentation = presentation_of(administrations(panel).get())
    attempts = Attempt.objects.order_by("turn")
    for question, conversation, attempt in zip(
        presentation.questions, endpoint.conversations, attempts, strict=True
    ):
        lines = conversation[-1]["content"].splitlines()
        shown = dict(line.split(" = ", 1) for line in lines if " = " in line)
        chosen = shown[json.loads(attempt.reply)["answer"]]
        answer = administrations(panel).get().answers.get(position=question.position)
        (meant,) = [option.value for option in question.options if option.label == chosen]
        assert answer.value == meant


def test_a_stated_distribution_is_kept_and_one_answer_is_drawn_from_it(recruit):
    arm = Arm(elicitation="distribution")
    panel, _ = run_at(recruit, sessions=2, arms=(arm,))
    assert panel_progress(panel).answered == 2 * QUESTIONS
    for attempt in Attempt.objects.select_related("administration"):
        question = presentation_of(attempt.administration).question(attempt.refs[0])
        answer = attempt.administration.answers.get(position=question.position)
        percentages = json.loads(attempt.reply)["answer"]
        assert percentages[str(question.code_of(answer.value))] > 0
        assert len(percentages) == len(question.options)
    assert reparse_panel(panel=panel, by=TESTER) == []


def test_personas_from_margins_meet_their_quotas_in_every_cell(scripted):
    margins = (("Age", (("young", 0.25), ("old", 0.75))), ("Region", (("N", 0.5), ("S", 0.5))))
    panel = scripted(sessions=16, scale_directions="balanced", personas="margins", margins=margins)
    dealt = Counter()
    for member in panel.members.all():
        direction = member.cell["scale_direction"]
        dealt.update((direction, *pair) for pair in member.persona)
    quotas = {("Age", "young"): 2, ("Age", "old"): 6, ("Region", "N"): 4, ("Region", "S"): 4}
    assert dealt == {
        (direction, *pair): count
        for direction, (pair, count) in product(("forward", "reversed"), quotas.items())
    }
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    said = Attempt.objects.filter(turn=0).first().new_messages[0]["content"]
    assert "- Age: " in said
    assert "- Region: " in said
