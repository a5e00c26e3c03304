"""What came from an endpoint -> the outcome, the calls made, and the sentence that is shown."""

import threading

import pytest
from factories import TESTER
from workers import options

from llm_respondents.models import Attempt, Panel
from llm_respondents.readout.progress import panel_progress
from llm_respondents.rehearsal import Endpoint
from llm_respondents.services import run_panel
from surveys.models import Administration
from tests.llm_respondents.providers.test_complaints import CONTEXT, QUOTA, WITHHELD, body

TURNS = 80


def at(request_number, said, *, until=0):
    """Say this in place of a completion, from this request on (`until` the last of them)."""
    return lambda _request, nth: said if request_number <= nth <= (until or 10**6) else None


def conduct(recruit, odd=None, *, panel=None, run=None, **endpoint):
    with Endpoint(odd=odd, **endpoint) as served:
        panel = panel or recruit(base_url=served.base_url, sessions=2)
        Panel.objects.update(spec={**panel.spec, "base_url": served.base_url})
        done = run_panel(panel_id=panel.pk, options=run or options(concurrency=1), by=TESTER)
    return done, panel, len(served.requests)


# The first of each kind; all wordings are told apart in `test_complaints`.
@pytest.mark.parametrize("said", QUOTA[:9])
def test_an_empty_account_halts_at_the_first_call_and_loses_nothing(recruit, said):
    done, panel, calls = conduct(recruit, at(5, said))
    assert (done.status, done.halt_code, calls) == ("halted", "quota", 5)
    assert "The account at the endpoint is empty" in done.note
    assert panel_progress(panel).missing == {}


def test_when_the_account_is_filled_the_panel_goes_on_to_its_end(recruit):
    _, panel, _ = conduct(recruit, at(5, QUOTA[0]))
    done, panel, calls = conduct(recruit, panel=panel)
    assert (done.status, calls) == ("complete", TURNS - 4)
    assert (panel_progress(panel).answered, panel_progress(panel).missing) == (TURNS, {})


@pytest.mark.parametrize("said", CONTEXT[:10])
def test_an_overflow_ends_that_session_for_its_own_reason(recruit, said):
    done, panel, calls = conduct(recruit, at(5, said, until=5))
    assert (done.status, calls) == ("complete", 5 + TURNS // 2)
    progress = panel_progress(panel)
    assert progress.missing == {"context_length": 36}
    assert (progress.completed, progress.stopped, progress.answered) == (1, 1, 44)
    overflow = Attempt.objects.get(outcome="context_length")
    assert overflow.detail.startswith("context_length: ")


def test_an_overflow_at_the_last_question_loses_that_question_alone(recruit):
    done, panel, _ = conduct(recruit, at(TURNS // 2, CONTEXT[0], until=TURNS // 2))
    assert done.status == "complete"
    assert panel_progress(panel).missing == {"context_length": 1}
    assert panel_progress(panel).completed == 2


def test_a_session_that_overflowed_when_its_worker_was_killed_is_ended_by_the_next(recruit):
    _, panel, _ = conduct(recruit, at(5, CONTEXT[0], until=5))
    first = Administration.objects.order_by("pk").first()
    # As if the worker had died between the call and the end of the session.
    later = first.answers.filter(missing_reason="context_length").order_by("position")[1:]
    first.answers.filter(pk__in=list(later.values_list("pk", flat=True))).delete()
    first.submissions.filter(idempotency_key__startswith="closed").delete()
    Administration.objects.filter(pk=first.pk).update(status="in_progress", ended_at=None)
    Panel.objects.update(status="ready", ended_at=None, ended_reason="")
    done, panel, calls = conduct(recruit, panel=panel)
    assert (done.status, calls) == ("complete", 0)
    assert panel_progress(panel).missing == {"context_length": 36}


def test_what_does_not_fit_from_the_first_call_on_is_no_matter_of_single_sessions(recruit):
    done, panel, calls = conduct(recruit, at(1, CONTEXT[0]))
    assert (done.halt_code, calls) == ("context_length", 1)
    assert "does not fit the context of the model" in done.note
    assert panel_progress(panel).missing == {}


@pytest.mark.parametrize("said", WITHHELD[:4])
def test_moderation_concerns_its_turn_alone(recruit, said):
    done, panel, calls = conduct(recruit, at(5, said, until=5))
    assert (done.status, calls) == ("complete", TURNS)
    assert panel_progress(panel).missing == {"content_filter": 1}


@pytest.mark.parametrize(
    ("page", "quoted"),
    [
        ("<!DOCTYPE html><title>It works!</title>", "It works!"),
        ('data: {"choices": [{"delta": {}}]}\n\ndata: [DONE]', "a stream of events"),
    ],
)
def test_a_page_in_place_of_an_api_halts_at_once_and_is_shown(recruit, page, quoted):
    done, panel, calls = conduct(recruit, at(1, (200, page)))
    assert (done.halt_code, calls) == ("not_an_api", 1)
    assert "Is /v1 missing" in done.note
    assert quoted in done.note
    assert panel_progress(panel).missing == {}


def test_a_page_now_and_then_is_a_failed_call(recruit):
    done, panel, calls = conduct(recruit, at(5, (200, "<html>Bad gateway</html>"), until=6))
    assert (done.status, calls) == ("complete", TURNS + 2)
    assert panel_progress(panel).missing == {}


def test_a_wait_that_is_asked_for_in_words_is_waited_for(recruit):
    said = (429, body("Rate limited. Please retry in 0.7s."))
    done, _, calls = conduct(recruit, at(5, said, until=5))
    assert (done.status, calls) == ("complete", TURNS + 1)
    limited = Attempt.objects.get(outcome="transport_error")
    again = Attempt.objects.get(administration=limited.administration, turn=limited.turn, number=2)
    assert (again.started_at - limited.started_at).total_seconds() >= 0.7


def test_requests_that_are_not_taken_any_more_halt_before_a_session_is_lost(recruit):
    done, panel, calls = conduct(recruit, at(5, (400, body("Unknown parameter: seed."))))
    assert (done.halt_code, calls) == ("bad_request", 4 + 5)
    assert "Unknown parameter: seed." in done.note
    assert panel_progress(panel).missing == {"transport_error": 4}


def test_an_endpoint_that_counts_no_tokens_is_asked_to_the_end_also_across_runs(recruit):
    stop = threading.Event()
    nothing = {"prompt_tokens": 0, "completion_tokens": 0}
    with Endpoint(always={"usage": nothing}) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=2)
        run_panel(
            panel_id=panel.pk,
            options=options(concurrency=1),
            stop=stop,
            on_progress=lambda progress: progress.turns >= 5 and stop.set(),
            by=TESTER,
        )
        # As earlier versions stored it.
        Attempt.objects.update(prompt_tokens=0)
        done = run_panel(panel_id=panel.pk, options=options(concurrency=1), by=TESTER)
    assert done.status == "complete"
    assert panel_progress(panel).answered == TURNS
    assert panel_progress(panel).flagged == 0


def test_identifiers_that_are_all_the_same_cost_next_to_nothing(recruit):
    def same(_request):
        return '{"answer": 1}'

    usage = {"prompt_tokens": 10, "completion_tokens": 2}
    always = {"id": "chatcmpl-0", "usage": usage}
    with Endpoint(answer=same, always=always, names_requests=False) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=2)
        done = run_panel(panel_id=panel.pk, options=options(concurrency=4), by=TESTER)
    assert done.status == "complete"
    assert panel_progress(panel).answered == TURNS
    assert len(endpoint.requests) <= TURNS + 4
