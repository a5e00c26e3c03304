"""Pictures, sound and video in a browser: readable by everybody, on a phone, without script."""

import pytest
from accessibility import check
from factories import PASSWORD, TESTER, make_link, make_person, make_user, personal
from picture_studies import INSTRUMENT, write_poster_study
from playwright.sync_api import expect

from surveys import services
from surveys.instrument_files.media.beside import folder_of
from surveys.instrument_files.toml_tables import parse_toml
from surveys.management.commands.load_study import source_file
from surveys.services import SourceFile, read_files
from surveys.services.authoring.instrument_drafts import make_instrument_draft

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def posters(tmp_path):
    path = write_poster_study(tmp_path)
    materials = read_files(
        study=SourceFile("study.toml", path.read_text("utf-8")),
        instruments=[source_file(tmp_path / "posters-1.0.toml")],
    )
    ada = make_user("ada")
    draft = services.make_draft(materials=materials, owner=ada, by=TESTER)
    return services.open_study(study=draft, by=TESTER)


@pytest.mark.parametrize("language", ["en", "de"])
def test_pages_with_pictures_sound_and_video(page, posters, language):
    someone = make_person(make_link(posters), language)
    page.goto(personal("page", someone, number=1))
    check(page)
    shown = page.locator("img.shown").first
    assert shown.evaluate("one => one.complete && one.naturalWidth") == 40
    page.locator("summary").first.press("Enter")
    expect(page.get_by_text("Silence." if language == "en" else "Stille.")).to_be_visible()
    for item in page.get_by_role("group").all():
        if item.get_by_role("radio").count():
            item.get_by_role("radio").first.check()
    page.locator("button.primary").click()
    check(page)


def test_without_script_everything_is_there(phone_without_script, posters):
    page = phone_without_script
    someone = make_person(make_link(posters))
    page.goto(personal("page", someone, number=1))
    expect(page.get_by_alt_text("A red poster")).to_be_visible()
    page.locator("summary").first.click()
    expect(page.get_by_text("Silence.")).to_be_visible()


def test_a_picture_is_put_in_on_its_page(page, posters, tmp_path):
    folder = folder_of(tmp_path / "posters-1.0.toml")
    ada = posters.memberships.get().user
    tables = {**parse_toml(INSTRUMENT, file="posters"), "slug": "mine"}
    for item in tables["items"]:
        item.pop("media", None)
    draft = make_instrument_draft(tables=tables, owner=ada, by=TESTER)
    page.goto("/login/")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.goto(f"/instruments/drafts/{draft.pk}/")
    page.get_by_role("link", name="Pictures, sound and video of item 1").click()
    check(page)
    given = {"name": "poster.jpg", "mimeType": "image/jpeg", "buffer": folder("shown/poster.jpg")}
    page.get_by_label("Picture, sound or video").set_input_files(given)
    page.get_by_label("In words (en)").fill("A red poster")
    page.get_by_label("In words (de)").fill("Ein rotes Plakat")
    page.get_by_role("button", name="Put it in").click()
    expect(page.get_by_alt_text("A red poster")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Back to the items").click()
    expect(page.locator("#preview").get_by_alt_text("A red poster").first).to_be_visible()
    check(page)
