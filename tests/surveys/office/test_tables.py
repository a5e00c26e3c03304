"""Tables are sorted, filtered, searched and taken as CSV by their address."""

import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.urls import reverse
from factories import PASSWORD, TESTER, answer_everything, make_link, make_person

from surveys import services
from surveys.models import AuditEntry
from surveys.workspace.lists.tables import Column, Filter, Table, show

TEMPLATES = Path(settings.BASE_DIR) / "templates"
ROWS = [
    {"name": "tea", "n": 3, "state": "open", "at": datetime(2026, 5, 1, tzinfo=UTC)},
    {"name": "Ant", "n": None, "state": "done", "at": None},
    {"name": "=1+1", "n": 10, "state": "done", "at": None},
]
TABLE = Table(
    columns=(
        Column("name", "Name", lambda row: row["name"]),
        Column("n", "Number", lambda row: row["n"], number=True),
        Column("at", "At", lambda row: row["at"]),
        Column("act", "Act"),
    ),
    filters=(
        Filter(
            "state",
            "State",
            [("open", "Open"), ("done", "Done")],
            "any",
            value=lambda r: r["state"],
        ),
    ),
    searches=True,
)


def shown(question=""):
    return show(RequestFactory().get(f"/rows/{question}"), TABLE, ROWS)


def names(question):
    return [row["name"] for row in shown(question).rows]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("", ["tea", "Ant", "=1+1"]),
        ("?sort=name", ["=1+1", "Ant", "tea"]),
        ("?sort=n", ["tea", "=1+1", "Ant"]),
        ("?sort=-n", ["=1+1", "tea", "Ant"]),
        ("?state=done", ["Ant", "=1+1"]),
        ("?q=TE", ["tea"]),
        ("?state=done&q=ant&sort=-name", ["Ant"]),
        ("?sort=secret&state=gone", ["tea", "Ant", "=1+1"]),
    ],
)
def test_rows_are_those_that_the_address_asks_for_and_unknown_values_last(question, expected):
    assert names(question) == expected


def test_a_heading_says_how_the_table_is_sorted_and_turns_it():
    name, number, _at, act = shown("?sort=name&page=4&q=t").headings
    assert (name.sorted, name.address) == ("ascending", "?sort=-name&q=t")
    assert (number.sorted, number.address) == ("none", "?sort=n&q=t")
    assert act.address == ""


def test_the_file_has_all_that_was_asked_for_and_no_cell_that_a_spreadsheet_carries_out():
    table = shown("?file=csv&sort=n")
    assert table.is_file
    written = b"".join(table.file("rows")).decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(written))
    assert head == ["Name", "Number", "At"]
    assert rows[0] == ["tea", "3", "2026-05-01T00:00:00+00:00"]
    assert rows[1:] == [["'=1+1", "10", ""], ["Ant", "", ""]]


@pytest.fixture
def office(client, owner, open_study):
    client.login(username="owner", password=PASSWORD)
    return client


def cells(response):
    return list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))


def test_links_are_sorted_filtered_and_taken_as_csv(office, open_study):
    quiet = make_link(open_study)
    services.set_link_active(link=quiet, active=False, by=TESTER)
    busy = services.create_link(study=open_study, label="Aula", by=TESTER)
    make_person(busy)
    address = reverse("surveys:recruit", kwargs={"slug": open_study.slug})
    page = office.get(address, {"sort": "-began"})
    assert [card.link.label for card in page.context["table"].rows] == ["Aula", "Poster"]
    assert 'aria-sort="descending"' in page.content.decode()
    _head, row = cells(office.get(address, {"file": "csv", "state": "off"}))
    assert row[0] == "Poster"


def test_a_filter_without_hits_offers_to_clear_it(office, open_study):
    make_link(open_study)
    make_link(open_study)
    address = reverse("surveys:recruit", kwargs={"slug": open_study.slug})
    page = office.get(address, {"q": "nobody calls a link so"}).content.decode()
    assert "Nothing here is like this." in page
    assert f'<a href="{address}">Clear the filter</a>' in page


def test_people_are_sorted_by_how_long_they_took_and_keep_their_pages(office, link, monkeypatch):
    monkeypatch.setattr("surveys.views.people.people.PEOPLE_PER_PAGE", 2)
    people = [make_person(link) for _ in range(3)]
    for seconds, person in zip((30, 10, 20), people, strict=True):
        answer_everything(person)
        services.complete_administration(administration=person)
        person.refresh_from_db()
        person.ended_at = person.started_at.replace(microsecond=0) + (
            datetime(2026, 1, 1, 0, 0, seconds, tzinfo=UTC) - datetime(2026, 1, 1, tzinfo=UTC)
        )
        person.save(update_fields=["ended_at"])
    address = reverse("surveys:people", kwargs={"slug": link.study.slug})

    def keys(question):
        return [row.person.pk for row in office.get(f"{address}?{question}").context["rows"]]

    first, second, third = (one.respondent_id for one in people)
    assert keys("sort=took") == [second, third]
    assert keys("sort=took&page=2") == [first]
    assert keys("sort=-took") == [first, third]


def test_the_log_is_sorted_by_who_acted(office, open_study):
    names = list(AuditEntry.objects.filter(study=open_study).values_list("actor_name", flat=True))
    page = office.get(reverse("surveys:log", kwargs={"slug": open_study.slug}), {"sort": "name"})
    assert [entry.actor_name for entry, *_ in page.context["rows"]] == sorted(names)


def test_jobs_that_ended_are_a_file_too(office, open_study, settings):
    from surveys.jobs.queue import start_job
    from surveys.services.jobs import cancel_job

    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    cancel_job(job=start_job("fit", study=open_study), by=TESTER)
    head, row = cells(office.get("/jobs/", {"file": "csv", "state": "cancelled"}))
    assert head[:4] == ["Job", "Study", "Who", "State"]
    assert row[0] == "Fit"
    assert len(cells(office.get("/jobs/", {"file": "csv", "state": "done"}))) == 1


@pytest.mark.parametrize("page", sorted(TEMPLATES.rglob("*.html")), ids=lambda page: page.name)
def test_a_table_of_five_columns_fits_a_telephone(page):
    """It becomes labelled rows; a grid of fields and the list of acts have ways of their own."""
    tables = re.findall(r"<table([^>]*)>(.*?)</thead>", page.read_text(), re.DOTALL)
    wide = [kind for kind, head in tables if head.count('scope="col"') > 4]
    assert [kind for kind in wide if not re.search("stacks|grid-edit|acts", kind)] == []
