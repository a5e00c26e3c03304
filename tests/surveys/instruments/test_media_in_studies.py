"""Pictures, sound and video of a study: from files beside it to the page, and back to files."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import pyreadstat
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from factories import TESTER, make_user
from picture_studies import FILES, INSTRUMENT, write_poster_study
from pictures import SECRETS, picture, video

from surveys import services
from surveys.errors import InstrumentError
from surveys.management.commands.load_study import source_file
from surveys.models import (
    Answer,
    InstrumentDraft,
    InstrumentVersion,
    MediaFile,
    RecruitingLink,
    Study,
)
from surveys.presentation import present
from surveys.selectors import questionnaire
from surveys.services import SourceFile, read_files
from surveys.services.authoring.instrument_drafts import make_instrument_draft
from surveys.services.authoring.media import UNUSED_FOR, store_media
from surveys.services.definitions import published_instruments
from surveys.services.drafts import MaterialsError
from surveys.services.people.tidying import tidy_people
from surveys.services.rehearsal import read_form, rehearse, simulated_link
from surveys.simulation import bundled_profile

pytestmark = pytest.mark.django_db


def load(path, *more):
    out = io.StringIO()
    call_command("load_study", str(path), *more, "--owner", "ada", "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def ada(db):
    return make_user("ada")


@pytest.fixture
def posters(ada, tmp_path) -> Study:
    load(write_poster_study(tmp_path))
    return services.open_study(study=Study.objects.get(), by=TESTER)


def test_files_beside_a_study_are_taken_and_come_out_again(ada, tmp_path):
    path = write_poster_study(tmp_path / "mine")
    load(path, "--check")
    assert not MediaFile.objects.exists()
    assert load(path)["created"]
    assert MediaFile.objects.count() == len(FILES)
    stored = b"".join(bytes(one.content) for one in MediaFile.objects.filter(type="image/jpeg"))
    assert not any(secret in stored for secret in SECRETS)
    (definition,) = published_instruments({"posters"})
    written = tmp_path / "theirs" / "study.toml"
    written.parent.mkdir()
    call_command("export_study", "posters", "--out", str(written), stdout=io.StringIO())
    call_command("export_study", "posters", "--out", str(written), stdout=io.StringIO())
    client = Client()
    client.force_login(ada)
    for address in ("/studies/posters/study.zip", "/instrument/posters/1.0/instrument.toml"):
        with zipfile.ZipFile(io.BytesIO(client.get(address).content)) as packed:
            contents = {name: packed.read(name) for name in packed.namelist()}
        beside = {one.name: one.read_bytes() for one in written.parent.iterdir()}
        assert contents.items() <= {**beside, "posters.toml": beside["study.toml"]}.items()
        assert len(contents) >= 1 + len(FILES)
    assert len(list(written.parent.iterdir())) == 2 + len(FILES)
    # On another installation it is the same instrument with the same checksums.
    sums = set(InstrumentVersion.objects.values_list("language", "checksum"))
    Study.objects.all().delete()
    for version in InstrumentVersion.objects.all():
        version.items.all().delete()
        version.delete()
    MediaFile.objects.all().delete()
    load(written)
    assert published_instruments({"posters"}) == [definition]
    assert set(InstrumentVersion.objects.values_list("language", "checksum")) == sums
    # Another picture is another instrument, whose name and version are taken.
    (written.parent / definition.items[2].media[0].file).write_bytes(picture(colour=2))
    with pytest.raises(CommandError) as refused:
        load(written)
    assert "is not the one that was meant" in str(refused.value)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('file = "jingle.wav"', 'file = "gone.wav"'), "media_missing"),
        (('file = "jingle.wav"', 'file = "../jingle.wav"'), "media_outside"),
        (('file = "jingle.wav"', 'file = "/etc/passwd"'), "media_outside"),
        (('file = "jingle.wav"', 'file = "posters-1.0.toml"'), "media_type_unknown"),
        (('file = "jingle.wav"', 'file = "film.vtt"'), "only_captions"),
        (('captions = "film.vtt"', 'captions = "jingle.wav"'), "no_captions_file"),
        (('file = "film.mp4"', 'file = "word-en.png"'), "captions_without_video"),
        ((', alt = { en = "Silence.", de = "Stille." }', ""), "missing_key"),
        ((', de = "Stille." }', " }"), "missing_language"),
        (("The word go", "The word {condition:word}"), "placeholder_in_alt"),
        (('file = "jingle.wav"', "file = 7"), "wrong_type"),
        (('file = "jingle.wav"', 'file = "jingle.wav", size = 3'), "unknown_key"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_at_its_place(ada, tmp_path, change, code):
    path = write_poster_study(tmp_path)
    assert change[0] in INSTRUMENT
    (tmp_path / "posters-1.0.toml").write_text(INSTRUMENT.replace(*change), "utf-8")
    with pytest.raises(CommandError):
        load(path)
    with pytest.raises(MaterialsError) as refused:
        read_files(
            study=SourceFile("study.toml", path.read_text("utf-8")),
            instruments=[source_file(tmp_path / "posters-1.0.toml")],
        )
    problems = refused.value.details["problems"]
    assert code in [one["code"] for one in problems]
    assert not MediaFile.objects.exists()


def test_people_are_shown_what_the_study_shows(posters, client: Client):
    link = services.create_link(study=posters, label="hall", by=TESTER)
    assert isinstance(link, RecruitingLink)
    path = reverse("surveys:information", args=[link.token]) + "?language=en"
    form = read_form(client.get(path).content.decode())
    page = client.post(
        reverse("surveys:begin", args=[link.token]) + "?language=en",
        {**form.hidden, "decision": "agree"},
        follow=True,
    )
    html = page.content.decode()
    assert 'alt="A red poster" width="40" height="20"' in html
    assert html.index("A red poster") < html.index("hung in a station")
    assert "The same in words" in html
    assert "<audio" in html
    assert "autoplay" not in html
    assert 'alt="The word go"' in html
    assert "Das Wort los" not in html
    form = read_form(html)
    answers = {name: "1" for name in form.names if "." in name}
    html = client.post(page.request["PATH_INFO"], {**form.hidden, **answers}, follow=True)
    html = html.content.decode()
    assert '<track kind="captions"' in html
    assert "Hello, she says." in html
    shown = questionnaire(posters, "en")
    first, *_ = present(shown, seed=1).questions
    (poster, _sound) = first.preface[0].media
    sent = client.get(f"/media/{poster.sha256}")
    assert sent.headers["Content-Type"] == "image/jpeg"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in sent.headers["Cache-Control"]
    assert "media-src 'self'" in sent.headers["Content-Security-Policy"]
    assert not any(secret in sent.content for secret in SECRETS)
    again = client.get(f"/media/{poster.sha256}", headers={"If-None-Match": sent.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"/media/{'0' * 64}").status_code == 404


def test_a_video_is_sent_in_parts(posters, client: Client):
    film = MediaFile.objects.get(type="video/mp4")
    whole, address = video(), f"/media/{film.sha256}"
    assert b"".join(client.get(address).streaming_content) == whole

    def part(asked):
        sent = client.get(address, headers={"Range": asked})
        return sent.status_code, sent.headers.get("Content-Range"), sent.content

    size = len(whole)
    assert part("bytes=0-9") == (206, f"bytes 0-9/{size}", whole[:10])
    assert part("bytes=-5") == (206, f"bytes {size - 5}-{size - 1}/{size}", whole[-5:])
    assert part(f"bytes={size - 3}-")[2] == whole[-3:]
    assert len(part("bytes=0-")[2]) == 1_000_000
    assert part(f"bytes={size}-")[:2] == (416, f"bytes */{size}")
    assert client.get(address, headers={"Range": "lines=1-2"}).status_code == 200


def test_a_study_is_another_one_with_another_picture(posters):
    (definition,) = published_instruments({"posters"})
    other = store_media(content=picture(colour=2), by=TESTER)
    item = definition.items[2]
    changed = replace(item.media[0], sha256=other.sha256, type=other.type)
    items = tuple(
        replace(one, media=(changed, *item.media[1:])) if one == item else one
        for one in definition.items
    )
    again = replace(definition, items=items)
    assert again.checksum("en") != definition.checksum("en")
    assert again.checksum("de") == definition.checksum("de")
    with pytest.raises(InstrumentError) as refused:
        services.publish_instrument(definition=again, by=TESTER)
    assert refused.value.code == "version_is_frozen"
    gone = replace(definition, version="2.0")
    MediaFile.objects.filter(sha256=item.media[0].sha256).delete()
    with pytest.raises(InstrumentError) as refused:
        services.publish_instrument(definition=gone, by=TESTER)
    assert refused.value.code == "media_not_stored"


def test_a_picture_is_put_in_by_page_and_stays_while_the_grid_is_saved(ada, client: Client):
    client.force_login(ada)
    tables = {
        "slug": "cups",
        "version": "1.0",
        "construct": "cups",
        "languages": ["en"],
        "title": {"en": "Cups"},
        "response_scales": [{"key": "many", "kind": "number", "minimum": 0, "maximum": 9}],
        "items": [{"key": "one", "response_scale": "many", "text": {"en": "How many?"}}],
    }
    draft = make_instrument_draft(tables=tables, owner=ada, by=TESTER)
    page = reverse("surveys:item_media", args=[draft.pk, 1])
    assert client.get(page).status_code == 200
    svg = io.BytesIO(b"<svg/>")
    svg.name = "x.png"
    refused = client.post(page, {"file": svg, "alt.en": "A cup"})
    assert refused.status_code == 422
    assert "by its content" in refused.content.decode()
    cup = io.BytesIO(picture())
    cup.name = "cup.png"
    assert client.post(page, {"file": cup, "alt.en": "A cup"}).status_code == 302
    editor = reverse("surveys:instrument_editor", args=[draft.pk])
    html = client.get(editor).content.decode()
    assert 'alt="A cup"' in html, "the preview shows it"
    fields = {
        "languages": "en",
        "item.1.key": "renamed",
        "item.1.text.en": "How many cups?",
        "item.1.response_scale": "many",
        "scale.1.key": "many",
        "scale.1.kind": "number",
        "scale.1.minimum": "0",
        "scale.1.maximum": "9",
        "title.en": "Cups",
    }
    client.post(editor, {**fields, "act": "save"})
    item = InstrumentDraft.objects.get().tables["items"][0]
    assert (item["key"], len(item["media"])) == ("renamed", 1)
    client.post(page, {"remove": "1"})
    assert "media" not in InstrumentDraft.objects.get().tables["items"][0]
    assert client.get(reverse("surveys:item_media", args=[draft.pk, 9])).status_code == 302


def test_files_that_nothing_shows_are_deleted_after_a_while_and_no_others(posters, ada):
    sent = [store_media(content=picture(size=(8, n)), by=TESTER) for n in (8, 9, 10)]
    lost, again, drafted = (one.sha256 for one in sent)
    table = {"file": "cup.png", "sha256": drafted, "alt": {"en": "A cup"}}
    tables = {"slug": "cups", "languages": ["en"], "items": [{"key": "one", "media": [table]}]}
    draft = make_instrument_draft(tables=tables, owner=ada, by=TESTER)
    MediaFile.objects.update(stored_at=timezone.now() - UNUSED_FOR - timedelta(minutes=1))
    store_media(content=picture(size=(8, 9)), by=TESTER)

    assert tidy_people(by=TESTER)["media_deleted"] == 1
    kept = set(MediaFile.objects.values_list("sha256", flat=True))
    assert kept & {lost, again, drafted} == {again, drafted}
    assert len(kept) == len(FILES) + 2
    draft.delete()
    assert tidy_people(by=TESTER)["media_deleted"] == 1
    assert not MediaFile.objects.filter(sha256=drafted).exists()


def test_answers_to_what_was_shown_go_out_as_they_are_stored(posters, tmp_path):
    link = simulated_link(study=posters, by=TESTER)
    profile = bundled_profile("people")
    assert rehearse(link=link, profile=profile, people=2, seed=1, by=TESTER).finished == 2
    forms = ("--format", "csv", "--format", "sav")
    call_command("export_data", "posters", "--out", str(tmp_path / "out"), *forms, verbosity=0)
    (table,) = (tmp_path / "out").rglob("answers-simulated_form-raw_data.csv")
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    (other,) = (tmp_path / "out").rglob("*.sav")
    frame, _labels = pyreadstat.read_sav(str(other))
    scored = Answer.objects.filter(item__isnull=False, value__isnull=False)
    names = {one.item.key for one in scored.select_related("item")}
    assert names
    for name in names:
        (column,) = [one for one in rows[0] if one.endswith(name)]
        stored = sorted(scored.filter(item__key=name).values_list("value", flat=True))
        assert sorted(int(row[column]) for row in rows) == stored
        (same,) = [one for one in frame.columns if one.lower() == column.lower()]
        assert sorted(map(int, frame[same])) == stored
