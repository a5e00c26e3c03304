"""Every kind of question answered with the keyboard alone, with script and without it."""

import pytest
from conftest import WIDTHS, open_context
from every_kind import OPINION, open_day_study
from factories import make_link, make_person, personal
from playwright.sync_api import Page

from surveys.selectors import stored_values

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# What is typed where the focus is: by the name of the field, and for boxes their value.
TYPED = {
    "day.sleep": "7.5",
    "day.best.1": "2",
    "day.best.2": "3",
    "day.best.3": "1",
    "day.said": "A walk, with a friend.",
    "day.holiday": "03292026",
}
TICKED = {("day.drank", "1"), ("day.drank", "3")}
MOST_STOPS = 60


def answer_where_the_focus_is(page: Page, done: set[tuple[str, str]]) -> bool:
    """Do what somebody would at this stop of Tab; whether it was the button that sends all."""
    focused = page.locator(":focus")
    if not focused.count():
        return False
    kind, value = focused.get_attribute("type") or "", focused.get_attribute("value") or ""
    name = focused.get_attribute("name") or ""
    if "primary" in (focused.get_attribute("class") or "") and not name:
        page.keyboard.press("Enter")
        return True
    # A date has a stop for each of its parts.
    here = (name or kind, value if kind == "checkbox" else "")
    if here in done:
        return False
    done.add(here)
    if name == "day.like_anna":
        page.keyboard.press("Space")
        for _ in range(7):
            page.keyboard.press("ArrowRight")
    elif kind == "range":
        # The line begins in its middle.
        for _ in range(14):
            page.keyboard.press("ArrowRight")
    elif name == "day.feeling" and not focused.input_value():
        page.keyboard.type("64")
    elif (name, value) in TICKED:
        page.keyboard.press("Space")
    elif name in TYPED:
        page.keyboard.type(TYPED[name])
    return False


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_every_kind_is_answered_by_keyboard(browser, site, owner, script):
    someone = make_person(make_link(open_day_study(owner)))
    context = open_context(browser, site, WIDTHS["phone"], script=script)
    page = context.new_page()
    page.goto(personal("page", someone, number=1))
    done: set[tuple[str, str]] = set()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if answer_where_the_focus_is(page, done):
            break
    page.get_by_text("All your answers are stored").wait_for()
    assert stored_values(someone) == OPINION
    context.close()
