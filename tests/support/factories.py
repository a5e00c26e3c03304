"""The cast of the tests: an owner, a collaborator, a stranger who must see nothing, one study."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from surveys import selectors, services
from surveys.instrument_files import StudyDefinition, bundled_instruments, bundled_study
from surveys.models import (
    Administration,
    AuditEntry,
    Door,
    Instrument,
    Membership,
    RecruitingLink,
    Study,
)
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
    link: RecruitingLink, language: str = "en", recruiter_id: str = "", *, test: bool = False
) -> Administration:
    text = selectors.consent_text(link.study, language)
    return services.enrol_person(link=link, consent_text=text, recruiter_id=recruiter_id, test=test)


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


@dataclass(frozen=True)
class KeptStudy:
    """The rows that the services wrote when a study was first made; a copy takes a fifth of it."""

    slug: str
    rows: dict[type[Model], list[Model]]
    users: dict[int, str]

    def restore(self) -> Study:
        """The study once more, with the same keys, of today's users of the same names."""
        now = dict(get_user_model().objects.values_list("username", "pk"))
        users = {then: now[name] for then, name in self.users.items()}
        with transaction.atomic():
            for model, rows in self.rows.items():
                model._base_manager.bulk_create(_copied(model, rows, users))
        return Study.objects.get(slug=self.slug)


def _copied(model: type[Model], rows: list[Model], users: dict[int, int]) -> list[Model]:
    user = get_user_model()
    of_users = [one.attname for one in model._meta.concrete_fields if one.related_model is user]
    made = [copy(row) for row in rows]
    for row in made:
        for name in of_users:
            setattr(row, name, users.get(getattr(row, name)))
    return made


def _own_models() -> list[type[Model]]:
    """Every table of the project."""
    own = {"surveys", "llm_respondents", "analysis"}
    models = apps.get_models(include_auto_created=True)
    return [model for model in models if model._meta.app_label in own]


_kept: dict[str, KeptStudy] = {}


def made_once(name: str, make: Callable[[], Study]) -> Study:
    """What `make` makes of a database without a study: by the services, then from their rows."""
    if any(model._base_manager.exists() for model in (Study, Instrument, AuditEntry)):
        return make()
    if name in _kept:
        return _kept[name].restore()
    study = make()
    rows = {model: list(model._base_manager.order_by("pk")) for model in _own_models()}
    users = dict(get_user_model().objects.values_list("pk", "username"))
    _kept[name] = KeptStudy(study.slug, {model: of for model, of in rows.items() if of}, users)
    return study


def make_study_of_two(owner: AbstractBaseUser, collaborator: AbstractBaseUser) -> Study:
    """The bundled study as a draft of the two."""
    study = make_draft(owner)
    services.add_member(study=study, user=collaborator, role=Membership.Role.EDITOR, by=TESTER)
    return study


@pytest.fixture
def draft_study(owner: AbstractBaseUser, collaborator: AbstractBaseUser) -> Study:
    return made_once("draft", lambda: make_study_of_two(owner, collaborator))


@pytest.fixture
def open_study(
    request: pytest.FixtureRequest, owner: AbstractBaseUser, collaborator: AbstractBaseUser
) -> Study:
    """The bundled study, open, with owner and collaborator; a draft that the test has too."""

    def opened(draft: Study) -> Study:
        return services.open_study(study=draft, by=TESTER)

    if "draft_study" in request.fixturenames:
        return opened(request.getfixturevalue("draft_study"))
    return made_once("open", lambda: opened(make_study_of_two(owner, collaborator)))


@pytest.fixture
def link(open_study: Study) -> RecruitingLink:
    return make_link(open_study)


@pytest.fixture
def person(link: RecruitingLink) -> Administration:
    """Somebody who has consented and answered nothing yet."""
    return make_person(link)
