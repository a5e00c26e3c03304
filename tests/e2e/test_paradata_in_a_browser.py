"""What a real browser reports of a page, under the policy of the pages, and what it shows of it."""

from collections.abc import Iterator

import pytest
from accessibility import check
from every_kind import open_day_study
from factories import make_link, make_person, personal
from playwright.sync_api import Browser, Page

from surveys.models import Submission
from surveys.paradata.collected import RECORDED
from surveys.paradata.visits import stored_visit
from surveys.selectors import presentation_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def person(owner):
    return make_person(make_link(open_day_study(owner, paradata=list(RECORDED))))


@pytest.fixture
def guarded(browser: Browser, site: str) -> Iterator[Page]:
    """A page that keeps to the content security policy, on a telephone."""
    context = browser.new_context(
        base_url=site, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()


def sent(person):
    row = Submission.objects.get(administration=person)
    return stored_visit(row.page, row.elapsed_ms, row.answers, row.paradata)


def test_a_script_reports_times_changes_leaving_pasting_and_the_device(guarded, person):
    said: list[str] = []
    guarded.on("console", lambda message: said.append(message.text))
    guarded.goto(personal("page", person, number=1))
    questions = presentation_of(person).pages[0].questions
    choice = next(one for one in questions if not one.open)
    text = next(one for one in questions if one.open and one.open.control == "area")
    options = guarded.locator(f"#q{choice.position} input[type=radio]")
    for number in (0, 1, 0):
        options.nth(number).check()
    field = guarded.locator(f"#q{text.position} textarea")
    field.fill("typed ")
    field.evaluate(
        "(field) => { const data = new DataTransfer(); data.setData('text', 'from elsewhere');"
        "field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true})); }"
    )
    guarded.evaluate("document.hasFocus = () => false; window.dispatchEvent(new Event('blur'))")
    guarded.wait_for_timeout(60)
    guarded.evaluate("document.hasFocus = () => true; window.dispatchEvent(new Event('focus'))")
    guarded.locator("button.primary").click()
    guarded.wait_for_load_state()
    visit = sent(person)
    assert visit.reported
    assert (visit.device, visit.left, visit.traps) == ("phone", 1, ())
    assert 50 <= visit.away_ms <= visit.elapsed_ms
    chosen, written = visit.touched[choice.ref], visit.touched[text.ref]
    assert chosen.changes == 2
    assert 0 <= chosen.first_ms <= chosen.last_ms <= written.first_ms
    assert written.pasted == len("from elsewhere")
    assert not visit.clipped
    assert not [one for one in said if "Content Security Policy" in one]


def test_hidden_fields_are_found_by_no_key_and_no_reader(page, person):
    page.goto(personal("page", person, number=1))
    check(page)
    names = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        names.add(page.evaluate("document.activeElement.getAttribute('name') || ''"))
    assert "prefers_not" in names or len(names) > 5
    assert not {"further_remarks", "reading_note"} & names
    assert "empty" not in page.locator("main").aria_snapshot()


def test_without_script_all_goes_on_and_only_hidden_fields_are_recorded(
    phone_without_script, person
):
    page = phone_without_script
    page.goto(personal("page", person, number=1))
    choice = next(one for one in presentation_of(person).pages[0].questions if not one.open)
    page.locator(f"#q{choice.position} input").first.check()
    page.locator("button.primary").click()
    visit = sent(person)
    assert (visit.reported, visit.device, visit.left, visit.traps) == (False, "", None, ())
    assert visit.elapsed_ms > 0
