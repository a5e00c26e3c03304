"""The three doors of an import: command, REST and page. Nothing is stored before a yes."""

import html
import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from factories import make_user
from questionnaire_samples import new_lime, old_lime, redcap, table

from surveys.instrument_files import load_instrument
from surveys.models import Action, AuditEntry, InstrumentVersion, Item, Study

pytestmark = pytest.mark.django_db
PAGE = "/instruments/import/"
REST = "/api/instruments/import/"


@pytest.fixture
def ada(db):
    return make_user("ada")


@pytest.fixture
def lime(tmp_path):
    path = tmp_path / "gardens.lss"
    path.write_bytes(new_lime())
    return path


def run(*arguments, **options):
    out = StringIO()
    call_command("import_instrument", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def made(*arguments):
    return json.loads(run(*arguments, "--json"))


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(content, name="gardens.lss"):
    return SimpleUploadedFile(name, content)


def test_the_command_lists_everything_and_stores_nothing(lime):
    said = run(lime)

    assert "LimeSurvey: 3 questions in en, de; 3 become items of 2 instruments" in said
    assert "  not kept: own: it is shown only if weed_b > 1; here everybody would be asked" in said
    assert "say which items are reversed" in said.splitlines()[-1]
    assert not InstrumentVersion.objects.exists()


def test_what_follows_a_draft_can_be_done_as_it_is_said(lime, owner, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = ("--load", "--study", "--reverse", "weed_b", "--licence", "CC0")
    facts = made(lime, *asked, "--owner", owner.username)

    export, load = re.findall(r"manage\.py (\w+ [\w.-]+(?: --out [\w.-]+)?)", facts["next"])
    assert export == "export_study gardens-study --out gardens-study.toml"
    call_command(*export.split(), stdout=StringIO())
    call_command(*load.split(), stdout=StringIO())
    # A folder that is named is made.
    place = "new/folder/gardens.toml"
    call_command("export_study", "gardens-study", "--out", place, stdout=StringIO())
    assert Path(place).is_file()


def test_files_hold_the_place_for_reverse_keys_until_somebody_says_them(lime, tmp_path):
    facts = made(lime, "--out", tmp_path / "out")

    assert facts["asked"] == ["reverse"]
    weeds = tmp_path / "out" / "gardens-weed.toml"
    assert "# reverse_keyed = []" in weeds.read_text("utf-8")
    assert facts["written"][-1].endswith("gardens-study.toml")

    said = made(lime, "--out", tmp_path / "said", "--reverse", "weed_b")
    assert said["asked"] == []
    definition = load_instrument(tmp_path / "said" / "gardens-weed.toml")
    assert [one.key for one in definition.items if one.reverse_keyed] == ["weed_b"]


def test_a_file_that_was_changed_by_hand_is_not_replaced(lime, tmp_path):
    made(lime, "--out", tmp_path)
    (tmp_path / "gardens-weed.toml").write_text("mine", "utf-8")

    with pytest.raises(CommandError, match="file_exists"):
        run(lime, "--out", tmp_path)


def test_nothing_is_published_before_reverse_keys_are_said(ada, lime):
    with pytest.raises(CommandError, match="reverse_unsaid"):
        run(lime, "--load")
    with pytest.raises(CommandError, match="reverse_unknown"):
        run(lime, "--load", "--reverse", "weeds")
    assert not InstrumentVersion.objects.exists()


def test_the_command_publishes_instruments_and_a_draft_in_the_order_of_the_file(ada, lime):
    facts = made(lime, "--load", "--study", "--reverse", "weed_b", "--licence", "CC0")

    assert len(facts["loaded"]) == 4
    assert list(Item.objects.filter(reverse_keyed=True).values_list("key", flat=True)) == [
        "weed_b",
        "weed_b",
    ]
    study = Study.objects.get(slug="gardens-study")
    assert study.status == Study.Status.DRAFT
    assert facts["draft"] == "gardens-study"
    assert InstrumentVersion.objects.filter(licence="CC0").count() == 4
    published = AuditEntry.objects.filter(action=Action.INSTRUMENT_PUBLISHED)
    assert published.count() == 4


def test_what_the_file_does_not_say_can_be_said(tmp_path):
    path = tmp_path / "items.csv"
    path.write_bytes(table("text\nIch jäte gern.\n"))

    assert made(path)["losses"][-1]["code"] == "no_options"
    facts = made(path, "--options", "agreement-5", "--language", "de")
    item = facts["instruments"][0]["items"][0]
    assert item["answered"]["options"][0] == {
        "value": 1,
        "label": {"de": "Stimme überhaupt nicht zu"},
    }
    with pytest.raises(CommandError, match="options_unknown"):
        run(path, "--options", "somehow")
    with pytest.raises(CommandError, match="language_malformed"):
        run(path, "--language", "German!")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("none.lss", None, "file_missing"), ("old.xls", b"\xd0\xcf\x11\xe0 x", "old_excel")],
)
def test_a_file_that_cannot_be_read_ends_with_its_code(tmp_path, name, content, code):
    if content:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=code):
        run(tmp_path / name)


def test_rest_shows_first_and_publishes_with_a_yes(ada):
    client = as_user(ada)
    shown = client.post(REST, {"file": upload(redcap(), "garden.csv")})

    assert shown.status_code == 200
    facts = shown.json()
    assert [one["name"] for one in facts["questionnaire"]["questions"]] == ["weed_1", "weed_2"]
    assert len(facts["files"]) == 2
    assert not InstrumentVersion.objects.exists()

    asked = client.post(REST, {"file": upload(redcap(), "garden.csv"), "load": "true"})
    assert (asked.status_code, asked.json()["code"]) == (409, "reverse_unsaid")

    loaded = client.post(
        REST,
        {"file": upload(redcap(), "garden.csv"), "load": "true", "reverse": "weed_2"},
    )
    assert loaded.status_code == 201
    assert Item.objects.get(reverse_keyed=True).key == "weed_2"
    assert loaded.json()["draft"] is None


def test_rest_says_why_a_file_cannot_be_read(ada):
    answer = as_user(ada).post(REST, {"file": upload(b"{", "a.json")})

    assert answer.status_code == 400
    assert answer.json()["errors"]["file"][0]["code"] == "file_broken"
    assert as_user(ada).post(REST, {}).status_code == 400


def hidden(page) -> dict[str, list[str]]:
    """What the page sends along: the files of what was read."""
    found = re.findall(
        r'<input type="hidden" name="(instrument|study_file)" value="([^"]*)"',
        page.content.decode(),
    )
    sent: dict[str, list[str]] = {}
    for name, value in found:
        sent.setdefault(name, []).append(html.unescape(value))
    return sent


def test_the_page_shows_losses_and_asks_for_a_tick_on_every_item(ada):
    page = as_user(ada).post(PAGE, {"file": upload(redcap(), "garden.csv")})
    text = page.content.decode()

    assert page.status_code == 200
    assert "Not kept" in text
    assert "it is shown only if [own]=&#x27;1&#x27;" in text
    assert text.count('name="reverse"') == 2
    assert not re.search(r'name="reverse"[^>]* checked', text)
    assert not InstrumentVersion.objects.exists()


def test_the_page_publishes_what_was_confirmed_with_its_ticks(ada):
    client = as_user(ada)
    sent = hidden(client.post(PAGE, {"file": upload(new_lime())}))
    answers = {"licence": "CC0", "citation": "Ada", "with_study": "on"}

    again = client.post(PAGE, {**sent, **answers, "reverse": ["gardens-weed/weed_b"]})
    assert again.status_code == 422
    assert "say that the ticks are complete" in again.content.decode()
    assert re.search(r'value="gardens-weed/weed_b" checked', again.content.decode())
    assert not InstrumentVersion.objects.exists()

    confirmed = {**sent, **answers, "complete": "on", "reverse": ["gardens-weed/weed_b"]}
    done = client.post(PAGE, confirmed)
    assert done.url == "/studies/gardens-study/"
    assert {one.key for one in Item.objects.filter(reverse_keyed=True)} == {"weed_b"}
    assert Study.objects.get().memberships.get().user == ada

    taken = client.post(PAGE, confirmed)
    assert "There is a study gardens-study already" in taken.content.decode()


def test_the_page_says_what_is_wrong_with_a_file(ada):
    client = as_user(ada)

    assert "old Excel" in client.post(PAGE, {"file": upload(b"\xd0\xcf\x11\xe0")}).content.decode()
    assert client.post(PAGE, {}).status_code == 422
    spoilt = client.post(
        PAGE,
        {"instrument": ["slug = 1"], "licence": "x", "citation": "x", "complete": "on"},
    )
    assert spoilt.status_code == 422
    assert client.get(PAGE).status_code == 200


def test_whoever_is_not_logged_in_imports_nothing(client):
    assert client.post(PAGE, {"file": upload(old_lime())}).url.startswith("/login/")
    assert client.post(REST, {"file": upload(old_lime())}).status_code in (401, 403)
