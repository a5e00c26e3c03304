"""A member tries a link: the real pages, and a person who is counted nowhere."""

import pytest
from django.core.management import call_command
from django.urls import reverse
from factories import TESTER, answer_everything, make_link, personal

from analysis.runs.snapshot import StudySnapshot
from surveys import services
from surveys.models import Administration, AuditEntry, Credit, Respondent, RespondentGroup
from surveys.recruiters import Exit, LinkTerms, Outcome
from surveys.selectors import link_outcomes, respondent_flows, studies_with_counts, with_counts
from surveys.services.people.terms import set_terms
from surveys.services.rehearsal import read_form


@pytest.fixture
def sona(open_study):
    link = make_link(open_study, recruiter="sona", kind="single_use")
    back = Exit(address="https://school.sona-systems.com/", credit="https://x.sona-systems.com/c")
    terms = LinkTerms(exits={Outcome.COMPLETE: back}, returns_at_once=True)
    link = set_terms(link=link, terms=terms, by=TESTER)
    return services.set_link_active(link=link, active=False, by=TESTER)


def address_of(client, link) -> str:
    tried = reverse("surveys:try_out", args=[link.study.slug, link.pk])
    return client.post(tried).url


def begun(client, link, decision="agree") -> Administration:
    address = address_of(client, link)
    page = client.get(address)
    assert "counted nowhere" in page.content.decode()
    action = address.replace("?", "begin/?", 1)
    client.post(action, {**read_form(page.content.decode()).hidden, "decision": decision})
    return Administration.objects.latest("pk")


@pytest.fixture
def tried(client, owner, sona):
    """Somebody who tried the link to the end."""
    client.force_login(owner)
    administration = begun(client, sona)
    answer_everything(administration)
    return services.complete_administration(administration=administration)


def test_a_test_is_in_no_count_list_analysis_or_interface(client, owner, sona, tried):
    study = sona.study
    assert Administration.objects.get().respondent.test
    assert study_counts(owner) == (0, 0, 0)
    link = with_counts(study.links.all()).get()
    assert (link.began, link.completed, link.loads) == (0, 0, 0)
    assert link_outcomes(study) == {}
    assert respondent_flows(study) == {}
    assert StudySnapshot.of(study).groups == ()
    assert list(study.groups.all()) == list(study.respondents.all()) == []
    for address in ("respondents", "answers"):
        assert client.get(f"/api/{address}/?study={study.slug}").json()["results"] == []
    assert client.get(f"/api/people/?study={study.slug}").json()["results"] == []
    people = client.get(reverse("surveys:people", args=[study.slug])).content.decode()
    assert "Nobody yet" in people


def study_counts(owner) -> tuple[int, int, int]:
    study = studies_with_counts(owner).get()
    return study.people, study.simulated_people, study.model_sessions


def test_it_uses_no_link_up_asks_for_no_credit_and_leads_nobody_away(client, sona, tried):
    sona.refresh_from_db()
    assert not sona.active
    services.set_link_active(link=sona, active=True, by=TESTER)
    assert not Credit.objects.exists()
    page = client.get(personal("leave", tried), follow=True)
    assert "Refresh" not in page.headers
    assert "<code>https://school.sona-systems.com/</code>" in page.content.decode()


def test_a_decline_can_be_tried_as_well(client, owner, sona):
    client.force_login(owner)
    assert begun(client, sona, "decline").outcome == "declined"
    assert respondent_flows(sona.study) == {}


def test_nobody_makes_themselves_a_test(client, owner, sona, link):
    client.force_login(owner)
    signed = address_of(client, sona).split("test=")[1]
    for value in ("1", "", signed[:-1], signed):
        page = client.get(reverse("surveys:information", args=[link.token]), {"test": value})
        assert "counted nowhere" not in page.content.decode()


def test_a_stranger_tries_nothing(client, stranger, sona):
    client.force_login(stranger)
    for address in (
        reverse("surveys:try_out", args=[sona.study.slug, sona.pk]),
        reverse("surveys:erase_tests", args=[sona.study.slug]),
    ):
        assert client.post(address).status_code == 404


def test_every_test_is_erased_after_asking_and_nobody_else(client, person, sona, tried):
    page = client.get(reverse("surveys:recruit", args=[sona.study.slug])).content.decode()
    erase = reverse("surveys:erase_tests", args=[sona.study.slug])
    assert "One test is stored" in page
    assert f'href="{erase}"' in page
    assert "with all they entered: 1" in client.get(erase).content.decode()
    assert Respondent.with_tests.filter(test=True).count() == 1
    client.post(erase)
    assert list(Respondent.with_tests.all()) == [person.respondent]
    assert not RespondentGroup.with_tests.filter(test=True).exists()
    assert AuditEntry.objects.get(action="tests_erased").after == {"people": 1}


def test_a_study_that_was_only_tried_can_be_deleted(sona, tried):
    services.delete_study(study=sona.study, by=TESTER)
    assert not Respondent.with_tests.exists()


def test_the_commands_find_no_test(sona, tried, capsys):
    with pytest.raises(Exception, match="nobody_found"):
        call_command("erase_person", sona.study.slug, tried.completion_code)
