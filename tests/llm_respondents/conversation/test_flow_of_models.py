"""Sessions of models go the way of the study: turn by turn, continued, and asked again."""

import json
import threading

import pytest
from batch_endpoint import BatchEndpoint
from factories import TESTER, make_link, make_person
from request_study import AGE, FIRM, SHARE, WHY_NOT, open_request_study
from workers import options

from llm_respondents.design.spec import PanelSpec
from llm_respondents.errors import PanelSpecError
from llm_respondents.models import Attempt, Batch
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.services import recruit_panel, run_panel
from llm_respondents.services.afterwards.lost_turns import reopen_lost_turns
from llm_respondents.services.batch_runs import run_panel_in_batches
from llm_respondents.services.reparsing import reparse_panel
from surveys.models import Administration
from surveys.selectors import presentation_of, stored_answers
from surveys.services import GivenAnswer, complete_administration, record_participant_answers

DOWN = json.dumps({"error": {"message": "overloaded"}})
NO, YES = 1, 2


class Says:
    """An endpoint that answers by the words of the question; what it lacks words for fails."""

    def __init__(self, **said):
        self.said = said

    def __call__(self, request, _number):
        question = request["messages"][-1]["content"]
        given = next(answer for words, answer in self.said.items() if _words(words) in question)
        if given is None:
            return 500, DOWN
        message = {"role": "assistant", "content": json.dumps({"answer": given})}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
        whole = {"object": "chat.completion", "id": "1", "created": 1, "model": "small"}
        return 200, json.dumps({**whole, "choices": [choice], "usage": usage})


def _words(key):
    texts = {"age": "How old are you", "share": "hand them over", "why_not": "keeps you from it"}
    return texts.get(key, "trust a firm")


@pytest.fixture
def endpoint():
    with Endpoint() as made:
        made.odd = Says(age=31, share=NO, why_not="Mine.", firm=YES)
        yield made


@pytest.fixture
def study(owner):
    return open_request_study(owner)


def recruit(study, endpoint, sessions=1, **values):
    spec = PanelSpec(model="small", base_url=endpoint.base_url, sessions=sessions, **values)
    return recruit_panel(study=study, spec=spec, by=TESTER)


def run(panel, concurrency=20, **more):
    asked = options(concurrency=concurrency, max_calls=2)
    done = run_panel(panel_id=panel.pk, options=asked, by=TESTER, **more)
    panel.refresh_from_db()
    return done


def told(session):
    return {ref: one.reason or one.values[0] for ref, one in stored_answers(session).items()}


def of_condition(panel, recipient):
    return [one for one in panel.sessions.order_by("pk") if one.condition["recipient"] == recipient]


def test_conditions_are_balanced_in_every_arm_and_sessions_go_by_them(study, endpoint):
    arms = [{"elicitation": "schema"}, {"elicitation": "schema", "items_per_turn": "block"}]
    panel = recruit(study, endpoint, sessions=16, arms=arms)
    cells = {}
    for one in panel.sessions.select_related("respondent__panel_member"):
        arm = one.respondent.panel_member.cell["arm"]["items_per_turn"]
        cells.setdefault(arm, []).append(tuple(sorted(one.condition.items())))
    assert {arm: sorted(map(dealt.count, set(dealt))) for arm, dealt in cells.items()} == {
        "one": [2, 2, 2, 2],
        "block": [2, 2, 2, 2],
    }


@pytest.mark.parametrize("together", ["one", "page", "block"])
def test_a_session_is_asked_what_a_person_is_asked(study, endpoint, together):
    arm = {"elicitation": "schema", "items_per_turn": together}
    if together != "one":
        endpoint.odd = Says(age=31, share=YES, firm=YES)
    panel = recruit(study, endpoint, sessions=4, arms=[arm])
    assert run(panel).status == "complete"
    way = {"one": [NO - 1, "Mine.", YES - 1]}.get(together, [YES - 1, "not_shown", YES - 1])
    share, why, firm = way
    for one in of_condition(panel, "firm"):
        assert told(one) == {AGE: 31.0, SHARE: share, WHY_NOT: why, FIRM: firm}
    for one in of_condition(panel, "state"):
        assert told(one) == {AGE: 31.0, SHARE: share, WHY_NOT: why, FIRM: "not_shown"}
    assert set(panel.sessions.values_list("status", flat=True)) == {"completed"}
    last = Attempt.objects.of(panel).order_by("administration", "turn").last()
    assert "{" not in last.new_messages[-1]["content"].split("Reply")[0]
    assert "asks for your step counts" in json.dumps(endpoint.conversations[-1])


def test_answers_end_a_session_as_they_end_a_persons_part(study, endpoint):
    endpoint.odd = Says(age=17)
    panel = recruit(study, endpoint, sessions=2)
    assert run(panel).status == "complete"
    for one in panel.sessions:
        assert (one.status, one.outcome, one.screened_by) == ("stopped", "screened_out", "minors")
        assert told(one) == {AGE: 17.0, **dict.fromkeys((SHARE, WHY_NOT, FIRM), "not_shown")}
    assert len(endpoint.requests) == 2


def test_a_matched_session_has_its_persons_condition(study, endpoint):
    link = make_link(study)
    people = [make_person(link) for _ in range(4)]
    for person in people:
        for ref, given in ((AGE, 20), (SHARE, YES)):
            record_participant_answers(
                administration=person,
                answers=[GivenAnswer(ref, given)],
                idempotency_key=ref,
                door="page",
            )
        complete_administration(administration=person)
    panel = recruit(study, endpoint, sessions=0, personas="matched")
    for one in panel.sessions.select_related("respondent__matched_to__administration"):
        person = one.respondent.matched_to.administration
        assert (one.condition, one.assignment_number) == (person.condition, None)
        assert presentation_of(one).checksum == presentation_of(person).checksum


def test_a_session_that_was_stopped_goes_on_in_the_same_words(study, endpoint):
    panel = recruit(study, endpoint, sessions=4)
    stop = threading.Event()
    endpoint.behaviour = Behaviour(latency_seconds=0.3)
    stops = {"stop": stop, "on_progress": lambda progress: progress.turns >= 5 and stop.set()}
    run(panel, concurrency=1, **stops)
    endpoint.behaviour = Behaviour()
    assert 0 < Attempt.objects.of(panel).count() < 14
    assert run(panel).status == "complete"
    for one in panel.sessions:
        calls = Attempt.objects.filter(administration=one).order_by("pk")
        hashes = list(calls.values_list("prefix_hash", "request_hash"))
        # Every request begins with what the one before it ended with, and the reply to it.
        assert len(set(hashes)) == len(hashes)
        assert calls.count() == (4 if one.condition["recipient"] == "firm" else 3)
    # Nothing was asked twice.
    assert len(endpoint.requests) == 14


def test_a_lost_turn_is_asked_again_and_so_is_what_depends_on_it(study, endpoint):
    endpoint.odd = Says(age=31, share=None, why_not="Mine.", firm=YES)
    panel = recruit(study, endpoint, sessions=4)
    run(panel)
    (lost, *_) = of_condition(panel, "firm")
    assert told(lost) == {AGE: 31.0, SHARE: "transport_error", WHY_NOT: "not_shown", FIRM: 1}
    endpoint.odd = Says(age=31, share=NO, why_not="Mine.", firm=YES)
    before = len(endpoint.requests)
    assert reopen_lost_turns(panel=panel, by=TESTER).sessions == 4
    assert run(panel).status == "complete"
    assert told(lost) == {AGE: 31.0, SHARE: 0, WHY_NOT: "Mine.", FIRM: 1}
    asked = [one[-1]["content"] for one in endpoint.conversations[before:]]
    assert len(asked) == 8
    assert set(panel.sessions.values_list("status", flat=True)) == {"completed"}
    # What closed without an answer is read again as what was asked then.
    assert reparse_panel(panel=panel, by=TESTER) == []


@pytest.mark.parametrize(
    "values",
    [
        {"arms": [{"history": "swapped"}], "history_from": "people"},
        {"block_orders": "shuffled"},
    ],
)
def test_nobody_is_told_the_answers_of_others_where_answers_decide(study, endpoint, values):
    with pytest.raises(PanelSpecError) as refused:
        recruit(study, endpoint, sessions=2, **values)
    assert refused.value.code == "answers_decide"
    assert not Administration.objects.exists()


@pytest.mark.parametrize("history", ["full", "none"])
def test_in_batches_a_session_goes_the_same_way(owner, history):
    """Also without a history no turn is handed over before what decides it is answered."""
    study = open_request_study(
        owner, change=lambda text: text.replace("request.age < 18", "request.age > 110")
    )
    with BatchEndpoint() as endpoint:
        arms = [{"elicitation": "schema", "history": history}]
        panel = recruit(study, endpoint, sessions=8, arms=arms)
        done = run_panel_in_batches(
            panel_id=panel.pk, options=options(), poll_seconds=0.01, by=TESTER
        )
    assert done.status == "complete"
    for one in panel.sessions:
        said = told(one)
        assert one.status == "completed"
        assert (said[WHY_NOT] == "not_shown") == (said[SHARE] == 1)
        asked_of_a_firm = one.condition["recipient"] == "firm" and said[AGE] >= 30
        assert (said[FIRM] != "not_shown") == asked_of_a_firm
    # A wave for each turn of the longest way.
    most = max(Attempt.objects.filter(administration=one).count() for one in panel.sessions)
    assert Batch.objects.filter(panel=panel).count() == most
