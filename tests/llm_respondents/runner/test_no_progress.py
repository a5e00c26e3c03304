"""A run whose calls bring nothing forward stops by itself and says what to look at."""

from dataclasses import replace

import pytest
from factories import TESTER
from workers import options

from llm_respondents.models import Panel
from llm_respondents.readout.progress import panel_progress
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.runner.limits import Limits
from llm_respondents.runner.retry import StallWatch
from llm_respondents.services import RunOptions, run_panel


@pytest.mark.parametrize("fault", ["malformed_envelope", "rate_limited"])
def test_calls_in_vain_halt_the_panel_and_cost_no_answer(fault, recruit):
    with Endpoint(Behaviour(**{fault: 1.0})) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=2)
        impatient = replace(options(concurrency=2, first_wait=0.2), no_progress_seconds=0.5)
        run = run_panel(panel_id=panel.pk, options=impatient, by=TESTER)
    assert (run.status, run.halt_code) == ("halted", "no_progress")
    assert Panel.objects.get().halt_code == "no_progress"
    assert "Look at the last calls" in run.note
    assert panel_progress(panel).missing == {}
    # It goes on when the endpoint is well again.
    with Endpoint() as endpoint:
        Panel.objects.update(spec={**panel.spec, "base_url": endpoint.base_url})
        assert run_panel(panel_id=panel.pk, options=options(), by=TESTER).status == "complete"


def test_waiting_for_a_rate_is_no_stall(recruit):
    with Endpoint() as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1, max_turns=4)
        slow = replace(options(), limits=Limits(1, requests_per_minute=40), no_progress_seconds=1.2)
        run = run_panel(panel_id=panel.pk, options=slow, by=TESTER)
    assert (run.status, run.progress.turns) == ("complete", 4)


def test_the_time_counts_from_the_first_call_since_a_turn_was_closed():
    now = 0.0
    watch = StallWatch(10, clock=lambda: now)
    now = 100.0
    assert not watch.stalled
    watch.called()
    now = 109.0
    watch.called()
    assert not watch.stalled
    now = 111.0
    assert watch.stalled
    watch.closed_turn()
    assert not watch.stalled


def test_by_default_three_long_calls_fit_into_the_time_and_ten_minutes_at_least():
    assert RunOptions().patience == 600
    assert RunOptions(timeout_seconds=900).patience == 2700
    assert RunOptions(no_progress_seconds=5).patience == 5
