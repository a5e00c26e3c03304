"""Links for people one by one, and one computer for many people."""

import csv
import io
import json

import pytest
from django.urls import reverse
from factories import TESTER, answer_everything, make_link, make_person, personal
from printed_pages import pages_of
from pypdf import PdfReader

from surveys import services
from surveys.models import Administration, RecruitingLink, Respondent
from surveys.recruiters import Exit, LinkTerms, Outcome
from surveys.recruiters.link_lists import ListDraft, numbered, read_lines
from surveys.recruiters.qr_sheets import PER_PAGE
from surveys.services.people.link_lists import make_link_list
from surveys.services.people.refusing import ArrangementRefused
from surveys.services.people.terms import set_terms

LINES = "pseudonym;label\nP1;Group A\nP2\n\n=P3;=cmd()\n"


def page_of_link(link) -> str:
    return reverse("surveys:information", kwargs={"token": link.token})


def test_a_list_is_made_in_one_go_and_downloaded(client, open_study, owner):
    client.force_login(owner)
    poster = make_link(open_study)
    terms = LinkTerms(exits={Outcome.COMPLETE: Exit(code="DONE")}, minutes_allowed=30)
    set_terms(link=poster, terms=terms, by=TESTER)
    address = reverse("surveys:new_link_list", kwargs={"slug": open_study.slug})
    sent = {"name": "May", "kind": "personal", "lines": LINES, "terms_of": poster.pk}
    page = client.post(address, sent, follow=True).content.decode()
    assert "3 links" in page
    links = RecruitingLink.objects.exclude(link_list=None).order_by("pk")
    assert [one.pseudonym for one in links] == ["P1", "P2", "=P3"]
    assert {(one.kind, one.minutes_allowed) for one in links} == {("personal", 30)}
    assert links[0].ways_out[Outcome.COMPLETE].code == "DONE"
    assert links[0].token not in page
    begun = make_person(links[0])
    (made,) = open_study.link_lists.all()
    where = {"slug": open_study.slug, "list_id": made.pk}
    file = client.get(reverse("surveys:link_list_file", kwargs=where)).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert [(one["pseudonym"], one["label"], one["state"]) for one in rows] == [
        ("P1", "Group A", "in_progress"),
        ("P2", "May · P2", "unused"),
        ("'=P3", "'=cmd()", "unused"),
    ]
    assert rows[1]["address"].endswith(page_of_link(links[1]))
    recruit = client.get(reverse("surveys:recruit", kwargs={"slug": open_study.slug}))
    assert [(one.people, one.began) for one in recruit.context["lists"]] == [(3, 1)]
    assert [card.link.pk for card in recruit.context["cards"]] == [poster.pk]
    assert begun.respondent.link.pseudonym == "P1"


def test_a_sheet_holds_the_codes_that_are_not_used(client, open_study, owner):
    client.force_login(owner)
    draft = ListDraft("Sheet", numbered(PER_PAGE + 2))
    made = make_link_list(study=open_study, draft=draft, by=TESTER)
    make_person(made.links.first())
    where = {"slug": open_study.slug, "list_id": made.pk}
    for paper, size in (("a4", (595, 842)), ("letter", (612, 792))):
        response = client.get(reverse("surveys:link_list_sheet", kwargs=where), {"paper": paper})
        sheet = PdfReader(io.BytesIO(response.content))
        assert len(sheet.pages) == 2
        assert tuple(map(round, sheet.pages[0].mediabox[2:])) == size
        text = "".join(pages_of(response.content))
        assert "P001" not in text
        assert "P002" in text
        assert f"P{PER_PAGE + 2:03}" in text


def test_every_mistake_of_a_list_is_told_at_once(client, open_study, owner):
    draft = ListDraft("", read_lines("P1\nP1\nann@example.org"), kind="open")
    with pytest.raises(ArrangementRefused) as refused:
        make_link_list(study=open_study, draft=draft, by=TESTER)
    assert [(one.where, one.code.value) for one in refused.value.problems] == [
        ("name", "nameless"),
        ("kind", "list_kind"),
        ("lines[2]", "same_pseudonym"),
        ("lines[3]", "an_address"),
    ]
    client.force_login(owner)
    address = reverse("surveys:new_link_list", kwargs={"slug": open_study.slug})
    page = client.post(address, {"name": "x", "kind": "personal", "lines": "P1\nP1"})
    assert page.status_code == 422
    assert "2: The pseudonym" in page.content.decode()
    rest = f"/api/studies/{open_study.slug}/link-lists/"
    body = json.dumps({"name": "x", "count": 0})
    assert client.post(rest, body, content_type="application/json").status_code == 409
    body = json.dumps({"name": "x", "count": 2, "kind": "personal"})
    done = client.post(rest, body, content_type="application/json").json()
    assert [one["pseudonym"] for one in done["links"]] == ["P001", "P002"]
    assert client.get(rest).json()["link_lists"][0]["people"] == 2
    one = client.get(f"{rest}{done['id']}/").json()
    assert one["links"][0]["token"] == done["links"][0]["token"]


def test_a_personal_link_leads_its_person_back_and_a_single_one_does_not(client, open_study):
    for kind in ("personal", "single_use"):
        draft = ListDraft(kind, numbered(1), kind=kind)
        link = make_link_list(study=open_study, draft=draft, by=TESTER).links.get()
        sent = {"decision": "agree", "start": f"{kind:x<20}"}
        address = reverse("surveys:begin", kwargs={"token": link.token})
        # Declining uses no link up.
        client.post(address, {**sent, "decision": "decline", "start": "y" * 20})
        assert client.get(page_of_link(link)).status_code == 200
        client.post(address, sent)
        begun = Administration.objects.get(respondent__link=link, status="in_progress")
        for page in (
            client.get(page_of_link(link)),
            client.post(address, {**sent, "start": "z" * 20}),
        ):
            if kind == "personal":
                assert page.url == personal("resume", begun)
            else:
                assert page.status_code == 410
        assert Respondent.objects.filter(link=link, consent__given=True).count() == 1


def test_a_shared_computer_begins_for_the_next_person_and_back_shows_nobody(client, open_study):
    link = make_link(open_study)
    set_terms(link=link, terms=LinkTerms(shared_computer=True), by=TESTER)
    person = make_person(link)
    following = personal("next_person", person)
    # Not before the end.
    assert client.post(following).url == personal("resume", person)
    answer_everything(person)
    services.complete_administration(administration=person)
    end = personal("end", person)
    page = client.get(end).content.decode()
    assert "Begin for the next person" in page
    assert client.get(following).status_code == 405
    response = client.post(following)
    assert response.url == page_of_link(link)
    assert response.headers["Clear-Site-Data"] == '"cache"'
    for name in ("end", "resume", "stored", "withdraw"):
        assert client.get(personal(name, person)).status_code == 404
    assert client.post(following).status_code == 404
    person.refresh_from_db()
    assert person.status == "completed"
    sona = make_link(open_study, recruiter="sona")
    with pytest.raises(ArrangementRefused):
        set_terms(link=sona, terms=LinkTerms(shared_computer=True), by=TESTER)


@pytest.mark.parametrize("code", ["", "SAME-FOR-ALL"])
def test_whoever_leaves_a_shared_computer_is_told_truly_how_to_withdraw_later(
    client, open_study, code
):
    link = make_link(open_study)
    exits = {Outcome.COMPLETE: Exit(code=code)} if code else {}
    set_terms(link=link, terms=LinkTerms(shared_computer=True, exits=exits), by=TESTER)
    person = make_person(link)
    answer_everything(person)
    (person,) = services.complete_administrations(administrations=[person])
    page = client.get(personal("end", person)).content.decode()
    assert person.completion_code in page
    assert "give the researchers your own code" in page

    stopped = make_person(link)
    services.end_early(administration=stopped, outcome=Outcome.SCREENED_OUT)
    page = client.get(personal("end", stopped)).content.decode()
    assert "give the researchers your own code" not in page
    assert "Without a code nobody can find your answers then" in page
