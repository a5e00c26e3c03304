"""What the overview says of panels, and what can be taken back where it was done."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from factories import TESTER, make_link

from llm_respondents.design.spec import PanelSpec
from llm_respondents.models import Panel
from llm_respondents.services import recruit_panel

FORM = re.compile(r'<form method="post" action="([^"]+)">(.*?)</form>', re.DOTALL)
INPUT = re.compile(r'name="([^"]+)" value="([^"]*)"')


@pytest.fixture
def office(owner):
    """A browser of the owner that sends what forms hold, and nothing without their token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    return client


def act(office, page: str, address: str, **fields: str) -> str:
    """Send a form of a page; the page that comes after it."""
    office.get(page)
    token = office.cookies["csrftoken"].value
    answer = office.post(address, {**fields, "csrfmiddlewaretoken": token}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def undo(office, page: str) -> str:
    toast = page.partition('<div class="toasts">')[2]
    address, inputs = FORM.search(toast).groups()
    answer = office.post(address, dict(INPUT.findall(inputs)), follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_archived_study_a_link_and_a_group_are_taken_back_from_the_toast(office, open_study):
    link = make_link(open_study)
    link.label = "Poster <1>"
    link.save()
    recruit = reverse("surveys:recruit", args=[open_study.slug])
    page = act(office, recruit, reverse("surveys:switch_link", args=[open_study.slug, link.pk]))
    assert "“Poster &lt;1&gt;” lets nobody in any more" in page
    link.refresh_from_db()
    assert not link.active
    undo(office, page)
    link.refresh_from_db()
    assert link.active

    group = open_study.groups.create(key="try", label="A try", kind="llm", simulated=True)
    quality = reverse("analysis:quality", args=[open_study.slug])
    aside = reverse("analysis:set_aside", args=[open_study.slug])
    page = act(office, quality, aside, act="set_aside", group="try", because="set up wrongly")
    page = undo(office, page)
    group.refresh_from_db()
    assert not group.set_aside
    # Taking back is undone too, with the reason that there was.
    page = undo(office, page)
    group.refresh_from_db()
    assert (group.set_aside, group.set_aside_because) == (True, "set up wrongly")

    act(office, recruit, reverse("surveys:close_study", args=[open_study.slug]))
    page = act(office, recruit, reverse("surveys:archive_study", args=[open_study.slug]))
    open_study.refresh_from_db()
    assert open_study.archived_at
    undo(office, page)
    open_study.refresh_from_db()
    assert open_study.archived_at is None


def test_the_overview_says_how_each_panel_is_and_what_it_cost(office, open_study):
    spec = PanelSpec(
        model="scripted:people-like", provider="scripted", profile="people-like", sessions=2
    )
    panel = recruit_panel(study=open_study, spec=spec, by=TESTER)
    overview = reverse("surveys:study", args=[open_study.slug])
    page = office.get(overview).content.decode()
    assert f'href="{reverse("llm_respondents:panel", args=[panel.pk])}"' in page
    assert '<span class="badge ready">Ready</span>' in page
    assert "Spent" not in page
    Panel.objects.filter(pk=panel.pk).update(
        spent_nano=1_500_000_000, spend_cap_nano=20_000_000_000
    )
    page = office.get(overview).content.decode()
    assert "1.5 of 20.00" in page
