"""Jobs: who holds one, what is seen of one whose worker died, what counts of what was stored."""

import re
import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from factories import TESTER

from surveys import services
from surveys.errors import JobCancelled, LeaseLost, Refused, StudyError
from surveys.jobs import kinds
from surveys.jobs.files import keep_file
from surveys.jobs.kinds import Kind, register
from surveys.jobs.leases import take
from surveys.jobs.owners import worker_name
from surveys.jobs.queue import (
    carry_out,
    join_or_start,
    look_after_jobs,
    start_daily_jobs,
    start_job,
)
from surveys.jobs.reading import PHASES
from surveys.jobs.watch import Watch
from surveys.jobs.work import job_here, working
from surveys.models import Door, Job
from surveys.services.audit import Actor
from surveys.services.jobs import cancel_job

ELSEWHERE = "another-host:1:0000"


@pytest.fixture(autouse=True)
def _kinds_of_the_test(monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    register(Kind("count", "Counting", lambda watch: {"counted": watch.job.parameters["to"]}))


@pytest.fixture
def queue(settings):
    """A queue that keeps what is put into it; nobody works on it."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}


@pytest.fixture
def job(open_study, queue):
    return start_job("count", study=open_study, parameters={"to": 3})


def held(job: Job, *, seconds: float = 60, owner: str = ELSEWHERE) -> Job:
    """The job as a worker of another machine holds it, for so long from now on."""
    assert take(job, owner)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() + timedelta(seconds=seconds))
    job.refresh_from_db()
    return job


def test_a_job_is_done_once_however_often_workers_are_woken(job):
    assert [carry_out.call(job.pk) for _ in range(2)] == ["done", "done"]
    job.refresh_from_db()
    assert (job.result, job.attempts, job.lease_owner) == ({"counted": 3}, 1, "")


def test_a_job_that_another_worker_holds_is_left_alone(job):
    held(job)
    assert carry_out.call(job.pk) == "running"
    job.refresh_from_db()
    assert job.lease_owner == ELSEWHERE


def test_a_job_whose_lease_ran_out_is_taken_up_by_whoever_is_woken(job):
    held(job, seconds=-1)
    assert carry_out.call(job.pk) == "done"
    job.refresh_from_db()
    assert job.attempts == 2


def test_a_job_that_two_workers_died_over_ends_with_that_reason(job):
    for _ in range(2):
        held(job, seconds=-1)
        look_after_jobs()
        job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "worker_died")
    assert job.error_args == {"attempts": 2, "allowed": 2}


def test_a_job_of_a_command_is_not_taken_up_by_others(open_study, queue):
    with pytest.raises(LeaseLost), job_here("count", study=open_study) as watch:  # noqa: PT012
        # As if its process had been killed: what it leaves behind is the row.
        Job.objects.update(lease_owner=ELSEWHERE, lease_until=timezone.now())
        look_after_jobs()
    watch.job.refresh_from_db()
    assert (watch.job.status, watch.job.error_code) == ("failed", "worker_died")


def test_what_a_worker_stores_after_its_lease_was_lost_does_not_count(job):
    owner = worker_name()
    assert take(job, owner)
    with pytest.raises(LeaseLost), working(Watch(job, owner)) as watch:  # noqa: PT012
        Job.objects.update(lease_owner=ELSEWHERE)
        with watch.storing():
            pytest.fail("stored")
    job.refresh_from_db()
    assert (job.status, job.lease_owner) == ("running", ELSEWHERE)


def test_a_waiting_job_is_cancelled_at_once_and_says_by_whom(job, owner):
    assert cancel_job(job=job, by=Actor(Door.PAGE, owner))
    assert (job.status, job.error_code, job.cancelled_by) == ("cancelled", "cancelled", owner)
    assert not cancel_job(job=job, by=TESTER)


def test_a_job_whose_worker_is_gone_is_cancelled_at_once(job):
    held(job, seconds=-1)
    assert cancel_job(job=job, by=TESTER)
    assert job.status == "cancelled"


def test_a_worker_that_lives_is_asked_and_ends_the_job_itself(job):
    owner = worker_name()
    assert take(job, owner)
    with pytest.raises(JobCancelled), working(Watch(job, owner)) as watch:  # noqa: PT012
        cancel_job(job=job, by=TESTER)
        assert job.status == "running"
        watch.check()
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("cancelled", "cancelled")


def test_a_worker_that_does_not_hear_of_a_cancellation_has_until_its_lease_runs_out(job):
    held(job)
    cancel_job(job=job, by=TESTER)
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    look_after_jobs()
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("cancelled", 1)


def test_a_refused_job_ends_with_the_code_of_the_refusal(open_study, queue):
    def refuse(_watch):
        raise StudyError(Refused.STUDY_CLOSED, study="tea")

    heard = []
    register(Kind("refuse", "Refusing", refuse, heard.append))
    job = start_job("refuse", study=open_study)
    assert carry_out.call(job.pk) == "failed"
    job.refresh_from_db()
    assert job.error_code == "study_closed"
    assert job.error.startswith("Study tea is closed for good")
    assert heard == [job]


def test_a_fault_of_ours_ends_the_job_and_goes_on_to_the_queue(open_study, queue):
    register(Kind("break", "Breaking", lambda _watch: {"never": 1 / 0}))
    job = start_job("break", study=open_study)
    with pytest.raises(ZeroDivisionError):
        carry_out.call(job.pk)
    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "internal")


def test_the_same_job_is_not_started_twice_while_it_is_unfinished(open_study, queue):
    def begin(to):
        return join_or_start("count", study=open_study, subject="n", parameters={"to": to})

    first = begin(3)
    assert begin(3) == first
    assert begin(4) != first
    carry_out.call(first.pk)
    assert begin(3) != first


def test_a_file_that_a_job_left_goes_when_somebody_of_the_study_withdraws(
    job, person, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    register(Kind("count", "Counting", lambda watch: keep_file(watch, "a.zip", b"zip") or {}))
    carry_out.call(job.pk)
    job.refresh_from_db()
    assert job.file.read() == b"zip"
    job.file.close()
    services.withdraw(administration=person, by=TESTER)
    job.refresh_from_db()
    assert not job.file
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_a_file_is_kept_for_an_hour(job, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    register(Kind("count", "Counting", lambda watch: keep_file(watch, "a.zip", b"zip") or {}))
    carry_out.call(job.pk)
    Job.objects.update(file_until=timezone.now() - timedelta(seconds=1))
    look_after_jobs()
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_busy_and_silent_keeps_its_job(job, settings):
    settings.JOB_LEASE_SECONDS = 0.6
    owner = worker_name()
    assert take(job, owner)
    with working(Watch(job, owner)):
        before = Job.objects.get().lease_until
        assert not threading.Event().wait(1.0)
        assert look_after_jobs() == []
        assert Job.objects.get().lease_until > before
    job.refresh_from_db()
    assert job.status == "done"


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_that_want_a_job_one_gets_it(job):
    got, ready = [], threading.Barrier(2)

    def want():
        mine = Job.objects.get(pk=job.pk)
        ready.wait()
        got.append(take(mine, worker_name()))
        connections.close_all()

    workers = [threading.Thread(target=want) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(got) == [False, True]
    connection.close()


# --- Pages and REST


def test_a_page_never_says_running_of_a_job_whose_worker_is_gone(client, job, owner):
    client.force_login(owner)
    held(job, seconds=-1)
    page = client.get(reverse("surveys:job", args=[job.pk])).content.decode()
    assert "The worker that did this is gone. Another one takes it up." in page
    assert ">running<" not in page
    held(job, seconds=-1)
    over = client.get(reverse("surveys:job", args=[job.pk]))
    assert "was killed or lost, at attempt 2 of 2" in over.content.decode()
    assert over.headers["HX-Refresh"] == "true"


def test_a_page_shows_how_far_a_job_is_and_how_long_it_takes(client, job, owner):
    client.force_login(owner)
    held(job)
    ago = timezone.now() - timedelta(minutes=6)
    Job.objects.update(phase="simulating", place=30, total=90, phase_started_at=ago)
    page = client.get(reverse("surveys:job", args=[job.pk])).content.decode()
    assert "30/90" in page
    assert "about 12 minutes left" in page
    rest = client.get(f"/api/jobs/{job.pk}/").json()
    assert rest["seconds_left"] == pytest.approx(720, abs=5)


def test_a_page_says_what_waits_before_a_job_and_that_a_worker_is_needed(client, job, owner):
    client.force_login(owner)
    second = start_job("count", study=job.study, parameters={"to": 4})
    page = client.get(reverse("surveys:job", args=[second.pk])).content.decode()
    assert "One other job waits before it." in page
    assert "manage.py worker" in page


def test_the_reason_is_said_in_the_readers_language(client, job, owner):
    client.force_login(owner)
    for _ in range(2):
        held(job, seconds=-1)
        look_after_jobs()
    address = reverse("surveys:job", args=[job.pk])
    page = client.get(address, headers={"Accept-Language": "de"}).content.decode()
    assert "beim 2. von 2 Versuchen" in page


def test_a_job_is_cancelled_from_its_page_which_is_shown_again(client, job, owner):
    client.force_login(owner)
    address = reverse("surveys:cancel_job", args=[job.pk])
    back = client.post(address, {"next": "/studies/"})
    job.refresh_from_db()
    assert (job.status, back.headers["Location"]) == ("cancelled", "/studies/")
    elsewhere = client.post(address, {"next": "https://example.org/"})
    assert "example.org" not in elsewhere.headers["Location"]


def test_jobs_are_listed_and_cancelled_over_rest(client, job, owner):
    client.force_login(owner)
    (listed,) = client.get("/api/jobs/", {"study": job.study.slug}).json()["results"]
    assert (listed["kind"], listed["status"], listed["ahead"]) == ("count", "waiting", 0)
    cancelled = client.post(f"/api/jobs/{job.pk}/cancel/").json()
    assert (cancelled["status"], cancelled["error_code"]) == ("cancelled", "cancelled")
    (entry,) = job.study.log.filter(action="job_cancelled")
    assert (entry.actor, entry.door, entry.subject_id) == (owner, "rest", job.pk)


def test_a_list_of_jobs_makes_as_many_queries_for_one_as_for_ten(
    client, job, owner, django_assert_num_queries
):
    client.force_login(owner)
    client.get("/api/jobs/")
    with CaptureQueriesContext(connection) as one:
        client.get("/api/jobs/")
    for to in range(9):
        start_job("count", study=job.study, parameters={"to": to})
    with django_assert_num_queries(len(one)):
        client.get("/api/jobs/")


def test_a_stranger_finds_no_job(client, job, stranger):
    client.force_login(stranger)
    assert client.get("/api/jobs/").json()["results"] == []
    assert client.get(f"/api/jobs/{job.pk}/").status_code == 404
    assert client.post(f"/api/jobs/{job.pk}/cancel/").status_code == 404
    for name in ("job", "job_file"):
        assert client.get(reverse(f"surveys:{name}", args=[job.pk])).status_code == 404
    assert client.post(reverse("surveys:cancel_job", args=[job.pk])).status_code == 404


def test_what_is_done_daily_is_begun_once_a_day_by_whichever_worker(queue, db):
    register(Kind("sweep", "Sweeping", lambda _watch: {}, daily=True))
    start_daily_jobs()
    start_daily_jobs()
    swept = Job.objects.filter(kind="sweep")
    assert swept.count() == 1
    swept.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    start_daily_jobs()
    assert swept.count() == 2
    assert Job.objects.filter(kind="tidying").count() == 1


def test_what_was_promised_people_is_kept_by_a_job(queue, db):
    start_daily_jobs()
    job = Job.objects.get(kind="tidying")
    assert carry_out.call(job.pk) == "done"
    job.refresh_from_db()
    assert job.result["ids_deleted"] == 0


def test_every_phase_of_a_job_has_words():
    called = re.compile(r'\.(?:enter|told|stands_at)\(\s*"(\w+)"')
    rooms = ("surveys", "llm_respondents", "analysis", "config")
    files = (one for room in rooms for one in (settings.BASE_DIR / room).rglob("*.py"))
    named = {phase for one in files for phase in called.findall(one.read_text("utf-8"))}
    assert "people_looked_at" in named
    assert named <= PHASES.keys()
