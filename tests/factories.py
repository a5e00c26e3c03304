"""The cast of the tests: an owner, a collaborator, a stranger who must see nothing, one study."""

from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client
from django.urls import reverse

from surveys import selectors, services
from surveys.instrument_files import StudyDefinition, bundled_instruments, bundled_study
from surveys.models import Administration, Door, Membership, RecruitingLink, Study
from surveys.presentation import Page
from surveys.services import GivenAnswer
from surveys.services.audit import Actor
from surveys.services.rehearsal import read_form

# Who does what the tests prepare.
TESTER = Actor(Door.COMMAND, name="tester")
PASSWORD = "correct horse battery staple"
# One round: a slow hash protects nobody here.
HASH = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)


def make_user(username: str) -> AbstractBaseUser:
    return get_user_model().objects.create(username=username, password=HASH)


def asked_by_somebody(definition: StudyDefinition) -> StudyDefinition:
    """The study with a contact where the bundled one leaves a place to be filled in."""
    consent = replace(definition.consent, contact="Laboratory of Tests, lab@example.org")
    return replace(definition, consent=consent)


def make_draft(owner: AbstractBaseUser, definition: StudyDefinition | None = None) -> Study:
    for instrument in bundled_instruments():
        services.publish_instrument(definition=instrument, by=TESTER)
    definition = asked_by_somebody(definition or bundled_study("privacy-prosocial"))
    return services.create_study(definition=definition, owner=owner, by=TESTER)


def make_link(study: Study, **options) -> RecruitingLink:
    return services.create_link(study=study, label="Poster", **options, by=TESTER)


def make_person(
    link: RecruitingLink, language: str = "en", recruiter_id: str = ""
) -> Administration:
    text = selectors.consent_text(link.study, language)
    return services.enrol_person(link=link, consent_text=text, recruiter_id=recruiter_id)


def answer_everything(administration: Administration, code: int = 2) -> None:
    order = selectors.presentation_of(administration).order
    answers = [GivenAnswer(ref, code) for ref in order]
    services.record_answers(
        administration=administration, answers=answers, idempotency_key="everything"
    )


def personal(name: str, administration: Administration, **kwargs) -> str:
    return reverse(f"surveys:{name}", kwargs={"token": administration.token, **kwargs})


def page_of(administration: Administration, number: int) -> Page:
    return selectors.presentation_of(administration).pages[number - 1]


def filled_in(client: Client, administration: Administration, number: int, code: int = 2) -> dict:
    """What the browser sends when every question of the page is answered with `code`."""
    page = client.get(personal("page", administration, number=number))
    answers = {q.ref: code for q in page_of(administration, number).questions}
    return {**read_form(page.content.decode()).hidden, **answers}


@pytest.fixture
def owner(db: None) -> AbstractBaseUser:
    return make_user("owner")


@pytest.fixture
def collaborator(db: None) -> AbstractBaseUser:
    return make_user("collaborator")


@pytest.fixture
def stranger(db: None) -> AbstractBaseUser:
    return make_user("stranger")


@pytest.fixture
def draft_study(owner: AbstractBaseUser, collaborator: AbstractBaseUser) -> Study:
    study = make_draft(owner)
    services.add_member(
        study=study, user=collaborator, role=Membership.Role.COLLABORATOR, by=TESTER
    )
    return study


@pytest.fixture
def open_study(draft_study: Study) -> Study:
    """The bundled study, open, with owner and collaborator."""
    return services.open_study(study=draft_study, by=TESTER)


@pytest.fixture
def link(open_study: Study) -> RecruitingLink:
    return make_link(open_study)


@pytest.fixture
def person(link: RecruitingLink) -> Administration:
    """Somebody who has consented and answered nothing yet."""
    return make_person(link)
