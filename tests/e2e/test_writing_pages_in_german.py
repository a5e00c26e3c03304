"""axe on the pages where studies and instruments are written, as a German reader has them."""

from dataclasses import replace

import pytest
from accessibility import NARROWEST, check
from every_kind import open_day_study
from factories import PASSWORD, TESTER
from playwright.sync_api import Page
from walkthrough import log_in

from surveys import services
from surveys.instrument_files.authoring.presets import Preset
from surveys.services.audit import Actor
from surveys.services.authoring.instrument_drafts import (
    BLANK,
    add_scale,
    make_instrument_draft,
    paste_items,
)
from surveys.services.definitions import study_definition

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUESTIONNAIRE = b"""{"title": "Gardens", "locale": "de", "elements": [
  {"type": "matrix", "name": "weed", "title": "Wie sehr?", "columns": ["1|Nein", "2|Ja"],
   "rows": ["a|Ich j\xc3\xa4te gern.", "b_r|Unkraut st\xc3\xb6rt mich."]},
  {"type": "file", "name": "plan", "title": "Ihr Plan", "visibleIf": "{weed.a} = 2"}
]}"""


@pytest.fixture
def office(page: Page, site: str, owner) -> Page:
    language = {"name": "django_language", "value": "de", "url": site}
    page.context.add_cookies([language])
    log_in(page, "owner", PASSWORD)
    return page


def look(page: Page) -> None:
    """As wide as the page is, and as narrow as any."""
    assert page.locator("html").get_attribute("lang") == "de"
    check(page)
    size = page.viewport_size
    if size["width"] < 500:
        page.set_viewport_size({**size, "width": NARROWEST})
        check(page)
        page.set_viewport_size(size)


def test_a_draft_of_a_study(office, owner, open_study):
    definition = replace(study_definition(open_study), slug="unfinished")
    services.create_study(definition=definition, owner=owner, by=TESTER)
    for address in ("design/", "edit/", "open/", "preview/"):
        office.goto(f"/studies/unfinished/{address}")
        look(office)
    office.goto("/new-study/")
    look(office)
    office.locator("textarea").first.fill('slug = "Tee"')
    office.locator("main button.primary").click()
    look(office)


def test_instruments_from_the_shelf_to_the_editor(office, owner, open_study):
    by = Actor(TESTER.door, owner)
    draft = make_instrument_draft(tables={**BLANK, "slug": "tea"}, owner=owner, by=by)
    text = "text\tde\tfacet\tR\nTea is good.\tTee ist gut.\ttaste\t\nTea is bad.\t\ttaste\tR\n"
    draft = paste_items(draft=draft, text=text, scale="agreement-5", by=by)
    for preset in (Preset.SLIDER, Preset.SEVERAL):
        draft = add_scale(draft=draft, preset=preset, by=by)
    for address in (
        *("/instruments/", "/instruments/new/", "/instruments/shelf/"),
        *("/instrument/prosocialness/", "/instrument/prosocialness/1.0/copy/"),
        f"/instruments/drafts/{draft.pk}/",
    ):
        office.goto(address)
        look(office)


def test_what_becomes_of_a_file_of_another_program(office):
    office.goto("/instruments/import/")
    look(office)
    office.locator("input[type=file]").first.set_input_files(
        {"name": "gardens.json", "mimeType": "application/json", "buffer": QUESTIONNAIRE}
    )
    office.locator("main button.primary").first.click()
    office.get_by_text("Unkraut stört mich.").first.wait_for()
    look(office)


def test_a_preview_and_a_plan(office, owner):
    study = open_day_study(owner)
    for query in ("", "?language=de&page=1", "?arm=chat"):
        office.goto(f"/studies/{study.slug}/preview/{query}")
        look(office)
    office.goto(f"/studies/{study.slug}/plan/")
    look(office)
    office.goto(f"/studies/{study.slug}/plan/new/")
    look(office)
    office.locator("main button.primary").first.click()
    office.locator("#paths-0-predictor").wait_for()
    look(office)
