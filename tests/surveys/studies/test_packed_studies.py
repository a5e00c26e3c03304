"""A study that was packed into one file by its page is taken back by page and by command."""

import io
import random
import zipfile
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from factories import TESTER, make_user
from picture_studies import FILES, write_poster_study
from pictures import picture

from surveys import services
from surveys.instrument_files import InstrumentFileError
from surveys.instrument_files.media import packed
from surveys.instrument_files.media.packed import read_packed
from surveys.models import InstrumentVersion, MediaFile, Study
from surveys.services.definitions import published_instruments
from surveys.services.drafts import MaterialsError, read_packed_files

STUDY = b'slug = "walks"'


def zip_of(*members, kind=zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", kind) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return made.getvalue()


def emptied() -> None:
    Study.objects.all().delete()
    for version in InstrumentVersion.objects.all():
        version.items.all().delete()
        version.delete()
    MediaFile.objects.all().delete()


@pytest.mark.django_db
def test_what_a_studys_page_gives_is_taken_back_with_its_pictures(client, tmp_path):
    client.force_login(make_user("ada"))
    call_command("load_study", str(write_poster_study(tmp_path)), "--owner", "ada", verbosity=0)
    (definition,) = published_instruments({"posters"})
    packed_study = client.get("/studies/posters/study.zip").content
    emptied()

    sent = SimpleUploadedFile("posters.zip", packed_study)
    page = client.post("/new-study/", {"text": "unused", "file": sent}, follow=True)
    assert "The draft is made." in page.content.decode()
    assert published_instruments({"posters"}) == [definition]
    assert MediaFile.objects.count() == len(FILES)

    # The draft that is there is changed by the same file, and a command takes it as well.
    sent = SimpleUploadedFile("posters.zip", packed_study)
    page = client.post("/studies/posters/edit/", {"text": "unused", "file": sent}, follow=True)
    assert "The draft is changed." in page.content.decode()
    emptied()
    (tmp_path / "posters.zip").write_bytes(packed_study)
    call_command("load_study", str(tmp_path / "posters.zip"), "--owner", "ada", verbosity=0)
    services.open_study(study=Study.objects.get(), by=TESTER)
    assert published_instruments({"posters"}) == [definition]

    # What is wrong is said on the page; nothing is stored.
    emptied()
    sent = SimpleUploadedFile("bad.zip", zip_of(("../walks.toml", STUDY)))
    page = client.post("/new-study/", {"text": "", "file": sent})
    assert page.status_code == 422
    assert "packed_outside" in page.content.decode()
    (tmp_path / "bad.zip").write_bytes(packed_study[:-40])
    with pytest.raises(CommandError, match="packed_damaged"):
        call_command("load_study", str(tmp_path / "bad.zip"), "--owner", "ada", "--json")
    assert not Study.objects.exists()


def test_the_study_is_told_from_its_instruments_in_the_uppermost_folder():
    read = read_packed(
        zip_of(
            ("__MACOSX/mine/._study.toml", b"\x00"),
            ("mine/tea-1.0.toml", b'construct = "tea"\nitems = []'),
            ("mine/study.toml", b"\xef\xbb\xbf" + STUDY),
            ("mine/shown/cup.png", b"cup"),
            ("mine/older/study.toml", b'slug = "older"'),
        ),
        file="mine.zip",
    )
    assert read.study == ("study.toml", STUDY.decode())
    assert [name for name, _text in read.instruments] == ["tea-1.0.toml"]
    assert read.file_of("shown/cup.png") == b"cup"
    assert read.file_of("../mine/shown/cup.png") is read.file_of("gone.png") is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 and nothing else", "packed_damaged"),
        (zip_of(("walks.toml", STUDY))[:-30], "packed_damaged"),
        (zip_of(("/etc/walks.toml", STUDY)), "packed_outside"),
        (zip_of(("a/../../walks.toml", STUDY)), "packed_outside"),
        (zip_of(("a\\walks.toml", STUDY)), "packed_outside"),
        (zip_of(("c:walks.toml", STUDY)), "packed_outside"),
        (zip_of(("notes.txt", b"tea")), "no_study_packed"),
        (zip_of(("tea.toml", b'construct = "tea"')), "no_study_packed"),
        (zip_of(("a.toml", STUDY), ("b.toml", STUDY)), "several_studies_packed"),
        (zip_of(("walks.toml", "slug = 'ä'".encode("cp1252"))), "not_utf8"),
        (zip_of(("walks.toml", b"#" * 1_000_001)), "packed_too_large"),
        (zip_of(*((f"{n}.txt", b"") for n in range(1_001))), "packed_too_large"),
    ],
)
def test_a_packed_file_that_cannot_be_used_is_refused_with_a_code(content, code):
    with pytest.raises(InstrumentFileError) as refused:
        read_packed(content, file="mine.zip")
    assert refused.value.code == code


def test_a_bomb_is_refused_before_it_is_unpacked_and_one_that_lies_is_cut_off(monkeypatch):
    bomb = zip_of(("walks.toml", STUDY), ("zeros.png", bytes(packed.MOST_UNPACKED + 1)))
    assert len(bomb) < 200_000
    with pytest.raises(InstrumentFileError) as refused:
        read_packed(bomb, file="bomb.zip")
    assert refused.value.code == "packed_too_large"
    # A file of which the list says that it is small.
    size = (1_000_000).to_bytes(4, "little")
    lying = zip_of(("walks.toml", b"#" * 1_000_000)).replace(size, (10).to_bytes(4, "little"))
    with pytest.raises(InstrumentFileError) as refused:
        read_packed(lying, file="lying.zip")
    assert refused.value.code == "packed_damaged"


@pytest.mark.django_db
def test_damaged_packed_files_are_read_or_refused():
    whole = zip_of(("tea-1.0.toml", b'construct = "tea"'), ("walks.toml", STUDY))
    dice = random.Random(7)
    for _ in range(300):
        one = bytearray(whole)
        for _ in range(dice.randint(1, 6)):
            one[dice.randrange(len(one))] = dice.randrange(256)
        with pytest.raises(MaterialsError):
            read_packed_files(content=bytes(one), name="mine.zip")


@pytest.mark.django_db
def test_rest_gives_and_takes_the_same_file_as_page_and_command(client, tmp_path):
    client.force_login(make_user("ada"))
    call_command("load_study", str(write_poster_study(tmp_path)), "--owner", "ada", verbosity=0)
    (definition,) = published_instruments({"posters"})
    page = client.get("/studies/posters/study.zip").content
    answer = client.get("/api/studies/posters/export/?form=zip")
    assert answer["Content-Type"] == "application/zip"
    call_command("export_study", "posters", "--out", str(tmp_path / "again.zip"), verbosity=0)
    given = {
        members_of(one) for one in (page, answer.content, (tmp_path / "again.zip").read_bytes())
    }
    assert len(given) == 1

    # What is there is changed by it; what is not there is made of it, pictures included.
    assert (
        sent(
            partial(client.generic, "PUT"), "/api/studies/posters/packed/", answer.content
        ).status_code
        == 200
    )
    emptied()
    made = sent(partial(client.generic, "POST"), "/api/studies/packed/", answer.content)
    assert (made.status_code, made.json()["slug"]) == (201, "posters")
    assert published_instruments({"posters"}) == [definition]
    assert MediaFile.objects.count() == len(FILES)
    assert (
        sent(partial(client.generic, "POST"), "/api/studies/packed/", answer.content).status_code
        == 409
    )


@pytest.mark.django_db
def test_rest_says_everything_that_is_wrong_with_a_packed_study_and_stores_nothing(client):
    client.force_login(make_user("ada"))
    bad = zip_of(("study.toml", STUDY), ("tea.toml", b'construct = "tea"\nitems = []'))
    answer = sent(partial(client.generic, "POST"), "/api/studies/packed/", bad)
    assert answer.status_code == 400
    paths = [one["path"] for one in answer.json()["errors"]["study"]]
    assert any(one.startswith("tea.toml: ") for one in paths)
    assert any(one.startswith("study.toml: ") for one in paths)
    outside = sent(
        partial(client.generic, "POST"), "/api/studies/packed/", zip_of(("../walks.toml", STUDY))
    )
    assert [one["code"] for one in outside.json()["errors"]["study"]] == ["packed_outside"]
    assert not Study.objects.exists()


@pytest.mark.django_db
def test_a_stranger_changes_no_draft_by_a_packed_file(client, tmp_path):
    make_user("ada")
    call_command("load_study", str(write_poster_study(tmp_path)), "--owner", "ada", verbosity=0)
    client.force_login(make_user("stranger"))
    answer = sent(
        partial(client.generic, "PUT"),
        "/api/studies/posters/packed/",
        zip_of(("study.toml", STUDY)),
    )
    assert answer.status_code == 404


def sent(method, address, content):
    body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("study.zip", content)})
    return method(address, body, content_type=MULTIPART_CONTENT)


def members_of(content: bytes) -> tuple[tuple[str, bytes], ...]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return tuple((name, archive.read(name)) for name in archive.namelist())


ALIKE = """slug = "{slug}"
version = "1.0"
construct = "{slug}"
languages = ["en"]
licence = "CC0-1.0"
citation = "Written for a test."
wording_note = "Own wording."
title.en = "Posters"
instruction.en = "Look at the poster."
orientation.en = "High: liked."

[[response_scales]]
key = "liking"
options = [{{ value = 1, label.en = "no" }}, {{ value = 2, label.en = "yes" }}]

[[items]]
key = "liked"
response_scale = "liking"
text.en = "Do you like it?"
media = [{{ file = "poster.png", alt.en = "A poster" }}]
"""


@pytest.mark.django_db
def test_different_pictures_of_one_name_stay_apart_on_their_way(client, tmp_path):
    """Each instrument was written in a folder of its own."""
    client.force_login(make_user("ada"))
    for number, slug in enumerate(("north", "south")):
        folder = tmp_path / slug
        folder.mkdir()
        (folder / "poster.png").write_bytes(picture("PNG", colour=number))
        (folder / f"{slug}.toml").write_text(ALIKE.format(slug=slug))
        call_command("load_instruments", str(folder / f"{slug}.toml"), verbosity=0)
    before = published_instruments({"north", "south"})
    blocks = [
        {"key": slug, "instrument": slug, "version": "1.0", "items_per_page": 8, "shuffle": False}
        for slug in ("north", "south")
    ]
    study = {"slug": "both", "version": "1.0", "languages": ["en"], "title": {"en": "Both"}}
    client.post("/api/studies/", {**study, "blocks": blocks}, content_type="application/json")
    content = client.get("/api/studies/both/export/?form=zip").content
    call_command("export_study", "both", "--out", str(tmp_path / "both.toml"), verbosity=0)
    emptied()

    made = sent(partial(client.generic, "POST"), "/api/studies/packed/", content)
    assert made.status_code == 201, made.content
    assert published_instruments({"north", "south"}) == before
    emptied()
    call_command("load_study", str(tmp_path / "both.toml"), "--owner", "ada", verbosity=0)
    assert published_instruments({"north", "south"}) == before
    assert MediaFile.objects.count() == 2
