"""Whether a worker lives: its row, the light in the header, the page of jobs."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from factories import TESTER

from surveys.jobs.leases import take
from surveys.jobs.owners import worker_name
from surveys.jobs.patrol import patrol
from surveys.jobs.queue import start_job
from surveys.jobs.workers import is_alive, living_workers, say_alive, say_gone
from surveys.models import Worker
from surveys.services.jobs import cancel_job
from surveys.templatetags.workspace import moment

ELSEWHERE = "another-host:1:0000"


@pytest.fixture(autouse=True)
def _nobody_works(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}


def light_on(client) -> str:
    html = client.get("/").content.decode()
    return re.search(r'<a href="/jobs/" class="light[^>]*>([^<]+)', html)[1]


def test_a_worker_lives_as_long_as_it_says_so_within_a_lease(db, settings):
    say_alive(ELSEWHERE)
    assert [worker.name for worker in living_workers()] == [ELSEWHERE]
    lease = timedelta(seconds=settings.JOB_LEASE_SECONDS)
    Worker.objects.update(seen_at=timezone.now() - lease - timedelta(seconds=1))
    assert living_workers() == []
    say_alive(ELSEWHERE)
    say_gone(ELSEWHERE)
    assert not Worker.objects.exists()


def test_a_worker_of_this_machine_that_was_killed_is_gone_at_once(db):
    host, _pid, word = worker_name().split(":")
    # No process has this number: it is above what Linux gives out.
    say_alive(f"{host}:4999999:{word}")
    say_alive(worker_name())
    assert [is_alive(worker) for worker in Worker.objects.all()] == [False, True]


def test_workers_that_are_long_gone_are_forgotten(db):
    say_alive(ELSEWHERE)
    Worker.objects.update(seen_at=timezone.now() - timedelta(days=2))
    say_alive(worker_name())
    assert not Worker.objects.filter(name=ELSEWHERE).exists()


@pytest.mark.django_db(transaction=True)
def test_a_patrol_says_that_it_lives_and_that_it_stops():
    with patrol():
        deadline = timezone.now() + timedelta(seconds=30)
        while not Worker.objects.exists() and timezone.now() < deadline:
            pass
        assert len(living_workers()) == 1
    assert not Worker.objects.exists()


def test_the_light_says_whether_anybody_works_and_how_much_waits(client, owner, open_study):
    client.force_login(owner)
    assert light_on(client) == "No worker"
    job = start_job("report", study=open_study)
    assert light_on(client) == "No worker: one job waits"
    say_alive(ELSEWHERE)
    assert light_on(client) == "Jobs: 0 running, 1 waiting"
    assert take(job, ELSEWHERE)
    assert light_on(client) == "Jobs: 1 running, 0 waiting"


def test_the_page_of_jobs_shows_what_waits_and_ended_and_what_to_do_without_a_worker(
    client, owner, open_study, stranger
):
    client.force_login(owner)
    waiting, other = start_job("report", study=open_study), start_job("fit", study=open_study)
    cancel_job(job=other, by=TESTER)
    address = reverse("surveys:jobs")
    html = client.get(address).content.decode()
    assert "manage.py worker" in html
    under_way, ended = html[html.index('id="under-way"') :].split('id="ended"')
    assert f'id="job-{waiting.pk}"' in under_way
    assert "Next in line." in under_way
    assert f'id="job-{other.pk}"' in ended
    assert "Stopped on request." in ended
    say_alive(ELSEWHERE)
    assert "manage.py worker" not in client.get(address).content.decode()
    client.force_login(stranger)
    assert "job-" not in client.get(address).content.decode()


def test_the_page_of_jobs_is_a_part_for_htmx(client, owner):
    client.force_login(owner)
    part = client.get(reverse("surveys:jobs"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part


@pytest.mark.parametrize(
    ("ago", "said"),
    [(4, "4 s ago"), (150, "2 min ago"), (3 * 3600, "3 h ago")],
)
def test_a_moment_is_told_by_how_long_ago_it_was(ago, said):
    when = timezone.now() - timedelta(seconds=ago)
    assert f">{said}</time>" in moment(when)


def test_a_moment_of_another_day_is_told_by_its_date_and_in_full_as_utc():
    when = timezone.now().replace(year=2024, month=3, day=9, hour=7, minute=5, second=1)
    assert ">9 Mar 2024, 07:05</time>" in moment(when)
    assert 'title="2024-03-09 07:05:01 UTC"' in moment(when)
