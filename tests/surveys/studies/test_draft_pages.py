"""The pages on which a study of one's own is written, completed, opened and put away."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from factories import TESTER, make_link, make_person
from own_studies import INSTRUMENTS, STUDY

from surveys import services
from surveys.instrument_files import parse_study
from surveys.models import Study
from surveys.services.definitions import study_definition

pytestmark = pytest.mark.django_db
NEW = "/new-study/"


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office(owner) -> Client:
    return as_user(owner)


def instruments() -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"{k}.toml", text.encode()) for k, text in INSTRUMENTS.items()]


def pasted(office, text=STUDY, **more):
    return office.post(NEW, {"text": text, "instruments": instruments(), **more}, follow=True)


@pytest.fixture
def walks(office) -> Study:
    pasted(office)
    return Study.objects.get()


def page(name, study="walks"):
    return reverse(f"surveys:{name}", args=[study])


def read(response) -> str:
    return response.content.decode()


def test_a_pasted_study_with_its_instruments_becomes_a_draft(office):
    said = read(pasted(office))
    assert "The draft is made." in said
    assert "Nothing is missing" in said
    assert study_definition(Study.objects.get()) == parse_study(STUDY)


def test_an_uploaded_file_is_as_good_as_a_paste(office):
    file = SimpleUploadedFile("walks.toml", STUDY.encode())
    pasted(office, text="", file=file)
    assert study_definition(Study.objects.get()) == parse_study(STUDY)


def test_every_mistake_is_said_beside_what_was_written(office):
    wrong = STUDY.replace("minutes = 2", "minute = 2").replace('kind = "integer"', 'kind = "int"')
    response = pasted(office, wrong)
    said = read(response)
    assert response.status_code == 422
    assert "<code>settings.minute</code>" in said
    assert "did you mean &#x27;minutes&#x27;?" in said
    assert "<code>demographics[age].kind</code>" in said
    assert "minute = 2" in said
    assert not Study.objects.exists()


def test_nothing_at_all_and_no_toml_are_said(office):
    assert "Write the study, or choose its file." in read(office.post(NEW, {"text": " "}))
    said = read(office.post(NEW, {"text": "title ="}))
    assert "<code>not_toml</code>" in said


def test_a_name_that_is_taken_is_said(office, walks):
    response = pasted(office)
    assert response.status_code == 422
    assert "There is a study walks already" in read(response)


def test_the_draft_lists_what_is_missing_until_it_is_written(office):
    pasted(office, STUDY.replace("walks@example.org", "[e-mail]").replace("after = 3", "after = 9"))
    for name in ("design", "edit_study", "open_study"):
        said = read(office.get(page(name)))
        assert "[e-mail] still stands in square brackets" in said
        assert "the block has 8 items" in said
    assert "Open and freeze" not in said
    response = office.post(page("edit_study"), {"text": STUDY.replace("\n", "\r\n")}, follow=True)
    assert "Nothing is missing" in read(response)
    assert study_definition(Study.objects.get()) == parse_study(STUDY)


def test_the_text_that_is_edited_is_the_study(office, walks):
    said = office.get(page("edit_study")).context["form"].initial["text"]
    assert parse_study(said) == parse_study(STUDY)
    file = office.get(page("study_file"))
    assert 'filename="walks.toml"' in file["Content-Disposition"]
    assert parse_study(read(file)) == parse_study(STUDY)


def test_opening_says_what_locks_first(office, walks):
    said = read(office.get(page("open_study")))
    assert "information, consent and contact" in said
    assert "Open and freeze" in said
    assert "are in English" not in said
    walks.languages = [*walks.languages, "sw", "pt-BR", "de-AT"]
    walks.save()
    assert "In sw the buttons and notes" in read(office.get(page("open_study")))
    walks.languages = walks.languages[:-3]
    walks.save()
    office.post(page("open_study"))
    walks.refresh_from_db()
    assert (walks.is_open, walks.people_may_begin) == (True, True)
    assert office.get(page("edit_study")).url == page("new_version")


def test_a_place_left_to_be_filled_in_opens_for_rehearsals_only(office):
    pasted(office, STUDY.replace("walks@example.org", "[e-mail]"))
    response = office.post(page("open_study"), follow=True)
    assert "cannot be given to real people" in read(response)
    response = office.post(page("open_study"), {"rehearsal": "1"}, follow=True)
    assert "no real person can begin it" in read(response)
    link = {"label": "Poster", "kind": "open"}
    response = office.post(page("new_link"), link)
    assert response.status_code == 422
    assert "cannot be given to real people" in read(response)
    assert office.post(page("new_link"), {**link, "simulated": "on"}).status_code == 302


def test_a_copy_and_a_new_version_are_drafts(office, walks):
    assert "Lower-case words" in read(office.get(page("copy_study")))
    assert office.post(page("copy_study"), {"slug": "walks"}).status_code == 422
    copied = office.post(page("copy_study"), {"slug": "strolls"})
    assert copied.url == page("study", "strolls")
    office.post(page("open_study"))
    made = office.post(page("new_version"), {"version": "2.0"}, follow=True)
    assert f'Amends <a href="{page("study")}">walks</a>' in read(made)
    assert sorted(Study.objects.values_list("slug", "status")) == [
        ("strolls", "draft"),
        ("walks", "open"),
        ("walks-v2-0", "draft"),
    ]


def test_an_archived_study_is_on_a_page_of_its_own(office, walks):
    office.post(page("archive_study"))
    said = read(office.get("/"))
    assert f'href="{page("study")}"' not in said
    assert "One archived study" in said
    assert page("study") in read(office.get("/?archived=1"))
    office.post(page("archive_study"), {"restore": "1"})
    assert page("study") in read(office.get("/"))


def test_an_empty_study_is_deleted_after_asking_and_another_is_not(office, walks):
    assert "Delete for good" in read(office.get(page("delete_study")))
    assert Study.objects.exists()
    make_person(make_link(services.open_study(study=walks, by=TESTER)))
    assert "archive it instead" in read(office.post(page("delete_study"), follow=True))
    walks.respondents.all().delete()
    assert "The study is deleted." in read(office.post(page("delete_study"), follow=True))
    assert not Study.objects.exists()


def test_a_stranger_finds_nothing_and_a_collaborator_deletes_nothing(walks, stranger, collaborator):
    names = ("edit_study", "study_file", "copy_study", "new_version", "delete_study")
    for name in names:
        assert as_user(stranger).get(page(name)).status_code == 404
    for name in ("edit_study", "copy_study", "new_version", "archive_study", "delete_study"):
        assert as_user(stranger).post(page(name)).status_code == 404
    services.add_member(study=walks, user=collaborator, role="editor", by=TESTER)
    for name in names[:4]:
        assert as_user(collaborator).get(page(name)).status_code == 200
    assert as_user(collaborator).post(page("delete_study")).status_code == 403
    assert Client().get(NEW).url == f"/login/?next={NEW}"


def test_the_pages_speak_german(office, walks):
    office.cookies["django_language"] = "de"
    assert "Neue Studie" in read(office.get("/"))
    assert "Es fehlt nichts" in read(office.get(page("design")))
    assert "Was dann nicht mehr geändert werden kann" in read(office.get(page("open_study")))
    said = read(office.post(NEW, {"text": STUDY.replace("minutes", "minute")}))
    assert "ist &#x27;minutes&#x27; gemeint?" in said


def test_a_new_study_begins_with_a_text_that_can_be_saved_as_it_stands(office):
    text = office.get(NEW).context["form"].initial["text"]
    said = read(office.post(NEW, {"text": text}, follow=True))

    assert "The draft is made." in said
    assert "nothing is asked yet; add a block" in said
    assert "[Name, institution, e-mail] still stands in square brackets" in said
