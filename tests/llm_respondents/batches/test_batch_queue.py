"""A panel is conducted in batches by jobs that do not wait: each does what there is to do."""

from datetime import timedelta

import pytest
from batch_endpoint import BatchEndpoint
from django.utils import timezone
from factories import TESTER
from workers import do_job

from llm_respondents.batches.states import batch_states
from llm_respondents.conversation.prompts import Arm
from llm_respondents.errors import PanelStateError
from llm_respondents.jobs import queue_batch_panel
from llm_respondents.models import Attempt
from llm_respondents.readout.progress import panel_progress
from llm_respondents.services import cancel_panel, pause_panel
from surveys.jobs.queue import carry_out, look_after_jobs
from surveys.models import Job

QUESTIONS = 40


@pytest.fixture
def panel(recruit):
    with BatchEndpoint(is_holding=True) as endpoint:
        made = recruit(base_url=endpoint.base_url, sessions=2, arms=(Arm(history="none"),))
        made.endpoint = endpoint
        yield made


def test_a_worker_is_woken_when_the_time_has_come(queue, panel):
    queue_batch_panel(panel_id=panel.pk, by=TESTER)
    do_job(panel, "batches")
    queue.clear()
    look_after_jobs()
    assert queue.results == []
    Job.objects.update(
        due_at=timezone.now() - timedelta(seconds=1),
        woken_at=timezone.now() - timedelta(seconds=2),
    )
    look_after_jobs()
    look_after_jobs()
    assert [one.args for one in queue.results] == [[Job.objects.get().pk]]


def test_one_job_goes_on_until_the_panel_is_complete(queue, panel):
    plan = queue_batch_panel(panel_id=panel.pk, by=TESTER)
    assert plan.waves == 1
    job = Job.objects.get()
    assert do_job(panel, "batches") == "ready"
    assert len(panel.endpoint.batches) == 1
    job.refresh_from_db()
    assert job.status == "waiting"
    assert timedelta(0) < job.due_at - timezone.now() <= timedelta(minutes=2)
    # Nobody does it before; and it is no worker's failure that it waits.
    assert carry_out.call(job.pk) == "waiting"
    assert (len(panel.endpoint.batches), job.attempts) == (1, 0)
    assert do_job(panel, "batches") == "ready"
    panel.endpoint.is_holding = False
    assert do_job(panel, "batches") == "complete"
    assert Job.objects.get().status == "done"
    assert panel_progress(panel).answered == Attempt.objects.count() == 2 * QUESTIONS


def test_the_state_of_batches_can_be_read(queue, panel):
    assert batch_states(panel) == []
    queue_batch_panel(panel_id=panel.pk, by=TESTER)
    do_job(panel, "batches")
    (state,) = batch_states(panel)
    assert (state.status, state.provider_id, state.is_open) == ("submitted", "batch_1", True)
    assert (state.calls, state.collected, state.is_unknown) == (2 * QUESTIONS, 0, False)
    assert state.deadline - state.submitted_at == timedelta(hours=24)
    assert state.as_json()["deadline"] == state.deadline.isoformat()
    panel.endpoint.is_holding = False
    do_job(panel, "batches")
    do_job(panel, "batches")
    (state,) = batch_states(panel)
    assert (state.status, state.provider_status) == ("collected", "completed")
    assert (state.collected, state.is_open, bool(state.ended_at)) == (2 * QUESTIONS, False, True)


def test_a_paused_panel_stays_paused_and_no_job_follows(queue, panel):
    queue_batch_panel(panel_id=panel.pk, by=TESTER)
    do_job(panel, "batches")
    panel.refresh_from_db()
    pause_panel(panel=panel, by=TESTER)
    assert do_job(panel, "batches") == "paused"
    assert Job.objects.get().status == "done"
    queue_batch_panel(panel_id=panel.pk, by=TESTER)
    assert do_job(panel, "batches") == "ready"


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
