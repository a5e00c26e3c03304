"""Earlier turns show a donor's answers: whose, in which form, the same after an interruption."""

import itertools
import json
import threading
from collections import Counter

import pytest
from factories import TESTER, make_link, make_person
from workers import options

from llm_respondents.conversation.prompts import Arm
from llm_respondents.design.donors import Donor, deal_donors
from llm_respondents.errors import PanelSpecError
from llm_respondents.models import Attempt, PanelMember
from llm_respondents.readout.progress import panel_progress
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.services import run_panel
from surveys.models import Answer
from surveys.selectors import presentation_of, stored_values
from surveys.services import GivenAnswer, complete_administration, record_answers

SWAPPED = {"arms": (Arm(history="swapped"),), "history_from": "people"}


# Dealing


def donors(count):
    return [Donor(number, 100 + number, number) for number in range(count)]


def test_donors_are_dealt_evenly_and_never_to_their_own_session():
    people = list(range(30)) * 2
    dealt = list(deal_donors(donors(30), people, seed=1))
    assert all(donor.person != person for donor, person in zip(dealt, people, strict=True))
    counts = Counter(donor.respondent for donor in dealt)
    assert set(counts) == set(range(30))
    assert max(counts.values()) <= 3


def test_every_round_uses_each_donor_once_where_nobody_is_matched():
    dealt = list(deal_donors(donors(7), [None] * 21, seed=1))
    for start in (0, 7, 14):
        assert {donor.respondent for donor in dealt[start : start + 7]} == set(range(7))


def test_the_same_seed_deals_the_same_donors_and_another_seed_others():
    first, again, other = (list(deal_donors(donors(20), [None] * 20, seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_several_sessions_of_one_person_find_the_only_other_donor_each_time():
    dealt = list(deal_donors(donors(2), [0, 0, 0, 1, 1, 1], seed=1))
    assert [donor.respondent for donor in dealt] == [1, 1, 1, 0, 0, 0]


def test_a_session_is_given_its_own_person_only_if_there_is_nobody_else():
    assert [d.respondent for d in deal_donors(donors(1), [0, None, 0], seed=1)] == [0, 0, 0]


# In the database


def person(study, code, *, left_out=(), completed=True, language="en"):
    someone = make_person(make_link(study), language)
    order = presentation_of(someone).order
    answers = [
        GivenAnswer(ref, None if ref in left_out else code, "skipped" if ref in left_out else "")
        for ref in order
    ]
    record_answers(administration=someone, answers=answers, idempotency_key="everything")
    if completed:
        complete_administration(administration=someone)
    return someone


def sent_history(attempt_index, endpoint):
    """(question, reply) of the earlier turns of a request."""
    _, *said, _ = endpoint.conversations[attempt_index]
    assert [m["role"] for m in said] == ["user", "assistant"] * (len(said) // 2)
    return list(zip(said[::2], said[1::2], strict=True))


def run_at_endpoint(recruit, behaviour=None, **values):
    with Endpoint(behaviour or Behaviour()) as endpoint:
        panel = recruit(base_url=endpoint.base_url, **{"sessions": 1, **SWAPPED, **values})
        assert run_panel(panel_id=panel.pk, options=options(), by=TESTER).status == "complete"
    return panel, endpoint


@pytest.mark.parametrize("direction", ["forward", "reversed"])
def test_earlier_turns_show_the_donors_answers_in_this_sessions_codes(
    open_study, recruit, direction
):
    donor = person(open_study, 2, language="de")
    panel, endpoint = run_at_endpoint(recruit, scale_directions=direction)
    member = panel.members.get()
    session = member.respondent.administration
    shown = presentation_of(session).questions
    values = stored_values(donor)
    assert member.donor == donor.respondent
    assert member.donor_values == values
    last = sent_history(-1, endpoint)
    assert len(last) == len(shown) - 1
    for question, (_, reply) in zip(shown, last, strict=False):
        assert json.loads(reply["content"]) == {"answer": question.code_of(values[question.ref])}
    # What the session answers itself is recorded, and is not what it reads of earlier turns.
    own = {ref: value for ref, value in stored_values(session).items() if value != values[ref]}
    assert len(own) > 10


@pytest.mark.parametrize(
    ("arm", "reply"),
    [
        (Arm(history="swapped", elicitation="number"), "2"),
        (Arm(history="swapped", option_marks="letter"), '{"answer": "B"}'),
        (Arm(history="swapped", elicitation="number", option_marks="letter"), "B"),
    ],
)
def test_the_donors_answer_has_the_form_that_the_arm_asks_for(open_study, recruit, arm, reply):
    person(open_study, 2)
    _, endpoint = run_at_endpoint(recruit, arms=(arm,))
    assert {said["content"] for _, said in sent_history(-1, endpoint)} == {reply}


def test_a_whole_page_of_donated_answers_is_one_reply(open_study, recruit):
    person(open_study, 2)
    arm = Arm(history="swapped", items_per_turn="page", elicitation="distribution")
    panel, endpoint = run_at_endpoint(recruit, arms=(arm,))
    first = presentation_of(panel.members.get().respondent.administration).pages[0].questions
    ((_, reply),) = sent_history(1, endpoint)
    answers = json.loads(reply["content"])["answers"]
    assert list(answers) == [str(question.position) for question in first]
    for given in answers.values():
        assert given["2"] == sum(given.values()) == 100


def test_a_turn_that_the_donor_did_not_answer_is_left_out(open_study, recruit):
    some = presentation_of(person(open_study, 2, completed=False)).order[3]
    person(open_study, 2, left_out=(some,))
    panel, endpoint = run_at_endpoint(recruit)
    session = panel.members.get().respondent.administration
    text = presentation_of(session).question(some).text
    last = sent_history(-1, endpoint)
    assert len(last) == len(session.realised_order) - 2
    assert not any(text in question["content"] for question, _ in last)
    assert session.answers.count() == len(session.realised_order)


def test_only_who_has_completed_the_study_lends_answers(open_study, recruit):
    done = person(open_study, 2)
    person(open_study, 3, completed=False)
    panel = recruit(sessions=4, **SWAPPED)
    assert {member.donor for member in panel.members.all()} == {done.respondent}


def test_a_panel_may_lend_its_answers_too(scripted):
    lender = scripted(sessions=3, key="lender")
    run_panel(panel_id=lender.pk, options=options(), by=TESTER)
    borrower = scripted(profile="reversed", sessions=3, arms=SWAPPED["arms"], history_from="lender")
    run_panel(panel_id=borrower.pk, options=options(), by=TESTER)
    assert {member.donor.group.key for member in borrower.members.all()} == {"lender"}
    assert Answer.objects.filter(administration__respondent__group=borrower.group).count() == 120


@pytest.mark.parametrize(
    ("group", "code"), [("nobody", "history_group_unknown"), ("people", "history_group_empty")]
)
def test_a_group_that_cannot_lend_is_refused_with_a_code(open_study, recruit, group, code):
    person(open_study, 2, completed=False)
    with pytest.raises(PanelSpecError) as refusal:
        recruit(arms=SWAPPED["arms"], history_from=group)
    assert refusal.value.code == code
    assert not PanelMember.objects.exists()


def test_a_matched_session_reads_the_answers_of_somebody_else(open_study, scripted):
    for code in (1, 2, 3, 4):
        person(open_study, code)
    arms = (Arm(), Arm(history="swapped"))
    panel = scripted(personas="matched", sessions=0, arms=arms, history_from="people")
    members = list(panel.members.select_related("respondent"))
    assert len(members) == 8
    for member in members:
        if member.cell["arm"]["history"] == "swapped":
            assert member.donor_id not in (None, member.respondent.matched_to_id)
        else:
            assert (member.donor_id, member.donor_values) == (None, {})


@pytest.mark.django_db(transaction=True)
def test_a_resumed_session_reads_the_same_history_whatever_the_donor_does_meanwhile(
    open_study, recruit
):
    person(open_study, 2)
    stop = threading.Event()
    with Endpoint(Behaviour(latency_seconds=0.02)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=2, **SWAPPED)
        run_panel(
            panel_id=panel.pk,
            stop=stop,
            options=options(),
            on_progress=lambda progress: progress.turns >= 20 and stop.set(),
            by=TESTER,
        )
        Answer.objects.filter(administration__respondent__kind="human").update(value=5)
        assert run_panel(panel_id=panel.pk, options=options(), by=TESTER).status == "complete"
    for session in panel.sessions:
        attempts = list(Attempt.objects.filter(administration=session).order_by("pk"))
        assert [attempt.turn for attempt in attempts] == list(range(40))
        for before, after in itertools.pairwise(attempts):
            assert after.prefix_hash == before.request_hash
        replies = {
            m["content"] for a in attempts for m in a.new_messages if m["role"] == "assistant"
        }
        assert replies == {'{"answer": 2}'}


def test_an_endpoint_that_forgets_the_donors_answers_is_flagged(open_study, recruit):
    person(open_study, 2)
    panel, _ = run_at_endpoint(recruit, Behaviour(context_characters=4000))
    assert panel_progress(panel).flagged > 0
