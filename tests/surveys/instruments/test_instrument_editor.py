"""Writing an instrument on the page: pasted, corrected in a grid, saved as one goes, published."""

import re
import tomllib

import page_forms
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from factories import TESTER
from own_studies import INSTRUMENTS

from surveys import services
from surveys.instrument_files import parse_instrument
from surveys.models import AuditEntry, InstrumentDraft, InstrumentVersion
from surveys.services.definitions import published_instruments

pytestmark = pytest.mark.django_db
TABLE = """text\tde\tfacet\tR
Tea tastes good.\tTee schmeckt gut.\tTaste\t
Tea is too bitter for me.\tTee ist mir zu bitter.\tTaste\tR
I drink tea every day.\t\tHabit\t
"""
HEAD = {
    "slug": "tea-liking",
    "version": "1.0",
    "construct": "tea",
    "languages": "en, de",
    "licence": "CC-BY-4.0",
    "citation": "None; written for a test.",
    "wording_note": "Our own words.",
    "title.en": "Tea",
    "title.de": "Tee",
    "instruction.en": "How far do you agree?",
    "instruction.de": "Wie sehr stimmen Sie zu?",
    "orientation.en": "High: likes tea.",
    "orientation.de": "Hoch: mag Tee.",
}


@pytest.fixture
def office(owner) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def draft(office) -> InstrumentDraft:
    office.post("/instruments/new/", {"slug": "tea-liking", "construct": "tea", "languages": "en"})
    return InstrumentDraft.objects.get()


def editor(draft: InstrumentDraft) -> str:
    return reverse("surveys:instrument_editor", args=[draft.pk])


def read(response) -> str:
    return response.content.decode()


def form_of(page: str) -> dict[str, str]:
    return page_forms.form_of(page, 'id="editor"')


def pasted(office, draft, text=TABLE, **more):
    sent = {**form_of(read(office.get(editor(draft)))), "paste": text, "paste.scale": "agreement-5"}
    return office.post(editor(draft), {**sent, "act": "paste", **more}, follow=True)


def test_a_pasted_table_becomes_a_grid_and_what_is_missing_is_marked(office, draft):
    page = read(pasted(office, draft))
    draft.refresh_from_db()

    assert [item["key"] for item in draft.tables["items"]] == ["taste_1", "taste_2", "habit_1"]
    assert draft.tables["reverse_keyed"] == ["taste_2"]
    assert draft.tables["languages"] == ["en", "de"]
    assert 'name="item.3.text.de" id="item.3.text.de"' in page
    assert "<code>items[habit_1].text.de</code>" in page
    assert "Stimme voll und ganz zu" in page
    assert page.count('aria-label="Item 2 is reverse-keyed" checked') == 1


def test_the_same_page_saved_again_changes_nothing(office, draft):
    page = read(pasted(office, draft))
    draft.refresh_from_db()
    before, rows = draft.tables, AuditEntry.objects.count()

    office.post(editor(draft), {**form_of(page), "act": "save"})

    draft.refresh_from_db()
    assert draft.tables == before
    assert AuditEntry.objects.count() == rows


def test_what_is_written_to_the_end_is_published_as_it_was_read(office, draft):
    page = read(pasted(office, draft))
    filled = {**form_of(page), **HEAD, "item.3.text.de": "Ich trinke jeden Tag Tee."}
    filled |= {"facet.1.label.de": "Geschmack", "facet.2.label.de": "Gewohnheit"}
    page = read(office.post(editor(draft), {**filled, "act": "save"}, follow=True))
    assert "Nothing is missing: it can be published." in page

    asked = office.post(editor(draft), {**form_of(page), "act": "publish"}, follow=True)
    assert "Publish this version?" in read(asked)
    office.post(reverse("surveys:publish_draft", args=[draft.pk]))

    (made,) = published_instruments({"tea-liking"})
    assert made.languages == ("en", "de")
    assert made.items[2].text["de"] == "Ich trinke jeden Tag Tee."
    assert [item.reverse_keyed for item in made.items] == [False, True, False]
    assert made.response_scales[0].options[0].label["de"] == "Stimme überhaupt nicht zu"
    assert not InstrumentDraft.objects.exists()


def test_every_mistake_in_a_paste_is_said_at_once_and_nothing_is_taken(office, draft):
    wrong = "text\tcolour\tR\nTea is good.\tred\tperhaps\n\t\tR\n"
    response = pasted(office, draft, wrong)
    page = read(response)

    assert response.status_code == 422
    for said in ("row 1, column 2", "row 2, column 3", "row 3"):
        assert f'<a href="#paste">{said}</a>' in page
    assert "Tea is good.\tred\tperhaps" in page
    draft.refresh_from_db()
    assert "items" not in draft.tables


def test_rows_are_moved_removed_and_added_by_buttons(office, draft):
    page = read(pasted(office, draft))
    page = read(office.post(editor(draft), {**form_of(page), "act": "down.item.1"}, follow=True))
    page = read(office.post(editor(draft), {**form_of(page), "act": "remove.item.1"}, follow=True))
    more = {"item.3.text.en": "Tea is hot.", "item.3.facet": "Taste", "act": "add.item"}
    office.post(editor(draft), {**form_of(page), **more})
    draft.refresh_from_db()

    assert [item["key"] for item in draft.tables["items"]] == ["taste_1", "habit_1", "taste_2"]
    assert "reverse_keyed" not in draft.tables


def test_both_forms_are_shown_and_follow_each_change_with_javascript(office, draft):
    page = read(pasted(office, draft))
    assert '<legend id="q1-text">' not in page
    assert "Tea tastes good." in page.split('id="as-person"')[1].split('id="as-model"')[0]
    assert "Question 1 of 3\nTea tastes good.\n1 = Strongly disagree" in page

    sent = {**form_of(page), "item.1.text.en": "Tea tastes fine.", "preview.language": "en"}
    live = read(office.post(editor(draft), sent, headers={"HX-Request": "true"}))

    assert 'hx-swap-oob="true"' in live
    assert "Question 1 of 3\nTea tastes fine." in live
    assert "<html" not in live
    german = read(office.get(f"{editor(draft)}?language=de"))
    assert "Frage 1 von 2\nTee schmeckt gut." in german


@pytest.mark.parametrize(
    "preset",
    ["numbers-0-10", "slider", "several", "ranking", "number", "long-text", "date", "information"],
)
def test_every_kind_of_question_survives_the_grid(office, draft, preset):
    office.post(editor(draft), {"languages": "en", "act": "add.scale", "new.scale": preset})
    draft.refresh_from_db()
    before = draft.tables

    page = read(office.get(editor(draft)))
    office.post(editor(draft), {**form_of(page), "act": "save"})

    draft.refresh_from_db()
    assert draft.tables == before
    assert len(before["response_scales"]) == 1


def test_an_instrument_file_comes_into_the_editor_and_out_again(office, owner):
    text = INSTRUMENTS["on-foot"]
    file = SimpleUploadedFile("on-foot.toml", text.encode())
    office.post("/instruments/new/", {"file": file})
    draft = InstrumentDraft.objects.get()
    page = read(office.get(editor(draft)))
    office.post(editor(draft), {**form_of(page), "act": "save"})

    back = read(office.get(reverse("surveys:draft_file", args=[draft.pk])))
    assert parse_instrument(back) == parse_instrument(text)
    assert tomllib.loads(back)["reverse_keyed"] == tomllib.loads(text)["reverse_keyed"]


def test_what_is_no_instrument_at_all_is_refused_with_its_place(office):
    file = SimpleUploadedFile("x.toml", b'slug = "x"\ncolour = "red"\ntitle = "no table"\n')
    response = office.post("/instruments/new/", {"file": file})

    assert response.status_code == 422
    assert "colour: this key is unknown" in read(response)
    assert "title: this must be a table" in read(response)


def test_a_draft_is_seen_by_its_owner_alone(office, draft, stranger):
    other = Client()
    other.force_login(stranger)
    for name in ("instrument_editor", "publish_draft", "delete_draft", "draft_file"):
        assert other.get(reverse(f"surveys:{name}", args=[draft.pk])).status_code == 404


def test_a_version_that_is_published_with_other_words_stays_a_draft(office, draft, owner):
    tea = parse_instrument(INSTRUMENTS["on-foot"])
    services.publish_instrument(definition=tea, by=TESTER)
    values = tomllib.loads(INSTRUMENTS["on-foot"].replace("Walking clears", "Walking empties"))
    draft.tables = values
    draft.save()

    response = office.post(reverse("surveys:publish_draft", args=[draft.pk]), follow=True)

    assert "is published with other content" in read(response)
    assert InstrumentDraft.objects.exists()
    assert InstrumentVersion.objects.filter(instrument__slug="on-foot").count() == 2


def test_what_would_be_read_is_shown_while_it_is_pasted(office, draft):
    address = reverse("surveys:read_pasted", args=[draft.pk])
    said = read(office.post(address, {"paste": TABLE}))

    assert "en, de, facet, reverse" in said
    assert "<dt>New languages</dt><dd>de</dd>" in said


def test_two_who_write_the_same_draft_lose_no_words(office, draft):
    pasted(office, draft)
    mine, theirs = (form_of(read(office.get(editor(draft)))) for _ in range(2))
    mine["item.1.text.en"], theirs["item.1.text.en"] = "Tea is mine.", "Tea is theirs."
    assert office.post(editor(draft), {**theirs, "act": "save"}).status_code == 302
    # A page that saves itself says so and stays what it was.
    said = office.post(editor(draft), {**mine, "act": "save"}, headers={"HX-Request": "true"})
    assert "was saved from elsewhere" in read(said)
    refused = office.post(editor(draft), {**mine, "act": "save"})
    page = read(refused)
    assert refused.status_code == 409
    assert re.search("<td[^>]*>Tea is theirs.</td><td[^>]*>Tea is mine.</td>", page)
    draft.refresh_from_db()
    assert draft.tables["items"][0]["text"]["en"] == "Tea is theirs."
    # Whoever has read both writes over the other knowingly.
    kept = form_of(page)
    assert kept["item.1.text.en"] == "Tea is mine."
    assert office.post(editor(draft), {**kept, "act": "save"}).status_code == 302
    draft.refresh_from_db()
    assert draft.tables["items"][0]["text"]["en"] == "Tea is mine."
    address = f"/api/instrument-drafts/{draft.pk}/"
    stale = office.put(
        address,
        {**draft.tables, "construct": "other"},
        content_type="application/json",
        headers={"If-Match": f'"{mine["revision"]}"'},
    )
    assert (stale.status_code, stale.json()["code"]) == (409, "instrument_draft_changed")
