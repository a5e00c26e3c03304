"""A draft is made, changed, copied and amended; what is frozen stays as it is."""

from dataclasses import replace

import pytest
from factories import TESTER, answer_everything, make_link, make_person
from own_studies import INSTRUMENTS, STUDY

from surveys import services
from surveys.errors import InstrumentError, StudyError, StudyNotReady
from surveys.instrument_files import parse_draft, parse_instrument
from surveys.models import Action, Membership, RecruitingLink, Study
from surveys.selectors import questionnaire
from surveys.services import Materials, MaterialsError, SourceFile
from surveys.services.definitions import readiness, study_definition

pytestmark = pytest.mark.django_db

FILES = [SourceFile(f"{slug}.toml", text) for slug, text in INSTRUMENTS.items()]


def read(text: str = STUDY) -> Materials:
    return services.read_files(study=SourceFile("walks.toml", text), instruments=FILES)


@pytest.fixture
def walks(owner) -> Study:
    return services.make_draft(materials=read(), owner=owner, by=TESTER)


def refused(use_case, **given) -> str:
    with pytest.raises((StudyError, InstrumentError)) as error:
        use_case(**given, by=TESTER)
    return error.value.code


def test_what_is_stored_is_what_was_written(walks):
    instruments = [parse_instrument(text) for text in INSTRUMENTS.values()]
    assert study_definition(walks) == parse_draft(STUDY, instruments=instruments).definition
    assert [len(block.questions) for block in questionnaire(walks, "de").blocks] == [8, 4]


@pytest.mark.parametrize(
    ("gone", "places"),
    [
        (STUDY[STUDY.index("[consent]") : STUDY.index("[[blocks]]")], ["consent"]),
        (STUDY[STUDY.index("[[blocks]]") : STUDY.index("[[demog")], ["blocks"]),
        ('text.de = "Bitte wählen Sie hier Stufe 4."', ["attention_checks[pick].text.de"]),
        (', de = "Ich möchte teilnehmen."', ["consent.statement.de"]),
        (', de = "Eine Studie über das Gehen"', ["title.de"]),
    ],
)
def test_an_unfinished_draft_is_kept_as_it_is_and_does_not_open(owner, gone, places):
    materials = read(STUDY.replace(gone, ""))
    study = services.make_draft(materials=materials, owner=owner, by=TESTER)
    assert study_definition(study) == materials.definition
    with pytest.raises(StudyNotReady) as error:
        services.open_study(study=study, by=TESTER)
    assert error.value.code == "study_incomplete"
    assert [problem.where for problem in error.value.problems] == places
    services.change_draft(study=study, materials=read(), by=TESTER)
    assert services.open_study(study=study, by=TESTER).is_open


def test_a_change_is_logged_once_and_replaces_everything(walks):
    materials = read(STUDY.replace("minutes = 2", "minutes = 9").replace("items_per_page = 8", ""))
    services.change_draft(study=walks, materials=materials, by=TESTER)
    changed = services.change_draft(study=walks, materials=materials, by=TESTER)
    assert study_definition(changed) == materials.definition
    assert walks.log.filter(action=Action.DRAFT_SAVED).count() == 1


def test_a_frozen_study_is_never_changed(walks):
    checksum = services.open_study(study=walks, by=TESTER).checksum
    assert refused(services.change_draft, study=walks, materials=read()) == "study_is_frozen"
    walks.refresh_from_db()
    assert walks.checksum == checksum


def test_a_draft_keeps_its_name_and_nobody_takes_anothers(walks, stranger):
    other = read(STUDY.replace('slug = "walks"', 'slug = "strolls"'))
    assert refused(services.change_draft, study=walks, materials=other) == "name_differs"
    mine = {"materials": read(), "owner": stranger}
    assert refused(services.load_draft, **mine) == "study_exists"
    assert refused(services.make_draft, **mine) == "study_exists"


def test_published_words_are_not_changed_by_a_study_that_brings_others(walks, owner):
    changed = FILES[0].text.replace("Walking clears", "Walking empties")
    files = [SourceFile("on-foot.toml", changed), FILES[1]]
    materials = services.read_files(study=SourceFile("walks.toml", STUDY), instruments=files)
    assert refused(services.load_draft, materials=materials, owner=owner) == "version_is_frozen"


def test_all_files_are_said_at_once():
    broken = SourceFile("on-foot.toml", INSTRUMENTS["on-foot"].replace("construct", "konstrukt"))
    study = SourceFile("walks.toml", STUDY.replace("minutes = 2", "minutes = 0"))
    with pytest.raises(MaterialsError) as error:
        services.read_files(study=study, instruments=[broken, FILES[1]])
    said = {(one["file"], one["path"]) for one in error.value.details["problems"]}
    assert said == {
        ("on-foot.toml", "construct"),
        ("on-foot.toml", "konstrukt"),
        ("walks.toml", "settings.minutes"),
    }


def placeholder(owner) -> Study:
    materials = read(STUDY.replace("walks@example.org", "[e-mail]"))
    return services.make_draft(materials=materials, owner=owner, by=TESTER)


def test_a_place_left_to_be_filled_in_keeps_real_people_out(owner):
    study = placeholder(owner)
    assert refused(services.open_study, study=study) == "placeholder_left"
    study = services.open_study(study=study, people=False, by=TESTER)
    assert (study.is_open, study.people_may_begin) == (True, False)
    assert refused(services.create_link, study=study, label="Poster") == "placeholder_left"
    answer_everything(make_person(make_link(study, simulated=True)))


def test_a_link_from_before_lets_nobody_in(owner, client):
    study = services.open_study(study=placeholder(owner), people=False, by=TESTER)
    link = RecruitingLink.objects.create(study=study, label="From before")
    page = client.get(f"/s/{link.token}/")
    assert page.status_code == 403
    assert "has not begun yet" in page.content.decode()
    with pytest.raises(StudyError) as error:
        make_person(link)
    assert error.value.code == "people_kept_out"
    assert not study.respondents.exists()


def test_a_study_without_places_opens_to_people_also_where_nobody_asked_for_them(walks):
    assert services.open_study(study=walks, people=False, by=TESTER).people_may_begin


def test_a_copy_is_a_draft_of_the_same_content(walks, collaborator):
    services.open_study(study=walks, by=TESTER)
    copy = services.copy_study(study=walks, slug="walks-again", owner=collaborator, by=TESTER)
    assert study_definition(copy) == replace(study_definition(walks), slug="walks-again")
    assert (copy.status, list(copy.members.all())) == ("draft", [collaborator])
    given = {"study": walks, "owner": collaborator}
    assert refused(services.copy_study, slug="walks", **given) == "study_exists"
    assert refused(services.copy_study, slug="Walks!", **given) == "name_malformed"


def test_a_new_version_amends_a_frozen_study_for_the_same_members(walks, owner, collaborator):
    given = {"study": walks, "owner": owner}
    assert refused(services.new_version, version="2.0", **given) == "not_frozen"
    services.add_member(study=walks, user=collaborator, role="editor", by=TESTER)
    person = make_person(make_link(services.open_study(study=walks, by=TESTER)))
    walks.refresh_from_db()
    given["study"] = walks
    assert refused(services.new_version, version="1.0", **given) == "same_version"
    assert refused(services.new_version, version="two", **given) == "name_malformed"
    second = services.new_version(version="2.0", by=TESTER, **given)
    assert (second.slug, second.previous, second.status) == ("walks-v2-0", walks, "draft")
    assert second.memberships.get(user=collaborator).role == Membership.Role.EDITOR
    answer_everything(person)
    second = services.open_study(study=second, by=TESTER)
    assert (
        services.new_version(study=second, version="3", owner=owner, by=TESTER).slug == "walks-v3"
    )


def test_an_open_study_is_not_archived_and_an_archived_one_comes_back(walks):
    services.open_study(study=walks, by=TESTER)
    assert refused(services.archive_study, study=walks) == "study_is_open"
    services.close_study(study=walks, by=TESTER)
    assert services.archive_study(study=walks, by=TESTER).archived_at
    assert services.restore_study(study=walks, by=TESTER).archived_at is None
    actions = list(walks.log.order_by("pk").values_list("action", flat=True))[-2:]
    assert actions == [Action.STUDY_ARCHIVED, Action.STUDY_RESTORED]


def test_only_an_empty_study_is_deleted(walks):
    link = make_link(services.open_study(study=walks, by=TESTER))
    make_person(link)
    assert refused(services.delete_study, study=walks) == "study_not_empty"
    walks.respondents.all().delete()
    services.delete_study(study=walks, by=TESTER)
    assert not Study.objects.exists()


def test_what_is_missing_is_read_off_the_rows(walks):
    assert readiness(walks).lacking == ()
    walks.consent_texts.filter(language="de").update(information="")
    (problem,) = readiness(walks).lacking
    assert problem.where == "consent.information.de"
