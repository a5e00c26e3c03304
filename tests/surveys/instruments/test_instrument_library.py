"""The library of instruments: found, read twice, compared, copied, put into studies, deleted."""

import json
import tomllib
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from factories import TESTER, make_draft
from own_studies import INSTRUMENTS, STUDY

from surveys import services
from surveys.instrument_files import InstrumentFileError, parse_instrument
from surveys.instrument_files.authoring.shelf import read_shelved, shelf
from surveys.models import Action, AuditEntry, Instrument, InstrumentDraft, InstrumentVersion, Study
from surveys.services.definitions import study_definition

pytestmark = pytest.mark.django_db
PAGE = "/instrument/on-foot/1.0/"


@pytest.fixture
def office(owner) -> Client:
    client = Client()
    client.force_login(owner)
    return client


@pytest.fixture
def published(owner) -> None:
    by = services.audit.Actor(TESTER.door, owner)
    for text in INSTRUMENTS.values():
        services.publish_instrument(definition=parse_instrument(text), by=by)


def read(response) -> str:
    return response.content.decode()


def publish_second() -> None:
    text = INSTRUMENTS["on-foot"].replace('version = "1.0"', 'version = "1.10"')
    text = text.replace("Walking clears my head.", "Walking makes me think.")
    services.publish_instrument(definition=parse_instrument(text), by=TESTER)


def test_instruments_are_found_by_the_words_of_their_items(office, published):
    page = read(office.get("/instruments/?q=clears+head"))
    assert "on-foot" in page
    assert "for-paths" not in page
    assert "No instrument has these words." in read(office.get("/instruments/?q=xylophone"))
    assert "for-paths" in read(office.get("/instruments/?language=de"))


def test_a_page_says_what_an_instrument_is_and_reads_it_as_both_do(office, published):
    page = read(office.get(f"{PAGE}?language=de&arm-items_per_turn=page"))

    assert "CC-BY-4.0" in page
    assert "Written for a test." in page
    assert "2 items are turned round." in page
    person, model = page.split('id="as-person"')[1].split('id="as-model"')
    assert "Gehen macht mir den Kopf frei." in person
    assert "Frage 1 von 8\nGehen macht mir den Kopf frei.\n1 = Stufe 1" in model
    assert "In none yet." in page


def test_what_a_study_would_fill_is_read_by_its_name(office, owner):
    vignette = settings.BASE_DIR / "docs" / "examples" / "sharing-vignette" / "study.toml"
    call_command("load_study", vignette, owner="owner", verbosity=0)
    said = "You said “[scene.share]”. What speaks for it?"
    person, model = read(office.get("/instrument/sharing-request/")).split('id="as-model"')
    assert said in person
    assert said in model


def test_versions_are_ordered_by_their_numbers_and_compared_word_by_word(office, published):
    publish_second()
    page = read(office.get("/instrument/on-foot/?against=1.0"))

    assert '<span class="badge frozen">1.10</span>' in page
    assert "<code>items[walk].text.en</code>" in page
    assert "<del>Walking clears my head.</del><ins>Walking makes me think.</ins>" in page
    assert "text.de" not in page.split('id="differences"')[1].split('id="read"')[0]


def test_a_version_is_taken_away_as_its_file(office, published):
    file = office.get(f"{PAGE}instrument.toml")
    assert parse_instrument(read(file)) == parse_instrument(INSTRUMENTS["on-foot"])


def test_a_copy_is_a_draft_under_another_name_that_says_where_it_is_from(office, published):
    assert "must be another one" in read(office.post(f"{PAGE}copy/", {"name": "on-foot"}))
    office.post(f"{PAGE}copy/", {"name": "by-bike"})
    office.post(f"{PAGE}next/")
    following, copy = InstrumentDraft.objects.all()

    assert copy.tables["slug"] == "by-bike"
    assert copy.tables["wording_note"] == "Own wording. (After on-foot 1.0.)"
    assert (following.tables["slug"], following.tables["version"]) == ("on-foot", "1.1")


def test_what_no_study_asks_is_deleted_by_who_published_it_and_nobody_else(
    office, published, stranger
):
    other = Client()
    other.force_login(stranger)
    refused = read(other.post(f"{PAGE}delete/", follow=True))
    assert "was published by somebody else" in refused
    assert "Delete this version?" in read(office.get(f"{PAGE}delete/"))
    office.post(f"{PAGE}delete/")

    assert not Instrument.objects.filter(slug="on-foot").exists()
    assert AuditEntry.objects.filter(action=Action.INSTRUMENT_DELETED).count() == 2
    assert office.get(PAGE).status_code == 404


def test_what_a_study_asks_stays(office, owner):
    make_draft(owner)
    page = read(office.get("/instrument/prosocialness/1.0/"))
    assert "Delete" not in page.split('id="where"')[1].split("</section>")[0]
    with pytest.raises(CommandError, match="instrument_in_use"):
        call_command("delete_instrument", "prosocialness", "1.0")


def test_a_block_is_added_moved_and_removed_on_the_design_page(office, published, owner):
    values = tomllib.loads(STUDY)
    del values["blocks"][1]
    materials = services.read_materials(values)
    study = services.make_draft(materials=materials, owner=owner, by=TESTER)
    office.post("/studies/walks/blocks/new/", {"instrument": "for-paths 1.0"})
    blocks = study_definition(study).blocks
    assert [(one.key, one.shuffle) for one in blocks] == [("foot", True), ("for_paths", False)]
    office.post("/studies/walks/blocks/for_paths/", {"act": "up"})
    assert [one.key for one in study_definition(study).blocks] == ["for_paths", "foot"]
    office.post("/studies/walks/blocks/foot/", {"act": "remove"})
    left = study_definition(study)
    assert [one.key for one in left.blocks] == ["for_paths"]
    assert left.attention_checks == ()
    said = read(office.post("/studies/walks/blocks/new/", {"instrument": "nothing 1"}, follow=True))
    assert "there is no instrument nothing 1" in said


# The shelf


def test_every_scale_of_the_shelf_says_what_was_read_of_its_words_and_its_licence():
    names = [one.definition.slug for one in shelf()]

    assert "mini-ipip" in names
    for one in shelf():
        shown = {row.shows: row for row in one.evidence}
        assert {"wording", "licence"} <= set(shown)
        assert shown["licence"].source.startswith("https://ipip.ori.org/")
        assert "public domain" in shown["licence"].quote
        # The first item stands in what is quoted of its source.
        assert one.definition.items[0].text["en"] in shown["wording"].quote
        assert one.definition.citation


def test_the_mini_ipip_has_the_design_of_its_key():
    mini = next(one.definition for one in shelf() if one.definition.slug == "mini-ipip")
    per_facet = {
        facet.key: [item.reverse_keyed for item in mini.items if item.facet == facet.key]
        for facet in mini.facets
    }
    assert {key: (len(keys), sum(keys)) for key, keys in per_facet.items()} == {
        "extraversion": (4, 2),
        "agreeableness": (4, 2),
        "conscientiousness": (4, 2),
        "neuroticism": (4, 2),
        "imagination": (4, 3),
    }


def test_a_file_without_evidence_does_not_come_onto_the_shelf(tmp_path):
    path = tmp_path / "on-foot.toml"
    path.write_text(INSTRUMENTS["on-foot"], encoding="utf-8")
    with pytest.raises(InstrumentFileError) as refused:
        read_shelved(path)
    places = [problem.where for problem in refused.value.problems]
    assert "evidence[wording]" in places
    assert "evidence[licence]" in places


def test_a_scale_comes_from_the_shelf_by_page_and_command(office):
    page = read(office.get("/instruments/shelf/"))
    assert "Because the IPIP is in the public domain" in page
    said = read(office.post("/instruments/shelf/", {"name": "mini-ipip"}, follow=True))
    assert "It is in the library now" in said
    out = StringIO()
    call_command("load_instruments", "--shelf", "ipip-warmth", stdout=out)
    assert "ipip-warmth 1.0 (en)" in out.getvalue()
    assert InstrumentVersion.objects.count() == 2
    with pytest.raises(CommandError, match="unknown_shelved"):
        call_command("load_instruments", "--shelf", "ipip-warmt")
    listed = StringIO()
    call_command("load_instruments", "--shelf", "list", "--json", stdout=listed)
    assert len(json.loads(listed.getvalue())["shelf"]) == len(shelf())


# REST and commands


def test_an_instrument_is_drafted_pasted_and_published_over_rest(office):
    def send(method, path, body=None):
        call = getattr(office, method)
        return call(f"/api/{path}", body or {}, content_type="application/json")

    refused = send("post", "instrument-drafts/", {"slug": "tea", "colour": "red"})
    assert refused.json()["errors"]["instrument"][0]["path"] == "colour"
    made = send("post", "instrument-drafts/", {"slug": "tea", "languages": ["en"]}).json()
    draft = f"instrument-drafts/{made['id']}/"
    assert send("post", f"{draft}items/", {"text": "text\tX\na\tb"}).status_code == 400
    text = "text\tR\nTea is good.\t\nTea is bad.\tR\n"
    tables = send("post", f"{draft}items/", {"text": text, "scale": "agreement-7"}).json()["tables"]
    codes = [one["code"] for one in send("post", f"{draft}publish/").json()["errors"]["instrument"]]
    assert "missing_key" in codes
    words = {key: {"en": "Words."} for key in ("title", "instruction", "orientation")}
    facts = dict.fromkeys(("licence", "citation", "wording_note"), "None.")
    whole = {**tables, **words, **facts, "version": "1.0", "construct": "tea"}
    assert send("put", draft, whole).json()["problems"] == []
    assert send("post", f"{draft}publish/").status_code == 201
    (row,) = office.get("/api/instruments/?q=tea+bad").json()["results"]
    file = office.get(f"/api/instruments/{row['id']}/file/").content.decode()
    assert tomllib.loads(file)["reverse_keyed"] == ["item_2"]
    copy = send("post", f"instruments/{row['id']}/copy/", {"name": "tea-2"})
    assert copy.json()["tables"]["slug"] == "tea-2"
    assert send("post", "instruments/shelf/", {"name": "mini-ipip"}).status_code == 201
    assert office.delete(f"/api/instruments/{row['id']}/").status_code == 204
    assert office.delete(f"/api/instrument-drafts/{copy.json()['id']}/").status_code == 204


def test_a_block_is_added_over_rest(office, published, owner):
    values = {
        key: value for key, value in tomllib.loads(STUDY).items() if key != "attention_checks"
    }
    del values["blocks"]
    services.make_draft(materials=services.read_materials(values), owner=owner, by=TESTER)
    body = {"instrument": "on-foot", "version": "1.0", "key": "foot"}
    made = office.post("/api/studies/walks/blocks/", body, content_type="application/json")
    assert made.status_code == 201
    assert [one.key for one in study_definition(Study.objects.get()).blocks] == ["foot"]


def test_a_table_of_items_becomes_a_draft_on_the_command_line(owner, tmp_path):
    path = tmp_path / "tea.csv"
    path.write_text("text;de;R\nTea is good.;Tee ist gut.;\nTea is bad.;;R\n", encoding="utf-8")
    out = StringIO()
    call_command("draft_instrument", str(path), "--slug", "tea", "--json", stdout=out)
    facts = json.loads(out.getvalue())
    assert facts["items"] == 2
    assert "items[item_2].text.de" in [one["path"] for one in facts["problems"]]
    assert InstrumentDraft.objects.get().tables["reverse_keyed"] == ["item_2"]


@pytest.mark.parametrize(
    "address",
    [
        "/instruments/",
        f"{PAGE}?against=1.10",
        "/instruments/drafts/{draft}/",
        "/instruments/shelf/",
    ],
)
def test_a_page_takes_few_queries(office, published, owner, address, django_assert_max_num_queries):
    publish_second()
    office.post(f"{PAGE}next/")
    address = address.format(draft=InstrumentDraft.objects.get().pk)
    with django_assert_max_num_queries(15):
        assert office.get(address).status_code == 200
