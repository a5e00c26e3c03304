"""Owner, collaborator, stranger: who sees and steers a study."""

import pytest
from django.test import Client
from django.urls import reverse
from factories import PASSWORD, TESTER, asked_by_somebody, make_link

from surveys import services
from surveys.instrument_files import bundled_study
from surveys.models import Membership, Study


def addresses(study: Study) -> list[str]:
    link = make_link(study)
    names = ("study", "design", "recruit", "team", "open_study", "close_study", "new_link")
    names = (*names, "new_member", "preview", "data")
    pages = [reverse(f"surveys:{name}", args=[study.slug]) for name in names]
    return [*pages, reverse("surveys:link_qr", args=[study.slug, link.pk])]


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_whoever_is_not_logged_in_is_asked_to(client, open_study):
    for address in [*addresses(open_study), "/"]:
        assert client.get(address).url == f"/login/?next={address}"


def test_logging_in_leads_to_the_studies(client, owner):
    response = client.post("/login/", {"username": "owner", "password": PASSWORD})
    assert response.url == reverse("surveys:study_list")


def test_a_wrong_password_is_said_calmly(client, owner):
    response = client.post("/login/", {"username": "owner", "password": "wrong"})
    assert "do not match" in response.content.decode()


def test_a_stranger_gets_404_for_everything(open_study, stranger):
    client = as_user(stranger)
    link = make_link(open_study)
    for address in addresses(open_study):
        assert client.get(address).status_code == 404
    for name in ("open_study", "close_study", "new_link", "new_member"):
        address = reverse(f"surveys:{name}", args=[open_study.slug])
        assert client.post(address).status_code == 404
    switch = reverse("surveys:switch_link", args=[open_study.slug, link.pk])
    assert client.post(switch, {"off": "1"}).status_code == 404
    assert open_study.slug not in client.get("/").content.decode()
    open_study.refresh_from_db()
    assert open_study.is_open
    link.refresh_from_db()
    assert link.active


@pytest.mark.parametrize("who", ["owner", "collaborator"])
def test_owner_and_collaborator_see_the_study_and_its_preview(request, open_study, who):
    client = as_user(request.getfixturevalue(who))
    assert open_study.slug in client.get("/").content.decode()
    for name in ("study", "preview", "new_link"):
        response = client.get(reverse(f"surveys:{name}", args=[open_study.slug]))
        assert response.status_code == 200


def test_a_collaborator_steers_the_study_but_adds_no_member(draft_study, collaborator, stranger):
    client = as_user(collaborator)
    client.post(reverse("surveys:open_study", args=[draft_study.slug]))
    draft_study.refresh_from_db()
    assert draft_study.is_open
    members = reverse("surveys:new_member", args=[draft_study.slug])
    response = client.post(members, {"username": "stranger", "role": "editor"})
    assert response.status_code == 403
    assert "This needs the role “owner”" in response.content.decode()
    assert not draft_study.memberships.filter(user=stranger).exists()


def test_the_owner_lets_somebody_in(open_study, owner, stranger):
    members = reverse("surveys:new_member", args=[open_study.slug])
    response = as_user(owner).post(members, {"username": "stranger", "role": "editor"})
    assert response.url == reverse("surveys:team", args=[open_study.slug])
    assert as_user(stranger).get(response.url).status_code == 200


def test_an_unknown_name_is_said_beside_the_field(open_study, owner):
    members = reverse("surveys:new_member", args=[open_study.slug])
    response = as_user(owner).post(members, {"username": "nobody", "role": "owner"})
    assert response.status_code == 422
    assert "There is no account with this name" in response.content.decode()


def test_the_only_owner_cannot_step_down(open_study, owner):
    members = reverse("surveys:new_member", args=[open_study.slug])
    response = as_user(owner).post(members, {"username": "owner", "role": "editor"})
    assert response.status_code == 422
    assert "the only owner" in response.content.decode()
    assert open_study.memberships.get(user=owner).role == Membership.Role.OWNER


def test_a_link_of_another_study_cannot_be_switched(open_study, owner, stranger, draft_study):
    other = services.create_study(
        definition=asked_by_somebody(bundled_study("privacy-prosocial")),
        owner=stranger,
        slug="other",
        by=TESTER,
    )
    link = make_link(other)
    address = reverse("surveys:switch_link", args=[open_study.slug, link.pk])
    assert as_user(owner).post(address, {"off": "1"}).status_code == 404
    link.refresh_from_db()
    assert link.active
