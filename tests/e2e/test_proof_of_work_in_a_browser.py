"""A real browser does the short calculation in a worker, under the policy of the pages."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.urls import reverse
from factories import TESTER, asked_by_somebody, make_draft, make_link
from playwright.sync_api import Browser, Page

from surveys import services
from surveys.instrument_files import bundled_study
from surveys.models import Submission
from surveys.paradata.visits import stored_visit

# The address of somebody's own questionnaire.
BEGUN = "**/r/**"
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(owner):
    definition = asked_by_somebody(bundled_study("privacy-prosocial"))
    settings = {**definition.settings, "paradata": ["proof_of_work"]}
    draft = make_draft(owner, replace(definition, slug="working", settings=settings))
    link = make_link(services.open_study(study=draft, by=TESTER))
    return reverse("surveys:information", args=[link.token])


@pytest.fixture
def guarded(browser: Browser, site: str) -> Iterator[Page]:
    """A page that keeps to the content security policy, on a telephone."""
    context = browser.new_context(base_url=site, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def kept():
    row = Submission.objects.get(page=0)
    return stored_visit(row.page, row.elapsed_ms, row.answers, row.paradata)


def test_it_is_done_while_somebody_reads_and_the_page_does_not_freeze(guarded, address):
    said: list[str] = []
    guarded.on("console", lambda message: said.append(message.text))
    guarded.goto(address)
    longest = guarded.evaluate(
        """() => new Promise((resolve) => {
            const field = document.querySelector("input[data-worker]");
            let last = performance.now();
            let longest = 0;
            const look = () => {
                longest = Math.max(longest, performance.now() - last);
                last = performance.now();
                if (field.value) resolve(longest);
                else setTimeout(look, 5);
            };
            look();
        })"""
    )
    guarded.get_by_role("button", name="I agree, begin").click()
    guarded.wait_for_url(BEGUN)
    visit = kept()
    assert visit.work == "done"
    assert 0 < visit.work_ms <= visit.elapsed_ms
    assert longest < max(visit.work_ms, 250)
    assert not [one for one in said if "Content Security Policy" in one]


def test_who_agrees_at_once_is_told_to_wait_a_moment_and_goes_on(guarded, address):
    # A worker that begins only when it is told to.
    guarded.add_init_script(
        """const Real = Worker;
        window.Worker = class extends Real {
            postMessage(asked) { window.beginWork = () => super.postMessage(asked); }
        };"""
    )
    guarded.goto(address)
    guarded.get_by_role("button", name="I agree, begin").click()
    guarded.get_by_text("One moment, please").wait_for()
    guarded.evaluate("window.beginWork()")
    guarded.wait_for_url(BEGUN)
    assert kept().work == "done"


def test_declining_waits_for_nothing(guarded, address):
    guarded.add_init_script("window.Worker = class { postMessage() {} };")
    guarded.goto(address)
    guarded.get_by_role("button", name="I do not take part").click()
    guarded.wait_for_url(BEGUN)
    assert not Submission.objects.exists()


@pytest.mark.parametrize("broken", ["throws", "fails"])
def test_a_browser_that_cannot_do_it_sends_the_form_all_the_same(guarded, address, broken):
    guarded.add_init_script(
        "window.Worker = class { constructor() { throw new Error('no'); } };"
        if broken == "throws"
        else "window.Worker = class { postMessage() { setTimeout(() => this.onerror(), 300); } };"
    )
    guarded.goto(address)
    guarded.get_by_role("button", name="I agree, begin").click()
    guarded.wait_for_url(BEGUN)
    assert kept().work == "absent"


def test_without_javascript_people_take_part_all_the_same(phone_without_script, address):
    phone_without_script.goto(address)
    phone_without_script.get_by_role("button", name="I agree, begin").click()
    phone_without_script.wait_for_url(BEGUN)
    assert kept().work == "absent"
