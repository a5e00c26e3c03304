"""What pages ask again and again takes three queries at most, however much there is."""

import re

import pytest
from django.urls import reverse
from factories import TESTER, make_link, make_person
from queries import queries_of

from llm_respondents.design.spec import PanelSpec
from llm_respondents.jobs import queue_run
from llm_respondents.jobs.tallies import count_and_keep
from llm_respondents.models import Panel
from llm_respondents.services import recruit_panel, run_panel
from surveys.jobs.leases import finish, take
from surveys.jobs.queue import start_job
from surveys.jobs.workers import say_alive
from surveys.models import Job, RecruitingLink
from surveys.services.people.quotas import set_quotas

AT_MOST = 3
ELSEWHERE = "another-host:1:0000"


@pytest.fixture
def busy(open_study, owner, client, settings):
    """Panels and jobs under way, as many as wanted; returns the addresses that are polled."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    client.force_login(owner)

    def make(number):
        for _ in range(number):
            spec = PanelSpec(
                provider="scripted", model="scripted:reversed", profile="reversed", sessions=2
            )
            panel = recruit_panel(study=open_study, spec=spec, by=TESTER)
            run_panel(panel_id=panel.pk, by=TESTER)
            count_and_keep(panel.pk)
            waiting = recruit_panel(study=open_study, spec=spec, by=TESTER)
            count_and_keep(waiting.pk)
            queue_run(panel=waiting, by=TESTER)
            for kind in ("fit", "report", "export"):
                job = start_job(kind, study=open_study, queued_by=TESTER.as_json())
                take(start_job(kind, study=open_study), ELSEWHERE)
        Panel.objects.filter(pk=panel.pk).update(status="running", ended_at=None)
        wanted = [{"label": f"Quota {one}", "most": 5 + one} for one in range(number)]
        set_quotas(study=open_study, values={"quotas": wanted}, by=TESTER)
        say_alive(ELSEWHERE)
        return {
            "panel": reverse("llm_respondents:panel_fragment", args=[panel.pk]),
            "waiting panel": reverse("llm_respondents:panel_fragment", args=[waiting.pk]),
            "panels": reverse("llm_respondents:models", args=[open_study.slug]),
            "jobs": reverse("surveys:jobs"),
            "job": reverse("surveys:job", args=[job.pk]),
            "fits": reverse("analysis:compare", args=[open_study.slug]),
            "overview": reverse("surveys:study", args=[open_study.slug]),
            "quotas": reverse("surveys:quota_table", args=[open_study.slug]),
        }

    return make


def test_a_poll_takes_three_queries_whatever_there_is(busy, client):
    def polled(addresses):
        found = {}
        for name, address in addresses.items():
            response = client.get(address, headers={"HX-Request": "true"})
            assert response.status_code == 200, name
            assert "hx-trigger" in response.content.decode(), name
            found[name] = queries_of(
                lambda address=address: client.get(address, headers={"HX-Request": "true"})
            )
        return found

    few = polled(busy(1))
    assert {name: number for name, number in few.items() if number > AT_MOST} == {}
    assert polled(busy(4)) == few


def test_what_has_not_changed_is_not_sent_again(busy, client, open_study):
    addresses = busy(1)

    def poll(address):
        return client.get(address, headers={"HX-Request": "true"})

    def seen(name):
        """What a part names as its next address, which says what it shows."""
        again = re.search(r'hx-get="([^"]+)"', poll(addresses[name]).content.decode())[1]
        assert again.startswith(f"{addresses[name]}?seen="), name
        return again

    told = ("panel", "waiting panel", "panels", "jobs", "overview", "quotas")
    parts = {name: seen(name) for name in told}
    for name, again in parts.items():
        assert (poll(again).status_code, poll(again).content) == (204, b""), name
        # Whoever opens the address in a browser gets a page.
        assert client.get(again, follow=True).status_code == 200, name
    Panel.objects.filter(status="running").update(spent_nano=7)
    Job.objects.filter(kind="report", status="running").update(place=3, total=9)
    link = make_link(open_study)
    make_person(RecruitingLink.objects.get(pk=link.pk))
    changed = ("panel", "panels", "jobs", "overview", "quotas")
    assert {name: poll(parts[name]).status_code for name in changed} == dict.fromkeys(changed, 200)
    assert ">1</strong> / 5" in poll(parts["quotas"]).content.decode()


def test_a_page_asks_again_from_the_moment_in_which_a_worker_takes_a_panel_until_it_lets_go(
    busy, client
):
    addresses = busy(1)
    job = Job.objects.get(kind="panel")
    take(job, ELSEWHERE)
    for status in ("ready", "running", "complete"):
        Panel.objects.update(status=status)
        for name in ("waiting panel", "panels"):
            part = client.get(addresses[name], headers={"HX-Request": "true"}).content.decode()
            assert "hx-trigger" in part, (name, status)
    assert finish(job, ELSEWHERE, {})
    over = client.get(addresses["waiting panel"], headers={"HX-Request": "true"})
    assert over.headers["HX-Refresh"] == "true"


def test_what_is_polled_says_where_it_stands(busy, client):
    addresses = busy(1)

    def part(name):
        return client.get(addresses[name], headers={"HX-Request": "true"}).content.decode()

    assert "100 %" in part("panel")
    assert "Next in line." in part("waiting panel")
    listed = part("jobs")
    assert listed.index("Panel</a>") > 0
    assert "Fit" in part("fits")
    # When it is over, the page is shown anew: what can be done with it stands outside of the part.
    Panel.objects.update(status="complete")
    over = client.get(addresses["panel"], headers={"HX-Request": "true"})
    assert over.headers["HX-Refresh"] == "true"
