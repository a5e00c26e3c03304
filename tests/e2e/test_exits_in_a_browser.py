"""Every recruiter and every outcome: a browser ends where the recruiter waits, with its code."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from factories import TESTER, answer_everything, make_link, make_person, personal
from playwright.sync_api import Browser, BrowserContext, expect
from stand_ins import STAND_INS, MechanicalTurk, PanelCompany, Prolific, StandIn

from surveys import services
from surveys.models import Administration, RecruitingLink
from surveys.recruiters import LinkTerms, Outcome, read_arrival
from surveys.selectors import consent_text
from surveys.services.audit import PARTICIPANT
from surveys.services.people.terms import set_terms

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visitor(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """A browser without script that keeps to the policy of the pages."""
    context = browser.new_context(base_url=site, java_script_enabled=False, locale="en")
    yield context
    context.close()


def link_of(study, recruiter: StandIn, **more) -> RecruitingLink:
    link = make_link(study, recruiter=recruiter.key)
    terms = LinkTerms(exits=recruiter.exits, **recruiter.options, **more)
    return set_terms(link=link, terms=terms, by=TESTER)


def ended(link: RecruitingLink, outcome: Outcome, recruiter: StandIn) -> Administration:
    """Somebody whom the recruiter sent, and whose part ended so."""
    arrival = read_arrival(link.sender, dict(parse_qsl(recruiter.query)))
    person = {
        "link": link,
        "consent_text": consent_text(link.study, "en"),
        "recruiter_id": arrival.recruiter_id,
        "parameters": arrival.parameters,
    }
    if outcome is Outcome.DECLINED:
        return services.decline(**person)
    begun = services.enrol_person(**person)
    if outcome is Outcome.WITHDREW:
        return services.withdraw(administration=begun, by=PARTICIPANT)
    if outcome in {Outcome.COMPLETE, Outcome.FAILED_CHECK}:
        # The first option of every question: no check is answered so by somebody who reads.
        answer_everything(begun, 1)
        return services.complete_administration(administration=begun)
    return services.end_early(administration=begun, outcome=outcome)


@pytest.mark.parametrize("kind", STAND_INS)
def test_whatever_the_outcome_the_button_leads_back_with_its_code(
    visitor, open_study, kind, monkeypatch
):
    monkeypatch.setenv("RECRUITER_SECRET_PANEL", "a key")
    recruiter = kind()
    recruiter.serve(visitor)
    page = visitor.new_page()
    for outcome in Outcome:
        # One study has a person once: each of these is another study's in effect.
        open_study.respondents.update(recruiter_id="")
        most = 1 if outcome is Outcome.FAILED_CHECK else None
        one = ended(link_of(open_study, recruiter, checks_to_fail=most), outcome, recruiter)
        assert one.outcome == outcome
        page.goto(f"/r/{one.token}/end/")
        if code := recruiter.exits[outcome].code:
            expect(page.locator(".code-value")).to_have_text(code)
        page.locator(".back-to button, .back-to a").click()
        page.wait_for_url(f"{recruiter.leads_to(outcome)}**")
        method, address, sent = recruiter.arrived[-1]
        if kind is Prolific:
            assert page.title() == f"Submission with {code}"
        if kind is MechanicalTurk:
            assert (method, sent) == ("POST", {"assignmentId": "3ABC", "code": f"M-{outcome}"})
        if kind is PanelCompany:
            before, signature = address.split("hash=")
            digest = hmac.digest(b"a key", before.encode(), hashlib.sha1)
            assert signature == base64.urlsafe_b64encode(digest).decode().rstrip("=")


@pytest.mark.parametrize("at_once", [False, True])
def test_whoever_says_no_hands_in_or_withdraws_on_the_pages_comes_back(
    visitor, open_study, at_once
):
    recruiter = Prolific()
    recruiter.serve(visitor)
    link = link_of(open_study, recruiter, returns_at_once=at_once)
    page = visitor.new_page()

    def comes_back(outcome: Outcome) -> None:
        if not at_once:
            page.get_by_role("link", name="Go back to Prolific").click()
        page.wait_for_url(recruiter.leads_to(outcome))

    page.goto(f"/s/{link.token}/?{recruiter.query}")
    page.get_by_role("button", name="I do not take part").click()
    comes_back(Outcome.DECLINED)
    page.goto(f"/s/{link.token}/?{recruiter.query}")
    page.get_by_role("button", name="I agree, begin").click()
    page.wait_for_url("**/1/")
    begun = Administration.objects.latest("pk")
    answer_everything(begun)
    begun.respondent.demographics = {"age": 40}
    begun.respondent.save()
    page.goto(f"/r/{begun.token}/review/")
    page.get_by_role("button", name="Submit my answers").click()
    comes_back(Outcome.COMPLETE)
    # The page with the code stays where it was, and leads nobody away.
    page.goto(f"/r/{begun.token}/")
    expect(page.locator(".code-value")).to_have_text(recruiter.exits[Outcome.COMPLETE].code)
    page.get_by_role("link", name="Withdraw and delete").click()
    page.get_by_role("button", name="Yes, withdraw").click()
    comes_back(Outcome.WITHDREW)


def test_mechanical_turk_shows_the_study_inside_its_page_and_gets_the_task_back(
    visitor, site, open_study
):
    recruiter = MechanicalTurk()
    link = link_of(open_study, recruiter)
    recruiter.framed = f"{site}/s/{link.token}/?{recruiter.query}"
    recruiter.serve(visitor)
    page = visitor.new_page()
    page.goto(f"{recruiter.origin}/projects/1/tasks/2")
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="I do not take part").click()
    frame.get_by_role("button", name="Go back to Amazon").click()
    expect(frame.get_by_role("heading", name="Task submitted")).to_be_visible()
    assert visitor.cookies() == []


def test_no_other_link_and_no_other_site_shows_the_study_in_a_frame(visitor, site, open_study):
    page = visitor.new_page()

    def framed(recruiter: StandIn, origin: str) -> list[str]:
        link = link_of(open_study, recruiter)
        frame = MechanicalTurk()
        frame.origin = origin
        frame.framed = f"{site}/s/{link.token}/?{recruiter.query}"
        frame.serve(visitor)
        page.goto(f"{origin}/task/{link.pk}")
        page.wait_for_timeout(200)
        return [one.url for one in page.frames if one.url.startswith(site)]

    turk = "https://workersandbox.mturk.com"
    assert framed(MechanicalTurk(), turk)
    assert not framed(MechanicalTurk(), "https://mturk.com.thief.example")
    for kind in STAND_INS:
        if kind is not MechanicalTurk:
            assert not framed(kind(), turk)


def test_back_on_a_shared_computer_shows_nobodys_pages(page, link):
    set_terms(link=link, terms=LinkTerms(shared_computer=True), by=TESTER)
    person = make_person(link)
    answer_everything(person)
    page.goto(personal("review", person))
    page.goto(personal("withdraw", person))
    page.goto(personal("review", person))
    page.locator("main form button.primary").click()
    page.get_by_role("button", name="Begin for the next person").click()
    assert page.get_by_role("heading", name="Information and consent").is_visible()
    for _ in range(3):
        page.go_back()
        assert page.get_by_role("heading", name="There is nothing at this address").is_visible()
