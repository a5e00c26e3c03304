"""People's pages in each language: axe, both directions, keyboard, no JavaScript, print."""

import pytest
from accessibility import check
from conftest import open_context
from factories import make_link, make_person, personal
from playwright.sync_api import Page, expect
from worldwide_study import SPOKEN, open_worldwide_study

from surveys import services
from surveys.models import Administration
from surveys.recruiters import Outcome

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LARGEST_FIRST_PAGE = 60_000


def left_of(page: Page, selector: str) -> list[float]:
    return page.locator(selector).evaluate_all("all => all.map(a => a.getBoundingClientRect().x)")


def test_the_main_pages_of_every_language(page, owner):
    """What people see first, a page of every kind with mistakes, the end, what is stored."""
    link = make_link(open_worldwide_study(owner))
    for language in SPOKEN:
        page.goto(f"/s/{link.token}/?language={language}")
        sheet = page.locator("link[rel=stylesheet]").get_attribute("href")
        sent = [len(page.request.get(one).body()) for one in (page.url, sheet)]
        assert sum(sent) <= LARGEST_FIRST_PAGE, language
        assert page.locator("html").get_attribute("lang") == language
        check(page)
        person = make_person(link, language=language)
        page.goto(personal("page", person, number=1))
        page.locator(".actions button.primary").click()
        expect(page.locator(".error-summary")).to_be_visible()
        check(page)
        services.end_early(administration=person, outcome=Outcome.SCREENED_OUT)
        for name in ("end", "stored"):
            page.goto(personal(name, person))
            check(page)


def test_a_page_from_right_to_left_is_the_mirror_of_one_from_left_to_right(page, owner):
    link = make_link(open_worldwide_study(owner))
    arabic, german = (make_person(link, language=one) for one in ("ar", "de"))
    width = page.viewport_size["width"]
    places = {}
    for name, person in (("ar", arabic), ("de", german)):
        page.goto(personal("page", person, number=1))
        boxes = page.locator(".matrix .item").first.locator("input")
        found = [one.bounding_box() for one in boxes.all()]
        places[name] = [(one["x"], one["x"] + one["width"]) for one in found]
        assert [one.get_attribute("value") for one in boxes.all()] == [
            str(number) for number in range(1, len(found) + 1)
        ]
    mirrored = [(width - right, width - left) for left, right in places["ar"]]
    for (left, right), (other_left, other_right) in zip(mirrored, places["de"], strict=True):
        assert abs(left - other_left) < 20
        assert abs(right - other_right) < 20
    page.goto(personal("page", arabic, number=1))
    # The least stands on the right of a line, and the arrow that points there lessens.
    least, most = left_of(page, ".ends span")
    assert least > most
    line, field = page.locator("input.line"), page.locator("input[name='day.feeling']")
    line.press("ArrowRight")
    right = float(field.input_value())
    line.press("ArrowLeft")
    assert float(field.input_value()) > right
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_browser_that_translates_is_met_with_a_note(page, owner):
    person = make_person(make_link(open_worldwide_study(owner)), language="fr")
    page.goto(personal("page", person, number=1))
    note = page.locator(".translated-note")
    expect(note).to_be_hidden()
    page.evaluate("document.documentElement.classList.add('translated-ltr')")
    expect(note).to_be_visible()
    check(page)


def test_the_whole_way_in_arabic_by_keyboard_and_without_javascript(browser, site, owner):
    link = make_link(open_worldwide_study(owner))
    context = open_context(browser, site, 320, script=False)
    page = context.new_page()
    page.goto(f"/s/{link.token}/?language=ar")

    def press_on(selector: str, *keys: str) -> None:
        """Tab until the control has the focus, as somebody does without a mouse."""
        wanted = page.locator(selector)
        for _step in range(400):
            if page.locator(f"{selector}:focus").count():
                break
            page.keyboard.press("Tab")
        expect(wanted).to_be_focused()
        for key in keys:
            page.keyboard.press(key)

    def send(selector: str) -> None:
        with page.expect_navigation():
            press_on(selector, "Enter")

    send("button[value=agree]")
    person = Administration.objects.latest("pk")
    assert person.language == "ar"
    send(".actions button.primary")
    expect(page.locator(".error-summary")).to_be_visible()
    press_on("#prefers_not", "Space")
    send(".actions button.primary")
    # One question has to be answered all the same.
    press_on(".item.missing input[name='day.sleep']")
    page.keyboard.type("7")
    send(".actions button.primary")
    press_on("input[name=age]")
    page.keyboard.type("44")
    send(".actions button.primary")
    send(".actions button.primary")
    person.refresh_from_db()
    assert person.status == "completed"
    expect(page.locator(".code-value")).to_have_text(person.completion_code)
    assert page.locator("html").get_attribute("dir") == "rtl"
    context.close()


def test_consent_and_receipt_are_printed_without_what_is_for_the_screen(page, owner):
    link = make_link(open_worldwide_study(owner))
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"/s/{link.token}/?language=de")
    expect(page.locator("h1")).to_be_visible()
    for gone in (".languages", ".actions"):
        expect(page.locator(gone)).to_be_hidden()
    person = make_person(link, language="ar")
    services.end_early(administration=person, outcome=Outcome.TIMED_OUT)
    page.goto(personal("stored", person))
    expect(page.locator(".receipt")).to_be_visible()
    expect(page.locator(".actions")).to_be_hidden()
    ink = page.locator(".receipt dd").first.evaluate("one => getComputedStyle(one).color")
    assert ink == "rgb(28, 38, 48)"
    page.emulate_media(media="screen", color_scheme="light")
