"""A person on a phone, without JavaScript, from the link to the completion code."""

import pytest
from factories import make_link
from playwright.sync_api import Page, expect

from surveys.models import Administration, MissingReason, RecruitingLink

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def begin(page: Page, link: RecruitingLink, query: str = "") -> Administration:
    page.goto(f"/s/{link.token}/{query}")
    with page.expect_navigation():
        page.get_by_role("button", name="I agree, begin").click()
    return Administration.objects.latest("pk")


def answer_page(page: Page, option: int = 2) -> None:
    for item in page.get_by_role("group").all():
        item.get_by_role("radio").nth(option).check()


def go_on(page: Page) -> None:
    # A click returns before its page has come, and a page on its way cannot be reloaded.
    with page.expect_navigation():
        page.get_by_role("button", name="Save and continue").click()


def sideways(page: Page, width: int = 390) -> bool:
    """Whether the page is wider than the screen; told from boxes, as no script runs."""
    boxes = [element.bounding_box() for element in page.locator("main, main *").all()]
    return any(box and box["x"] + box["width"] > width + 1 for box in boxes)


def test_the_whole_way_from_link_to_code(phone_without_script, link):
    page = phone_without_script
    administration = begin(page, link)
    expect(page.get_by_text("Page 1 of 8")).to_be_visible()
    pages = 0
    while "/about-you/" not in page.url:
        assert not sideways(page)
        answer_page(page)
        go_on(page)
        pages += 1
    assert pages == 6
    page.get_by_label("How old are you").fill("47")
    page.get_by_label("Female").check()
    go_on(page)
    expect(page.get_by_text("All your answers are stored")).to_be_visible()
    page.get_by_role("button", name="Submit my answers").click()
    administration.refresh_from_db()
    assert administration.status == "completed"
    expect(page.get_by_text(administration.completion_code)).to_be_visible()
    assert administration.answers.filter(value__isnull=False).count() == len(
        administration.realised_order
    )
    assert administration.respondent.demographics["age"] == 47
    page.goto(f"/r/{administration.token}/")
    expect(page.get_by_text(administration.completion_code)).to_be_visible()


def test_back_and_reload_neither_lose_nor_double(phone_without_script, link):
    page = phone_without_script
    administration = begin(page, link)
    answer_page(page, 2)
    go_on(page)
    page.reload()
    answer_page(page, 3)
    go_on(page)
    page.go_back()
    page.go_back()
    expect(page.get_by_text("Your answers on this page are stored")).to_be_visible()
    assert page.get_by_role("radio", checked=True).count() == page.get_by_role("group").count()
    answer_page(page, 4)
    go_on(page)
    assert Administration.objects.count() == 1
    first = administration.answers.get(position=1)
    assert (first.value, first.revision) == (5, 2)
    assert administration.answers.get(position=8).revision == 1


def test_going_back_to_the_consent_and_agreeing_again_leads_to_the_same_place(
    phone_without_script, link
):
    page = phone_without_script
    begin(page, link)
    first = page.url
    page.go_back()
    with page.expect_navigation():
        page.get_by_role("button", name="I agree, begin").click()
    assert page.url == first
    assert Administration.objects.count() == 1


def test_open_questions_are_shown_and_may_be_declined(phone_without_script, link):
    page = phone_without_script
    administration = begin(page, link)
    page.get_by_role("group").first.get_by_role("radio").first.check()
    go_on(page)
    summary = page.get_by_role("alert")
    expect(summary.get_by_role("heading")).to_have_text("4 questions are not answered yet")
    target = summary.get_by_role("link").first.get_attribute("href")
    expect(page.locator(target).get_by_text("Not answered yet")).to_be_visible()
    page.get_by_label("I prefer not to answer the 4 open questions").check()
    go_on(page)
    expect(page.get_by_text("Page 2 of 8")).to_be_visible()
    assert administration.answers.filter(missing_reason=MissingReason.SKIPPED).count() == 4


def test_every_target_can_be_hit_with_a_thumb(phone_without_script, link):
    page = phone_without_script
    begin(page, link)
    small = [
        element.inner_text()
        for element in page.locator("main label, main button").all()
        if element.bounding_box()["height"] < 44
    ]
    assert not small


def test_the_keyboard_alone_is_enough(phone_without_script, link):
    page = phone_without_script
    begin(page, link)
    for _ in range(page.get_by_role("group").count()):
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    expect(focused).to_have_text("Save and continue")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Page 2 of 8")).to_be_visible()


def test_withdrawing_from_the_middle_deletes_what_was_said(phone_without_script, link):
    page = phone_without_script
    administration = begin(page, link)
    answer_page(page)
    go_on(page)
    page.get_by_role("link", name="Withdraw and delete my answers").click()
    page.get_by_role("button", name="Yes, withdraw and delete").click()
    expect(page.get_by_role("heading", name="You have withdrawn")).to_be_visible()
    assert not administration.answers.exists()


def test_a_rehearsal_is_labelled_on_every_page(phone_without_script, open_study):
    page = phone_without_script
    link = make_link(open_study, simulated=True)
    page.goto(f"/s/{link.token}/")
    label = page.get_by_text("stored and shown as simulated")
    expect(label).to_be_visible()
    begin(page, link)
    expect(label).to_be_visible()


def test_the_matrix_becomes_a_list_where_it_does_not_fit(browser, site, link):
    rows = {}
    for width in (390, 1280):
        context = browser.new_context(
            base_url=site, viewport={"width": width, "height": 844}, java_script_enabled=False
        )
        page = context.new_page()
        begin(page, link)
        radios = page.get_by_role("group").first.get_by_role("radio").all()
        rows[width] = len({round(radio.bounding_box()["y"]) for radio in radios})
        assert page.locator(".scale").first.is_visible() == (width == 1280)
        context.close()
    assert rows == {390: 7, 1280: 1}
