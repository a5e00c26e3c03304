"""Django's admin shows the schema and changes nothing."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from factories import HASH, answer_everything

from surveys.models import Answer


@pytest.fixture
def admin(db) -> Client:
    user = get_user_model().objects.create(
        username="admin", password=HASH, is_staff=True, is_superuser=True
    )
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "model",
    ["instrumentversion", "study", "recruitinglink", "respondent", "administration", "answer"],
)
def test_even_an_administrator_only_looks(admin, person, model):
    answer_everything(person)
    assert admin.get(f"/admin/surveys/{model}/").status_code == 200
    assert admin.get(f"/admin/surveys/{model}/add/").status_code == 403


def test_no_answer_is_changed_there(admin, person):
    answer_everything(person)
    answer = Answer.objects.first()
    response = admin.post(f"/admin/surveys/answer/{answer.pk}/change/", {"value": 7})
    assert response.status_code == 403
    answer.refresh_from_db()
    assert answer.value == 2


def test_a_persons_token_is_not_shown_there(admin, person):
    page = admin.get(f"/admin/surveys/administration/{person.pk}/change/")
    assert page.status_code == 200
    assert person.token not in page.content.decode()
