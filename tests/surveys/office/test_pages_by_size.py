"""A page asks the database as often for many rows as for few, and seldom."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from factories import TESTER, answer_everything, make_link, make_person

from llm_respondents.design.spec import PanelSpec
from llm_respondents.services import recruit_panel, run_panel
from surveys.jobs.queue import start_job
from surveys.jobs.workers import say_alive
from surveys.services import complete_administration
from surveys.services.people.quotas import set_quotas

AT_MOST = 15


@pytest.fixture
def filled(client, owner, open_study, settings):
    """Add so many people, panels and jobs to a study."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    client.force_login(owner)
    say_alive("another-host:1:0000")
    link = make_link(open_study)

    def add(number):
        for _ in range(number):
            person = make_person(link)
            answer_everything(person)
            complete_administration(administration=person)
            spec = PanelSpec(
                provider="scripted", model="scripted:reversed", profile="reversed", sessions=1
            )
            panel = recruit_panel(study=open_study, spec=spec, by=TESTER)
            run_panel(panel_id=panel.pk, by=TESTER)
            start_job("fit", study=open_study)
        wanted = [{"label": f"Quota {one}", "most": 9} for one in range(number)]
        wanted.append({"label": "Of the link", "most": 90, "link": link.pk})
        set_quotas(study=open_study, values={"quotas": wanted}, by=TESTER)
        return panel

    return add


def addresses(study, panel):
    of_study = {
        name: reverse(name, args=[study.slug])
        for name in (
            "surveys:study",
            "surveys:design",
            "surveys:recruit",
            "surveys:people",
            "surveys:data",
            "surveys:team",
            "surveys:log",
            "analysis:plan",
            "analysis:quality",
            "analysis:compare",
            "llm_respondents:models",
        )
    }
    return of_study | {
        "panel": reverse("llm_respondents:panel", args=[panel.pk]),
        "transcript": reverse("llm_respondents:transcript", args=[panel.pk, 1]),
        "search": reverse("llm_respondents:search", args=[panel.pk]) + "?outcome=answered",
        "studies": "/",
        "jobs": "/jobs/",
        "instruments": reverse("surveys:instrument_library"),
    }


def test_no_page_asks_more_often_where_there_is_more(client, open_study, filled):
    panel = filled(1)

    def asked():
        found = {}
        for name, address in addresses(open_study, panel).items():
            # What is counted or read once and kept is kept from here on.
            assert client.get(address).status_code == 200, name
            with CaptureQueriesContext(connection) as captured:
                client.get(address)
            found[name] = len(captured)
        return found

    few = asked()
    filled(2)
    assert asked() == few
    assert {name: number for name, number in few.items() if number > AT_MOST} == {}
