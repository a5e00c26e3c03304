"""A panel is conducted in batches by jobs that do not wait: each does what there is to do."""

from datetime import timedelta

import pytest
from batch_endpoint import BatchEndpoint
from django.utils import timezone
from factories import TESTER

from llm_respondents.batches.states import batch_states
from llm_respondents.conversation.prompts import Arm
from llm_respondents.errors import PanelStateError
from llm_respondents.jobs import queue_batch_panel, run_batches
from llm_respondents.models import Attempt
from llm_respondents.readout.progress import panel_progress
from llm_respondents.services import cancel_panel, pause_panel

QUESTIONS = 40

BY = TESTER.as_json()


@pytest.fixture
def panel(recruit):
    with BatchEndpoint(is_holding=True) as endpoint:
        made = recruit(base_url=endpoint.base_url, sessions=2, arms=(Arm(history="none"),))
        made.endpoint = endpoint
        yield made


def test_jobs_follow_each_other_until_the_panel_is_complete(queue, panel):
    plan = queue_batch_panel(panel_id=panel.pk, by=TESTER)
    assert plan.waves == 1
    assert [one.args for one in queue.results] == [[panel.pk, BY]]
    assert run_batches.call(panel.pk, BY) == "ready"
    assert len(panel.endpoint.batches) == 1
    later = queue.results[-1].task.run_after - timezone.now()
    assert timedelta(0) < later <= timedelta(minutes=2)
    assert run_batches.call(panel.pk, BY) == "ready"
    panel.endpoint.is_holding = False
    assert run_batches.call(panel.pk, BY) == "complete"
    # One job at the beginning, and one after each that had to wait.
    assert len(queue.results) == 3
    assert panel_progress(panel).answered == Attempt.objects.count() == 2 * QUESTIONS


def test_the_state_of_batches_can_be_read(queue, panel):
    assert batch_states(panel) == []
    run_batches.call(panel.pk, BY)
    (state,) = batch_states(panel)
    assert (state.status, state.provider_id, state.is_open) == ("submitted", "batch_1", True)
    assert (state.calls, state.collected, state.is_unknown) == (2 * QUESTIONS, 0, False)
    assert state.deadline - state.submitted_at == timedelta(hours=24)
    assert state.as_json()["deadline"] == state.deadline.isoformat()
    panel.endpoint.is_holding = False
    run_batches.call(panel.pk, BY)
    run_batches.call(panel.pk, BY)
    (state,) = batch_states(panel)
    assert (state.status, state.provider_status) == ("collected", "completed")
    assert (state.collected, state.is_open, bool(state.ended_at)) == (2 * QUESTIONS, False, True)


def test_a_paused_panel_stays_paused_and_no_job_follows(queue, panel):
    run_batches.call(panel.pk, BY)
    panel.refresh_from_db()
    pause_panel(panel=panel, by=TESTER)
    queue.clear()
    assert run_batches.call(panel.pk, BY) == "paused"
    assert queue.results == []
    queue_batch_panel(panel_id=panel.pk, by=TESTER)
    assert run_batches.call(panel.pk, BY) == "ready"


def test_what_cannot_be_run_in_batches_is_not_queued(queue, panel, scripted):
    cancel_panel(panel=panel, by=TESTER)
    for number, code in (
        (panel.pk, "panel_over"),
        (0, "panel_unknown"),
        (scripted().pk, "batch_scripted"),
    ):
        with pytest.raises(PanelStateError) as refusal:
            queue_batch_panel(panel_id=number, by=TESTER)
        assert refusal.value.code == code
    assert queue.results == []
