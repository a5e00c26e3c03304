"""What a panel's status says while workers come, go and fail, and its owner steers."""

import threading
import time
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.utils import timezone
from factories import TESTER
from workers import options

from config import env
from llm_respondents.design.spec import PanelSpec
from llm_respondents.models import Attempt, Panel
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.services import pause_panel, probing, resume_panel, run_panel, run_queued_panel
from llm_respondents.services.workers import queue_options
from llm_respondents.store.leases import claim_work, release_leases
from llm_respondents.store.outcomes import Lease
from surveys.models import Administration


def held_by_another(panel, limit=10):
    lease = Lease(panel.pk, "elsewhere")
    return lease, [item.administration for item in claim_work(lease, limit).items]


@pytest.mark.parametrize("before", ["running", "paused", "halted"])
def test_a_resumed_panel_is_running_as_long_as_a_worker_holds_sessions(scripted, before):
    panel = scripted(sessions=3)
    Panel.objects.update(status=before)
    lease, sessions = held_by_another(panel, limit=1)
    assert resume_panel(panel=panel, by=TESTER).status == "running"
    release_leases(lease, sessions)
    assert resume_panel(panel=panel, by=TESTER).status == "ready"


def test_a_resumed_panel_is_ready_when_its_worker_is_gone(scripted):
    panel = scripted(sessions=2)
    Panel.objects.update(status="running")
    held_by_another(panel)
    Administration.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert resume_panel(panel=panel, by=TESTER).status == "ready"


def test_a_worker_that_gives_up_does_not_halt_a_panel_on_which_another_works(recruit):
    with Endpoint(Behaviour(always_status=401)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=4)
        lease, sessions = held_by_another(panel, limit=2)
        first = run_panel(panel_id=panel.pk, options=options(), by=TESTER)
        assert (first.status, first.halt_code) == ("running", "auth")
        assert Panel.objects.get().halt_code == "auth"
        release_leases(lease, sessions)
        second = run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert (second.status, second.halt_code) == ("halted", "auth")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("meanwhile", ["paused", "halted", "ready"])
def test_a_panel_without_open_sessions_is_complete_whatever_was_said_meanwhile(scripted, meanwhile):
    panel = scripted(sessions=2)

    def say():
        Panel.objects.update(status=meanwhile)
        connections.close_all()

    def from_outside(_progress):
        other = threading.Thread(target=say)
        other.start()
        other.join()

    run = run_panel(panel_id=panel.pk, options=options(), on_progress=from_outside, by=TESTER)
    assert run.status == "complete"
    assert Panel.objects.get().ended_at is not None


def test_a_job_that_waited_leaves_a_paused_panel_alone(scripted):
    panel = scripted(sessions=1)
    pause_panel(panel=panel, by=TESTER)
    assert run_queued_panel(panel_id=panel.pk, by=TESTER) == "paused"
    assert not Attempt.objects.exists()
    resume_panel(panel=panel, by=TESTER)
    assert run_queued_panel(panel_id=panel.pk, by=TESTER) == "complete"


def test_jobs_run_with_the_lease_and_the_patience_of_the_installation(
    recruit, settings, monkeypatch
):
    monkeypatch.setattr(probing, "probe", partial(probing.probe, wait=0.01))
    settings.PANEL_LEASE_SECONDS = 7.0
    settings.PANEL_TIMEOUT_SECONDS = 0.2
    with Endpoint(Behaviour(hang=1.0, hang_seconds=5)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        begun = time.monotonic()
        run = run_panel(panel_id=panel.pk, by=TESTER)
    # The probe is the first to wait in vain, and not for the two minutes of the default.
    assert (run.halt_code, time.monotonic() - begun < 30) == ("timeout", True)
    assert queue_options(PanelSpec.from_json(panel.spec)).lease_seconds == 7


@pytest.mark.parametrize("value", ["0", "-1", "soon", "inf", "nan"])
def test_a_lease_that_is_no_time_is_refused(value, monkeypatch):
    monkeypatch.setenv("PANEL_LEASE_SECONDS", value)
    with pytest.raises(ImproperlyConfigured, match="PANEL_LEASE_SECONDS"):
        env.seconds("PANEL_LEASE_SECONDS", default=60.0)
    monkeypatch.setenv("PANEL_LEASE_SECONDS", "2.5")
    assert env.seconds("PANEL_LEASE_SECONDS", default=60.0) == 2.5


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("stopped", "status"), [(True, "ready"), (False, "complete")])
def test_workers_that_end_at_once_leave_one_true_status(recruit, stopped, status):
    stop = threading.Event()
    with Endpoint(Behaviour(latency_seconds=0.02)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=6)

        def work():
            run_panel(
                panel_id=panel.pk,
                stop=stop,
                options=options(concurrency=3),
                on_progress=lambda progress: stopped and progress.turns > 10 and stop.set(),
                by=TESTER,
            )
            connections.close_all()

        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert Panel.objects.get().status == status
    assert not Administration.objects.exclude(lease_owner="").exists()
