"""A panel's sessions page by page, in every order: none is missing, and none skipped is counted."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from factories import TESTER

from llm_respondents.design.spec import PanelSpec
from llm_respondents.services import recruit_panel, run_panel
from surveys.models import Administration


@pytest.fixture
def panel(open_study, monkeypatch):
    """Seven sessions, of which two stopped; three to a page."""
    monkeypatch.setattr("llm_respondents.web.panels.SESSIONS_PER_PAGE", 3)
    spec = PanelSpec(provider="scripted", model="scripted:reversed", profile="reversed", sessions=7)
    panel = recruit_panel(study=open_study, spec=spec, by=TESTER)
    run_panel(panel_id=panel.pk, by=TESTER)
    stopped = Administration.objects.filter(group=panel.group).order_by("-pk")[:2]
    Administration.objects.filter(pk__in=[one.pk for one in stopped]).update(status="stopped")
    return panel


def _pages(client, panel, sort):
    address = reverse("llm_respondents:panel", args=[panel.pk])
    pages = [
        client.get(address, {"sort": sort, "page": page}).context["sessions"].page
        for page in (1, 2, 3)
    ]
    return [[one.number for one in page] for page in pages]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("number", [[1, 2, 3], [4, 5, 6], [7]]),
        ("-number", [[7, 6, 5], [4, 3, 2], [1]]),
        ("state", [[1, 2, 3], [4, 5, 6], [7]]),
        ("-state", [[7, 6, 5], [4, 3, 2], [1]]),
    ],
)
def test_pages_follow_each_other_in_each_order(client, owner, panel, sort, expected):
    client.force_login(owner)
    assert _pages(client, panel, sort) == expected


def test_what_is_skipped_is_not_counted(client, owner, panel):
    client.force_login(owner)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(reverse("llm_respondents:panel", args=[panel.pk]), {"page": 3})
    (last,) = page.context["sessions"].page
    assert last.answered > 0
    skipping = [one["sql"] for one in asked.captured_queries if "OFFSET" in one["sql"]]
    assert len(skipping) == 1
    assert "surveys_answer" not in skipping[0]
