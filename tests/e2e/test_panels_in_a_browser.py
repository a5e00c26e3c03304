"""Recruiting, watching and reading a panel: for everybody, on a phone, and without JavaScript."""

from threading import Thread

import pytest
from accessibility import check
from django.db import connection
from factories import PASSWORD, TESTER
from playwright.sync_api import Page, expect
from price_lists import list_prices

from llm_respondents.design.spec import PanelSpec
from llm_respondents.models import Attempt, Panel
from llm_respondents.services import cap_spend, recruit_panel, run_panel

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def listed(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    list_prices(tmp_path, "http://127.0.0.1:9/v1", name="campus", prompt=0.25, completion=2)


def conduct(panel: Panel) -> None:
    run_panel(panel_id=panel.pk, by=TESTER)
    connection.close()


def log_in(page: Page) -> Page:
    page.goto("/login/")
    page.get_by_label("User name").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    return page


@pytest.fixture
def office(page: Page, open_study, listed) -> Page:
    return log_in(page)


@pytest.fixture
def rehearsed(open_study) -> Panel:
    spec = PanelSpec(
        model="scripted:people-like", provider="scripted", profile="people-like", sessions=2
    )
    panel = recruit_panel(study=open_study, spec=spec, by=TESTER)
    # The browser's driver has an event loop in this thread; a worker needs one of its own.
    worker = Thread(target=conduct, args=[panel])
    worker.start()
    worker.join()
    Attempt.objects.filter(turn=1).update(flags=["history_lost"])
    return panel


def test_the_page_that_recruits_and_its_mistakes(office, open_study):
    office.goto(f"/studies/{open_study.slug}/panels/new/")
    for summary in office.locator("main summary").all():
        summary.click()
    check(office)
    office.get_by_label("Turns that are sent again").select_option("window")
    office.get_by_label("Model", exact=True).fill("small")
    office.get_by_role("button", name="Recruit the panel").click()
    expect(office.get_by_label("How many turns")).to_be_visible()
    check(office)


def test_a_design_of_several_conditions_is_shown_and_recruited(office, open_study):
    office.goto(f"/studies/{open_study.slug}/panels/new/")
    office.get_by_label("Model", exact=True).fill("small")
    office.get_by_text("More conditions", exact=True).click()
    office.get_by_label("as the number of an option").check()
    office.get_by_label("none: each turn stands alone").check()
    office.get_by_role("button", name="Recruit the panel").click()
    expect(office.get_by_role("heading", name="What will be recruited")).to_be_visible()
    check(office)
    office.get_by_role("button", name="Recruit 20 sessions").click()
    expect(office.get_by_text("nothing has been asked yet")).to_be_visible()
    office.get_by_text("Run as a batch").first.click()
    expect(office.get_by_text("40 waves lie ahead")).to_be_visible()
    for summary in office.get_by_text("What is the same in all conditions").all():
        summary.click()
    check(office)


def test_a_specification_is_pasted_mended_shown_and_recruited(office, open_study):
    office.goto(f"/studies/{open_study.slug}/panels/new/file/")
    text = office.get_by_label("Or its text")
    text.fill('endpoint = "campus"\nmodel = "small"\nsessions = "many"')
    show = office.get_by_role("button", name="Show what would be recruited")
    show.click()
    expect(office.get_by_text("not_a_whole_number")).to_be_visible()
    check(office)
    text.fill('endpoint = "campus"\nmodel = "small"\nsessions = 4')
    show.click()
    expect(office.get_by_role("heading", name="What will be recruited")).to_be_visible()
    check(office)
    office.get_by_role("button", name="Recruit 4 sessions").click()
    expect(office.get_by_text("nothing has been asked yet")).to_be_visible()


def test_a_panel_before_it_runs_and_the_cap_of_all(office, open_study):
    spec = PanelSpec(model="small", base_url="http://127.0.0.1:9/v1", sessions=8)
    panel = recruit_panel(study=open_study, spec=spec, by=TESTER)
    cap_spend(panel=panel, cap=1, by=TESTER)
    office.goto(f"/panels/{panel.pk}/")
    expect(office.get_by_text("Never more than")).to_be_visible()
    check(office)
    office.goto(f"/panels/{panel.pk}/cancel/")
    check(office)
    office.goto(f"/studies/{open_study.slug}/models/")
    check(office)
    office.goto(f"/studies/{open_study.slug}/panels/cap/")
    check(office)


def test_a_panel_that_was_conducted_its_search_and_a_session(office, rehearsed):
    for address in ("", "calls/?q=question", "calls/?flag=history_lost", "sessions/1/"):
        office.goto(f"/panels/{rehearsed.pk}/{address}")
        check(office)


def test_replies_are_read_by_keys_and_by_buttons(office, rehearsed):
    office.goto(f"/panels/{rehearsed.pk}/reading/")
    check(office)
    office.get_by_label("Replies").fill("3")
    office.get_by_role("button", name="Draw a sample").click()
    expect(office.get_by_role("heading", name="What does the reply say?")).to_be_visible()
    check(office)
    office.keyboard.press("1")
    expect(office.get_by_text("Reply 2 of 3; 1 are read.")).to_be_visible()
    office.keyboard.press("c")
    office.get_by_role("button", name="It refuses to answer").click()
    expect(office.get_by_role("heading", name="How far parser and person agree")).to_be_visible()
    check(office)


def test_two_fields_and_no_script_recruit_a_panel(phone_without_script, open_study, listed):
    page = log_in(phone_without_script)
    page.goto(f"/studies/{open_study.slug}/panels/")
    page.get_by_role("link", name="New panel").click()
    page.get_by_label("Who replies").select_option("campus")
    page.get_by_label("Model", exact=True).fill("small")
    page.get_by_role("button", name="Recruit the panel").click()
    expect(page.get_by_text("nothing has been asked yet")).to_be_visible()
    expect(page.get_by_role("button", name="Pilot: run the first 5 sessions")).to_be_visible()
    assert Panel.objects.get().members.count() == 20
