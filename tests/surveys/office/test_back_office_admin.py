"""Django's admin keeps accounts, shows how far studies are, and nothing of people."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from factories import HASH, answer_everything


@pytest.fixture
def admin(db) -> Client:
    user = get_user_model().objects.create(
        username="admin", password=HASH, is_staff=True, is_superuser=True
    )
    client = Client()
    client.force_login(user)
    return client


def test_even_an_administrator_only_looks_and_at_nothing_that_people_said(admin, person):
    answer_everything(person)
    for model in ("instrumentversion", "study", "auditentry"):
        assert admin.get(f"/admin/surveys/{model}/").status_code == 200
        assert admin.get(f"/admin/surveys/{model}/add/").status_code == 403
    for model in ("recruitinglink", "respondent", "administration", "answer", "importedfile"):
        assert admin.get(f"/admin/surveys/{model}/").status_code == 404
    for address in ("llm_respondents/attempt/", "llm_respondents/panelmember/"):
        assert admin.get(f"/admin/{address}").status_code == 404
    assert admin.get("/admin/otp_totp/totpdevice/").status_code == 404


def test_an_administrator_is_a_stranger_to_studies(admin, open_study):
    assert admin.get(f"/studies/{open_study.slug}/").status_code == 404
    assert admin.get(f"/api/studies/{open_study.slug}/").status_code == 404
    assert admin.get("/api/studies/").json()["results"] == []
