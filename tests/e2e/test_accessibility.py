"""axe finds no violation of WCAG 2.2 AA on any page, on phone and desktop, light and dark."""

from dataclasses import replace

import pytest
from accessibility import NARROWEST, check, check_light
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from every_kind import open_day_study
from factories import PASSWORD, TESTER, answer_everything, make_link, make_person, personal
from playwright.sync_api import Page
from walkthrough import log_in
from workers import wait_for

from surveys import services
from surveys.instrument_files import bundled_study
from surveys.instrument_files.authoring.presets import Preset
from surveys.jobs.queue import start_job
from surveys.recruiters.link_lists import ListDraft, numbered
from surveys.recruiters.mails import Address, MailDraft
from surveys.services.audit import Actor
from surveys.services.authoring.instrument_drafts import (
    BLANK,
    add_scale,
    make_instrument_draft,
    paste_items,
)
from surveys.services.inviting.contacts import set_addresses
from surveys.services.inviting.mailing import send_mailing
from surveys.services.jobs import cancel_job
from surveys.services.people.link_lists import make_link_list

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def office(page: Page, open_study) -> Page:
    page.goto("/login/")
    page.get_by_label("User name").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    return page


@pytest.mark.parametrize("language", ["en", "de"])
def test_information_and_decline(page, link, language):
    page.goto(f"/s/{link.token}/?language={language}")
    check(page)
    page.locator("button[value=decline]").click()
    check(page)


def test_pages_of_questions(page, person):
    for number in range(1, 7):
        page.goto(personal("page", person, number=number))
        check(page)
        for item in page.get_by_role("group").all():
            item.get_by_role("radio").first.check()
        page.get_by_role("button", name="Save and continue").click()


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_page_of_every_kind_of_question(page, owner, language):
    someone = make_person(make_link(open_day_study(owner)), language)
    page.goto(personal("page", someone, number=1))
    check(page)
    size = page.viewport_size
    page.set_viewport_size({"width": NARROWEST, "height": 844})
    check_light(page)
    page.set_viewport_size(size)
    line = page.locator("input.line")
    assert page.locator("input[name='day.feeling']").input_value() == ""
    line.press("ArrowRight")
    assert page.locator("input[name='day.feeling']").input_value() == "51"
    page.locator("button.primary").click()
    check(page)


def test_a_page_with_open_questions_and_with_skipped_ones(page, person):
    page.goto(personal("page", person, number=1))
    page.get_by_role("button", name="Save and continue").click()
    check(page)
    page.get_by_label("I prefer not to answer").check()
    page.get_by_role("button", name="Save and continue").click()
    page.goto(personal("page", person, number=1))
    check(page)


def test_demographics_review_end_and_withdrawal(page, person):
    answer_everything(person)
    page.goto(personal("demographics", person))
    check(page)
    page.get_by_label("How old are you").fill("7")
    page.get_by_role("button", name="Save and continue").click()
    check(page)
    for name in ("review", "withdraw"):
        page.goto(personal(name, person))
        check(page)
    services.complete_administration(administration=person)
    page.goto(personal("end", person))
    check(page)
    services.withdraw(administration=person, by=TESTER)
    page.goto(personal("end", person))
    check(page)


@pytest.mark.parametrize("language", ["en", "de"])
def test_coming_back_with_an_id_alone(page, open_study, language):
    link = make_link(open_study, recruiter="prolific")
    person = make_person(link, recruiter_id="5f2c8a9b3d4e5f6a7b8c9d0e", language=language)
    page.goto(f"/s/{link.token}/?PROLIFIC_PID=5f2c8a9b3d4e5f6a7b8c9d0e&language={language}")
    check(page)
    page.locator("#code").fill("AAAA-AAAA")
    page.locator("button.primary").click()
    check(page)
    page.locator("button[value=on]").click()
    check(page)
    page.locator("button.primary").click()
    check(page)
    answer_everything(person)
    page.reload()
    check(page)
    services.record_demographics(administration=person, values={"age": 40})
    page.goto(page.url)
    check(page)
    page.locator("button.primary").click()
    check(page)


def test_addresses_that_are_not_complete(page, open_study):
    link = make_link(open_study, recruiter="prolific")
    for query in ("", "?PROLIFIC_PID={{%PROLIFIC_PID%}}"):
        page.goto(f"/s/{link.token}/{query}")
        check(page)


def test_pages_with_a_resume_code_and_those_opened_from_the_last_look(page, open_study):
    person = make_person(make_link(open_study, recruiter="sona"), recruiter_id="10457")
    page.goto(personal("page", person, number=1))
    check(page)
    answer_everything(person)
    page.goto(personal("page", person, number=1) + "?return=review")
    check(page)


def test_a_rehearsal(page, open_study):
    person = make_person(make_link(open_study, simulated=True))
    page.goto(personal("page", person, number=1))
    check(page)


def test_messages(page, link):
    page.goto("/s/nothing/")
    check(page)
    services.close_study(study=link.study, by=TESTER)
    page.goto(f"/s/{link.token}/")
    check(page)


def test_logging_in(page, owner):
    page.goto("/")
    check(page)
    page.get_by_label("User name").fill("owner")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    check(page)


def test_the_office(office, open_study):
    link = make_link(open_study)
    answer_everything(make_person(link))
    make_person(make_link(open_study, simulated=True))
    services.set_link_active(link=link, active=False, by=TESTER)
    services.record_alert(link=link, fault="unfilled", parameter="PROLIFIC_PID", found="{{%X%}}")
    office.goto("/")
    check(office)
    office.get_by_text("owner", exact=True).click()
    check(office)
    office.goto(f"/studies/{open_study.slug}/")
    check(office)
    office.goto(f"/studies/{open_study.slug}/recruit/")
    office.get_by_text("QR code").first.click()
    office.wait_for_load_state("networkidle")
    check(office)


def test_the_jobs(office, open_study, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    start_job("report", study=open_study)
    cancel_job(job=start_job("fit", study=open_study), by=TESTER)
    office.goto("/jobs/")
    check(office)


def test_what_was_done_is_said_and_what_cannot_be_undone_asks(office, open_study):
    office.goto(f"/studies/{open_study.slug}/close/")
    check(office)
    office.get_by_role("button", name="Close for good").click()
    check(office)


def test_keys_go_to_tabs_and_show_their_list(office, open_study):
    office.goto(f"/studies/{open_study.slug}/")
    office.keyboard.press("g")
    office.keyboard.press("4")
    office.wait_for_url("**/recruit/")
    office.keyboard.press("?")
    office.get_by_role("heading", name="Keyboard").wait_for()
    check(office)
    office.keyboard.press("?")
    office.get_by_role("heading", name="Keyboard").wait_for(state="hidden")
    office.goto(f"/studies/{open_study.slug}/links/new/")
    office.get_by_label("Name").fill("g4")
    assert office.get_by_label("Name").input_value() == "g4"
    assert office.url.endswith("/links/new/")


def test_the_pages_of_a_study(office, open_study):
    for address in (
        *("design/", "plan/", "recruit/", "models/", "quality/", "compare/", "data/", "team/"),
        *("quotas/", "waves/", "links/list/", "links/new/", "members/new/", "log/", "facts/"),
        *("power/", "nothing/"),
        "preview/?page=1&language=de",
    ):
        office.goto(f"/studies/{open_study.slug}/{address}")
        check(office)


def test_a_plan_that_is_written_with_script(office, open_study):
    office.goto(f"/studies/{open_study.slug}/plan/new/")
    check(office)
    office.get_by_role("button", name="Begin the plan").click()
    office.locator("#paths-0-predictor").select_option("PRI")
    office.locator("#paths-0-outcome").select_option("PRI")
    with office.expect_response(lambda sent: sent.request.method == "POST"):
        office.locator("#paths-0-sign").select_option("+")
    office.get_by_text("leads from 'PRI' to itself").first.wait_for()
    office.reload()
    assert office.locator("#paths-0-sign").input_value() == "+"
    check(office)
    office.locator("#paths-0-outcome").select_option("SHA")
    office.locator("#paths-0-source").select_option("T")
    office.get_by_role("button", name="Add a path").click()
    check(office)
    office.get_by_role("link", name="Freeze the plan").click()
    check(office)
    office.get_by_role("button", name="Freeze for good").click()
    check(office)


def test_tokens_of_programs(office):
    office.goto("/account/tokens/")
    check(office)
    office.get_by_role("button", name="Make the token").click()
    check(office)
    office.get_by_label("Name").fill("Notebook")
    office.get_by_label("read studies").check()
    office.get_by_role("button", name="Make the token").click()
    office.get_by_role("heading", name="Your new token").wait_for()
    check(office)


def test_the_pages_of_an_account(office):
    for address in ("", "password/", "two-factor/"):
        office.goto(f"/account/{address}")
        check(office)
    office.get_by_label("Code", exact=True).fill("000000")
    office.get_by_role("button", name="Ask for it from now on").click()
    check(office)
    # A wrong code makes the next one wait for a second.
    wait_for(lambda: TOTPDevice.objects.get().verify_is_allowed()[0])
    secret = TOTPDevice.objects.get().bin_key
    office.get_by_label("Code", exact=True).fill(f"{totp(secret):06d}")
    office.get_by_role("button", name="Ask for it from now on").click()
    recovery = office.locator(".codes code").first.inner_text()
    check(office)
    office.context.clear_cookies()
    log_in(office, "owner", PASSWORD)
    check(office)
    office.locator("main input[name=code]").fill(recovery)
    office.locator("main button.primary").click()
    office.get_by_role("heading", name="Studies", exact=True).wait_for()
    office.goto("/account/two-factor/")
    office.get_by_text("9 recovery codes are left").wait_for()
    check(office)
    office.context.clear_cookies()
    for address in ("/new-password/", "/new-password/MQ/nothing/"):
        office.goto(address)
        check(office)


def test_the_team_and_an_invitation_to_it(office, open_study):
    office.goto(f"/studies/{open_study.slug}/team/")
    office.get_by_role("button", name="Invite").click()
    link = office.get_by_role("textbox", name="Address of the invitation").input_value()
    check(office)
    office.context.clear_cookies()
    for address in (link, "/invitation/nothing/"):
        office.goto(address)
        check(office)


def test_a_form_with_mistakes(office, open_study):
    office.goto(f"/studies/{open_study.slug}/links/new/")
    office.get_by_role("button", name="Create link").click()
    check(office)


def test_the_pages_of_a_draft(office, owner):
    # The bundled consent has a place to be filled in, and this one lacks a translation besides.
    definition = bundled_study("privacy-prosocial")
    unfinished = replace(definition, slug="unfinished", title={"en": "Unfinished"})
    services.create_study(definition=unfinished, owner=owner, by=TESTER)
    for address in ("", "design/", "edit/", "open/", "copy/", "delete/"):
        office.goto(f"/studies/unfinished/{address}")
        check(office)


def test_a_new_study_with_mistakes_and_an_archive(office, owner, open_study):
    office.goto("/new-study/")
    check(office)
    office.get_by_label("The study (TOML)").fill('slug = "Tea"')
    office.get_by_role("button", name="Make the draft").click()
    check(office)
    office.goto(f"/studies/{open_study.slug}/new-version/")
    check(office)
    closed = services.close_study(study=open_study, by=TESTER)
    services.archive_study(study=closed, by=TESTER)
    for address in ("/", "/?archived=1", f"/studies/{open_study.slug}/design/"):
        office.goto(address)
        check(office)


def test_the_instruments(office, open_study, owner):
    by = Actor(TESTER.door, owner)
    draft = make_instrument_draft(tables={**BLANK, "slug": "tea"}, owner=owner, by=by)
    text = "text\tde\tfacet\tR\nTea is good.\tTee ist gut.\ttaste\t\nTea is bad.\t\ttaste\tR\n"
    draft = paste_items(draft=draft, text=text, scale="agreement-5", by=by)
    for preset in (Preset.SLIDER, Preset.SEVERAL):
        draft = add_scale(draft=draft, preset=preset, by=by)
    editor = f"/instruments/drafts/{draft.pk}/"
    for address in (
        *("/instruments/", "/instruments/?q=nothing", "/instruments/new/", "/instruments/shelf/"),
        "/instruments/import/",
        *(editor, f"{editor}delete/", "/instrument/prosocialness/"),
        *("/instrument/prosocialness/1.0/copy/", "/instrument/prosocialness/?against=1.0"),
    ):
        office.goto(address)
        check(office)
    office.goto(editor)
    office.locator("#paste").fill("text\tcolour\na\tb")
    office.get_by_text("the heading 'colour' is not known").wait_for()
    office.get_by_role("button", name="Take over").click()
    office.get_by_text("Nothing is taken over yet").wait_for()
    check(office)


def test_a_list_of_links_and_a_mail_to_its_people(office, open_study):
    draft = ListDraft("May", numbered(2), kind="personal")
    people = make_link_list(study=open_study, draft=draft, by=TESTER)
    set_addresses(link_list=people, addresses=[Address("P001", "a@example.org")], by=TESTER)
    words = dict.fromkeys(open_study.languages, "{link} {unsubscribe}")
    mail = MailDraft(dict.fromkeys(open_study.languages, "Invitation"), words)
    mailing = send_mailing(link_list=people, draft=mail, by=TESTER)
    for address in ("", "addresses/", "bounced/", "mail/"):
        office.goto(f"/studies/{open_study.slug}/link-lists/{people.pk}/{address}")
        check(office)
    office.goto(f"/studies/{open_study.slug}/mails/{mailing.pk}/")
    check(office)
    office.goto(f"/u/{people.links.first().contact.token}/")
    check(office)


def test_the_page_of_a_draft_before_and_after_a_file(office, tmp_path):
    rows = "".join(f"{n},{n % 5 + 1},{n % 4 + 1},a{n}@example.org\n" for n in range(20))
    path = tmp_path / "people.csv"
    path.write_text(f"id,trust_1,trust_2,email\n{rows}")
    office.goto("/import/draft/")
    check(office)
    office.get_by_label("Data").set_input_files(path)
    office.get_by_role("button", name="Read and show").click()
    office.get_by_role("heading", name="What each column would become").wait_for()
    check(office)
