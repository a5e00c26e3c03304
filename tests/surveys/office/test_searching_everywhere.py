"""The search at the top: what there is of one's own, in a few queries, and nothing of others."""

import pytest
from django.urls import reverse
from factories import TESTER, make_link, make_person
from queries import queries_of

from llm_respondents.design.spec import PanelSpec
from llm_respondents.models import Attempt
from llm_respondents.services import recruit_panel, run_panel
from surveys.models import Study

PID = "5f3e00000000000000001234"


@pytest.fixture
def found(client):
    def search(user, words: str) -> str:
        client.force_login(user)
        return client.get(reverse("surveys:search"), {"q": words}).content.decode()

    return search


def groups(page: str) -> list[str]:
    return [one.partition('"')[0] for one in page.split('id="group-')[1:]]


def test_studies_instruments_and_people_are_found_and_strangers_find_none(
    found, owner, collaborator, stranger, open_study
):
    person = make_person(make_link(open_study, recruiter="prolific"), recruiter_id=PID)
    Study.objects.filter(pk=open_study.pk).update(titles={"en": "Übung im Alltag <b>"})
    for words in ("übung", "Übung alltag", open_study.slug[:6].upper()):
        page = found(collaborator, words)
        assert "studies" in groups(page), words
        assert "&lt;b&gt;" in page
        assert groups(found(stranger, "übung")) == []
    study = reverse("surveys:people", args=[open_study.slug])
    for user, there in ((owner, True), (stranger, False)):
        page = found(user, PID.upper())
        assert (f"{study}?q={PID.upper()}" in page) is there
        assert (f"Person {person.respondent_id}" in page) is there
    # A member who may not see ids learns nothing by looking one up, by its code either.
    for role in ("viewer", "analyst"):
        open_study.memberships.filter(user=collaborator).update(role=role)
        for words in (PID, person.completion_code):
            assert groups(found(collaborator, words)) == [], role
    # Part of an id is no id.
    assert groups(found(owner, PID[:20])) == []
    instrument = open_study.blocks.first().versions.first()
    assert "instruments" in groups(found(owner, instrument.title.split()[0]))
    assert "Nothing was found" in found(owner, "xylophone")
    assert "Looked for are" in found(owner, "  ")


def test_replies_of_models_are_found_among_the_latest(found, owner, stranger, open_study):
    spec = PanelSpec(
        model="scripted:people-like", provider="scripted", profile="people-like", sessions=2
    )
    run_panel(panel_id=recruit_panel(study=open_study, spec=spec, by=TESTER).pk, by=TESTER)
    last = Attempt.objects.latest("pk")
    Attempt.objects.filter(pk=last.pk).update(reply="I would rather not say: aardvark.")
    page = found(owner, "aardvark")
    assert groups(page) == ["transcripts"]
    assert "<mark>aardvark</mark>" in page
    assert "model-generated" in page
    assert f"#call-{last.pk}" in page
    assert groups(found(stranger, "aardvark")) == []


def test_a_search_takes_as_many_queries_whatever_there_is(found, owner, stranger, open_study):
    link = make_link(open_study, recruiter="prolific")
    make_person(link, recruiter_id=PID)

    def asked() -> int:
        return queries_of(lambda: found(owner, PID))

    asked()  # the first one logs in
    before = asked()
    for number in range(5):
        make_person(link, recruiter_id=f"5f3e0000000000000000{number:04x}")
    assert asked() <= before
    assert before <= 15


def test_whoever_is_not_logged_in_finds_nothing(client, db):
    assert client.get(reverse("surveys:search"), {"q": "a"}).status_code == 302
