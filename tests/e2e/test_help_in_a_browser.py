"""The help and the search in a browser: accessible, by keyboard, under the product's policy."""

import pytest
from accessibility import check
from django.conf import settings as project
from factories import PASSWORD
from playwright.sync_api import Page, expect
from screenshots import NO_PICTURE, office_views, views_missed

from config.help.building import build, is_current


@pytest.fixture(scope="module")
def built():
    if not is_current():
        build()
    return project.HELP_DIR


def test_each_view_without_a_picture_is_there_and_a_new_one_is_missed():
    names = {called for name in office_views() for called in (name, name.split(":")[-1])}
    assert set(NO_PICTURE) <= names
    missed = views_missed(["/", "/jobs/", "/instruments/"])
    assert "surveys:study" in missed
    assert "surveys:study_list" not in missed
    assert "surveys:switch_link" not in missed


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_help_and_search_pass_axe_on_a_phone_and_a_desktop(page: Page, open_study, built):
    page.goto("/help/")
    check(page)
    page.goto("/login/")
    page.get_by_label("User name").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    for path in ("/help/first-study/", "/help/troubleshooting/", "/search/?q=privacy"):
        page.goto(path)
        check(page)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_slash_searches_and_the_policy_holds(browser, site, open_study, built):
    context = browser.new_context(base_url=site, locale="en")
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.goto("/login/")
    page.get_by_label("User name").fill("owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/")
    page.wait_for_load_state()
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("privacy")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Found for “privacy”")).to_be_visible()
    page.goto("/help/first-study/")
    expect(page.get_by_role("img", name="The editor of an instrument")).to_be_visible()
    page.get_by_label("Search in the help").fill("completion code")
    expect(page.locator("#found mark").first).to_be_visible()
    assert refused == []
    context.close()
