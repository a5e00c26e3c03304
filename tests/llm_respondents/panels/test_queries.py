"""Lists of panels take as many queries for five panels as for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from factories import TESTER

from llm_respondents.jobs.tallies import count_and_keep
from llm_respondents.models import Attempt, Panel
from llm_respondents.money.account import accounts_of, cost_of
from llm_respondents.readout.progress import panel_progress, progress_of
from llm_respondents.services import run_panel
from llm_respondents.store.tallies import forget_tally
from surveys.models import Answer


def queries_of(client, address):
    """What the address takes; of a page, the part that is asked for again and again."""
    part = {"HX-Request": "true"}
    client.get(address, headers=part)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, headers=part).status_code == 200
    return len(queries)


@pytest.fixture
def conducted(scripted):
    """Recruit panels and conduct all of them but the last."""

    def make(count):
        made = [scripted(sessions=2, label=f"P{number}") for number in range(count)]
        for panel in made[:-1]:
            run_panel(panel_id=panel.pk, by=TESTER)
        return made

    return make


@pytest.mark.parametrize("of_study", [False, True])
def test_five_panels_take_as_many_queries_as_one(client, owner, open_study, conducted, of_study):
    client.force_login(owner)
    tab = reverse("llm_respondents:models", args=[open_study.slug])
    address = tab if of_study else "/api/panels/"
    conducted(1)
    one = queries_of(client, address)
    conducted(4)
    assert queries_of(client, address) == one <= 16


def test_what_is_counted_for_many_panels_is_what_is_counted_for_each(conducted, settings):
    panels = conducted(3)
    # Amounts as they are booked at an endpoint.
    Attempt.objects.update(cost_nano=7, prompt_tokens=11, completion_tokens=2)
    for number, panel in enumerate(panels):
        Panel.objects.filter(pk=panel.pk).update(spent_nano=700 * number, status="running")
    together = progress_of(panels)
    accounts = accounts_of(panels, together)
    for panel in panels:
        alone = Panel.objects.get(pk=panel.pk)
        cost = cost_of(alone)
        assert accounts[panel.pk] == cost
        alone_progress = panel_progress(Panel.objects.get(pk=panel.pk))
        fields = ("sessions", "completed", "questions", "answered", "missing", "calls", "held")
        for name in fields:
            assert getattr(together[panel.pk], name) == getattr(alone_progress, name)
    first, _, last = panels
    assert (together[first.pk].answered, together[last.pk].answered) == (80, 0)
    assert together[last.pk].questions == 80
    assert accounts[first.pk].prompt_tokens == 80 * 11
    assert accounts[last.pk].study_spent_nano == 2100


def test_the_rest_list_says_of_each_panel_what_its_own_address_says(client, owner, conducted):
    panels = conducted(2)
    client.force_login(owner)
    listed = client.get("/api/panels/").json()["results"]
    for panel, found in zip(panels, listed, strict=True):
        alone = client.get(f"/api/panels/{panel.pk}/").json()
        for facts in (alone, found):
            facts["progress"].pop("seconds")
            # Nobody has kept a count of them: each request counts.
            assert parse_datetime(facts.pop("counted_at")) <= timezone.now()
        assert found == alone


def test_rest_tells_of_a_panel_under_way_what_its_worker_counted_and_when(client, owner, conducted):
    panel, _other = conducted(2)
    client.force_login(owner)
    count_and_keep(panel.pk)
    panel.refresh_from_db()
    Panel.objects.filter(pk=panel.pk).update(status="running", ended_at=None)
    Answer.objects.filter(administration__group=panel.group).delete()
    address, listed = f"/api/panels/{panel.pk}/", client.get("/api/panels/").json()["results"]
    for found in (client.get(address).json(), *(one for one in listed if one["id"] == panel.pk)):
        assert found["progress"]["answered"] == 80
        counted_at = parse_datetime(panel.tally["counted_at"])
        assert parse_datetime(found["counted_at"]) == counted_at
    # What changed beside a worker is counted.
    forget_tally(panel.pk)
    assert client.get(address).json()["progress"]["answered"] == 0
