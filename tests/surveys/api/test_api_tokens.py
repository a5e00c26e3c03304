"""Programs use REST by tokens: given once, good for what they were given for, at an end in time."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from factories import TESTER
from queries import queries_of

from surveys.models import Action, ApiToken, AuditEntry
from surveys.services.access.tokens import create_token, revoke_token

pytestmark = pytest.mark.django_db


def given(user, *scopes, days=30):
    token, told = create_token(user=user, name="R", scopes=scopes, days=days, by=TESTER)
    return token, {"Authorization": f"Bearer {told}"}


def test_a_token_does_what_its_user_may_and_only_what_it_is_good_for(client, open_study, owner):
    _token, reads = given(owner, "read")
    one = f"/api/studies/{open_study.slug}/"
    assert client.get(one, headers=reads).json()["slug"] == open_study.slug
    for address, scope in (
        ("/api/answers/", "people"),
        (f"/api/people/?study={open_study.slug}", "people"),
        (f"{one}exports/", "people"),
    ):
        refused = client.get(address, headers=reads)
        assert (refused.status_code, refused.json()["code"]) == (403, "out_of_scope")
        assert scope in refused.json()["detail"]
    assert client.post(f"{one}archive/", headers=reads).json()["code"] == "out_of_scope"
    _token, writes = given(owner, "read", "write", "people")
    assert client.get("/api/answers/", headers=writes).status_code == 200
    # Without a cookie nobody can be made to send it by a page of somebody else: no CSRF token.
    facts = client.patch(
        f"{one}facts/", {"funding": "None"}, content_type="application/json", headers=writes
    )
    assert facts.status_code == 200
    assert AuditEntry.objects.filter(action=Action.FACTS_STATED, actor=owner).exists()
    assert client.post("/api/panels/7/run/", headers=writes).json()["code"] == "out_of_scope"


def test_what_deletes_answers_of_people_needs_a_token_that_is_good_for_them(
    client, open_study, owner
):
    address, days = f"/api/studies/{open_study.slug}/retention/", {"days": 1, "delete": "answers"}
    for scopes, status in ((("read", "write"), 403), (("read", "write", "people"), 200)):
        _token, headers = given(owner, *scopes)
        answer = client.put(address, days, content_type="application/json", headers=headers)
        assert answer.status_code == status
        open_study.refresh_from_db()
        assert open_study.answers_deleted is (status == 200)


def test_a_strangers_token_finds_nothing(client, open_study, stranger):
    _token, headers = given(stranger, "read", "people")
    assert client.get(f"/api/studies/{open_study.slug}/", headers=headers).status_code == 404


def test_a_token_that_opens_nothing_is_told_why(client, owner):
    token, headers = given(owner, "read")
    assert client.get("/api/studies/").status_code == 401
    unknown = client.get("/api/studies/", headers={"Authorization": "Bearer counterpart_x"})
    assert (unknown.status_code, unknown.json()["code"]) == (401, "token_unknown")
    assert unknown.headers["WWW-Authenticate"] == "Bearer"
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get("/api/studies/", headers=headers).json()["code"] == "token_expired"
    assert revoke_token(token=token, by=TESTER)
    assert not revoke_token(token=token, by=TESTER)
    assert client.get("/api/studies/", headers=headers).json()["code"] == "token_revoked"
    owner.is_active = False
    owner.save()
    assert client.get("/api/studies/", headers=headers).json()["code"] == "token_unknown"


def test_only_its_hash_is_kept_and_the_log_knows_no_more(owner):
    _token, headers = given(owner, "read")
    told = headers["Authorization"].removeprefix("Bearer ")
    kept = json.dumps(list(ApiToken.objects.values()), default=str)
    logged = json.dumps(list(AuditEntry.objects.values()), default=str)
    assert told not in kept + logged
    assert told[16:] not in kept + logged
    assert AuditEntry.objects.get(action=Action.TOKEN_CREATED).after["scopes"] == ["read"]


def test_its_use_is_noted_once_an_hour(client, owner):
    _token, headers = given(owner, "read")
    client.get("/api/studies/", headers=headers)
    first = ApiToken.objects.get().last_used_at
    again = queries_of(lambda: client.get("/api/studies/", headers=headers))
    assert ApiToken.objects.get().last_used_at == first
    assert again <= 4


def test_a_token_is_made_and_taken_back_on_the_page_of_its_user(client, owner, stranger):
    client.force_login(owner)
    page = reverse("surveys:tokens")
    assert page in client.get("/").content.decode()
    sent = {"name": "Notebook", "scopes": ["read", "people"], "days": "10"}
    made = client.post(page, sent)
    token = ApiToken.objects.get()
    told = made.content.decode().partition('code-chip">')[2].partition("<")[0]
    assert client.get("/api/answers/", headers={"Authorization": f"Bearer {told}"})
    assert "no-store" in made.headers["Cache-Control"]
    assert told not in client.get(page).content.decode()
    assert client.post(page, {"name": "", "days": "999"}).status_code == 422
    client.force_login(stranger)
    assert client.post(reverse("surveys:revoke_token", args=[token.pk])).status_code == 404
    client.force_login(owner)
    client.post(reverse("surveys:revoke_token", args=[token.pk]))
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_a_token_is_made_by_command(client, owner, capsys):
    call_command("create_token", "owner", scope=["read", "write"], days=5, json=True)
    made = json.loads(capsys.readouterr().out)
    assert made["scopes"] == ["read", "write"]
    answer = client.get("/api/studies/", headers={"Authorization": f"Bearer {made['token']}"})
    assert answer.status_code == 200
    with pytest.raises(CommandError, match="token_terms"):
        call_command("create_token", "owner", days=1000)
    with pytest.raises(CommandError, match="owner_unknown"):
        call_command("create_token", "nobody")
