"""Accounts: invitations, passwords set anew by mail, a second factor, sessions elsewhere."""

import re
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from factories import PASSWORD, TESTER, make_user

from config.logs import SecretlessFormatter
from surveys.jobs.queue import carry_out
from surveys.models import Action, AuditEntry, Invitation, Job, RecoveryCode
from surveys.services.access.invitations import accept_invitation, invite
from surveys.services.access.members import remove_member, transfer_study
from surveys.services.access.refusals import InvitationError
from surveys.services.audit import page_actor
from surveys.services.rehearsal import read_form

NEW = "a-whole-new-secret-of-mine"


def test_a_link_that_the_mail_server_does_not_take_is_told_with_its_reason(owner, mails, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody is there
    owner.email = "owner@example.org"
    owner.save()
    Client().post(reverse("surveys:forgotten"), {"email": owner.email})
    job = Job.objects.get(kind="new_password")
    assert carry_out.call(job.pk) == "failed"
    page = signed_in(owner).get(reverse("surveys:job", args=[job.pk])).content.decode()
    assert "The mail server did not take the mail; ask for the link again." in page


@pytest.fixture
def mails(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example.org", "office@example.org"
    mail.outbox = []
    return mail.outbox


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def logged_in(**more: str) -> Client:
    """Through the page that asks, as a browser."""
    client = Client()
    client.post("/login/", {"username": "owner", "password": PASSWORD, **more})
    return client


def code_of(device: TOTPDevice, step: int = 0) -> str:
    """What the app shows; each code is good once, so that a later one needs a later step."""
    return f"{totp(device.bin_key, drift=step):06d}"


# --- Invitations


def test_somebody_without_an_account_is_invited_by_mail_and_joins(open_study, owner, mails):
    team = reverse("surveys:new_invitation", args=[open_study.slug])
    asked = {"email": "new@example.org", "role": "analyst", "days": "3"}
    page = signed_in(owner).post(team, asked).content.decode()
    address = re.search(r'value="(http[^"]+/invitation/[^"]+)"', page)[1]
    # A worker mails it, who is told of the address in no words that a database could give away.
    job = Job.objects.get(kind="invitation")
    assert address.rstrip("/").rpartition("/")[2] not in str(vars(job))
    assert not mails
    assert carry_out.call(job.pk) == "done"
    assert address in mails[0].body
    assert mails[0].to == ["new@example.org"]
    token = address.rstrip("/").rpartition("/")[2]
    stored = Invitation.objects.get()
    assert token not in str(vars(stored))
    assert address not in signed_in(owner).get(team.replace("invitations", "team")).content.decode()

    guest, path = Client(), reverse("surveys:invitation", args=[token])
    shown = guest.get(path).content.decode()
    assert 'value="new@example.org"' in shown
    weak = {"username": "newcomer", "email": "", "password1": "short", "password2": "short"}
    assert guest.post(path, weak).status_code == 422
    chosen = {**weak, "email": "new@example.org", "password1": NEW, "password2": NEW}
    answer = guest.post(path, chosen)
    assert answer.url == reverse("surveys:study", args=[open_study.slug])
    assert guest.get(answer.url).status_code == 200
    assert open_study.memberships.get(user__username="newcomer").role == "analyst"
    # Once: nobody else comes in by it, and nothing of a second account is left.
    late = Client().post(path, {**chosen, "username": "second"})
    assert late.status_code == 410
    assert not get_user_model().objects.filter(username="second").exists()
    actions = list(AuditEntry.objects.order_by("-pk").values_list("action", flat=True)[:3])
    assert actions == [Action.INVITATION_ACCEPTED, Action.ACCOUNT_MADE, Action.INVITATION_MADE]
    assert Client().get(reverse("surveys:invitation", args=["nonsense"])).status_code == 404


def test_somebody_with_an_account_joins_and_never_loses_a_role(open_study, owner, stranger):
    _one, told = invite(study=open_study, role="viewer", by=page_actor(owner))
    path = reverse("surveys:invitation", args=[told])
    client = signed_in(stranger)
    assert "Join the study" in client.get(path).content.decode()
    assert client.post(path).url == reverse("surveys:study", args=[open_study.slug])
    assert open_study.memberships.get(user=stranger).role == "viewer"
    _two, again = invite(study=open_study, role="viewer", by=page_actor(owner))
    accept_invitation(told=again, user=owner, by=page_actor(owner))
    assert open_study.memberships.get(user=owner).role == "owner"


def test_a_mail_server_that_is_away_keeps_no_page_waiting_and_is_told(open_study, owner, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    # Nobody listens there.
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.DEFAULT_FROM_EMAIL = "127.0.0.1", 9, "a@b.de"
    client = signed_in(owner)
    asked = {"email": "new@example.org", "role": "analyst", "days": "3"}
    page = client.post(reverse("surveys:new_invitation", args=[open_study.slug]), asked)
    assert "is on its way to new@example.org" in page.content.decode()
    job = Job.objects.get(kind="invitation")
    assert carry_out.call(job.pk) == "failed"
    job.refresh_from_db()
    assert (job.error_code, set(job.parameters)) == ("invitation_not_mailed", {"invitation"})
    team = client.get(reverse("surveys:team", args=[open_study.slug])).content.decode()
    assert "The mail server did not take the mail" in team


def test_an_invitation_ends_by_hand_and_by_time(open_study, owner, stranger):
    one, told = invite(study=open_study, role="viewer", by=page_actor(owner))
    revoke = reverse("surveys:revoke_invitation", args=[open_study.slug, one.pk])
    signed_in(owner).post(revoke)
    two, old = invite(study=open_study, role="viewer", by=page_actor(owner))
    Invitation.objects.filter(pk=two.pk).update(expires_at=timezone.now())
    for token in (told, old):
        with pytest.raises(InvitationError, match="ask for a new one"):
            accept_invitation(told=token, user=stranger, by=page_actor(stranger))
    assert not open_study.memberships.filter(user=stranger).exists()


def test_members_are_removed_leave_and_hand_over_but_somebody_always_owns(
    open_study, owner, collaborator
):
    team = reverse("surveys:team", args=[open_study.slug])
    own = open_study.memberships.get(user=owner)
    other = open_study.memberships.get(user=collaborator)
    page = signed_in(owner).get(team).content.decode()
    assert "the only owner" in page
    drop = reverse("surveys:drop_member", args=[open_study.slug, own.pk])
    kept = signed_in(owner).post(drop, follow=True).content.decode()
    assert "the only owner" in kept
    hand = reverse("surveys:transfer", args=[open_study.slug, other.pk])
    assert "cannot take it back" in signed_in(owner).get(hand).content.decode()
    signed_in(owner).post(hand)
    roles = dict(open_study.memberships.values_list("user__username", "role"))
    assert roles == {"owner": "editor", "collaborator": "owner"}
    assert signed_in(owner).get(hand).status_code == 403
    own.refresh_from_db()
    signed_in(owner).post(drop)
    assert signed_in(owner).get(team).status_code == 404
    done = AuditEntry.objects.filter(study=open_study).values_list("action", flat=True)[:2]
    assert list(done) == [Action.MEMBER_LEFT, Action.STUDY_TRANSFERRED]


def test_rest_keeps_the_team(open_study, owner, stranger):
    api, study = signed_in(owner), f"/api/studies/{open_study.slug}/"
    json = {"content_type": "application/json"}
    set_to = {"user": "stranger", "role": "analyst"}
    found = api.put(f"{study}members/", set_to, **json).json()
    assert {"user": "stranger", "role": "analyst"} in found["members"]
    assert found["acts"]["close"] == ["owner"]
    made = api.post(f"{study}invitations/", {"role": "editor"}, **json).json()
    assert made["address"].startswith("http")
    assert [one["id"] for one in api.get(f"{study}invitations/").json()["invitations"]] == [
        made["id"]
    ]
    assert api.delete(f"{study}invitations/{made['id']}/").status_code == 204
    api.post(f"{study}transfer/", {"user": "stranger"}, **json)
    assert open_study.memberships.get(user=stranger).role == "owner"
    refused = api.delete(f"{study}members/stranger/")
    assert (refused.status_code, refused.json()["code"]) == (403, "role_needed")


def test_who_makes_a_new_version_gets_no_more_than_before(open_study, owner, collaborator):
    made = reverse("surveys:new_version", args=[open_study.slug])
    signed_in(collaborator).post(made, {"version": "2"})
    second = open_study.next_versions.get()
    roles = dict(second.memberships.values_list("user__username", "role"))
    assert roles == {"owner": "owner", "collaborator": "editor"}


# --- Passwords


def test_a_password_is_set_anew_by_mail(owner, mails):
    owner.email = "owner@example.org"
    owner.save()
    elsewhere = signed_in(owner)
    asked = reverse("surveys:forgotten")
    known = Client().post(asked, {"email": "Owner@example.org"}).content.partition(b"<main")[2]
    unknown = Client().post(asked, {"email": "nobody@example.org"}).content.partition(b"<main")[2]
    assert known == unknown
    for job in Job.objects.filter(kind="new_password"):
        assert carry_out.call(job.pk) == "done"
    assert [mail.to for mail in mails] == [["owner@example.org"]]
    address = re.search(r"http\S+", mails[-1].body)[0]
    path = address.partition("8000")[2]
    client = Client()
    form = client.get(path, follow=True)
    assert form.status_code == 200
    where = form.redirect_chain[-1][0]
    changed = {"new_password1": NEW, "new_password2": NEW}
    assert client.post(where, {**changed, "new_password2": "other"}).status_code == 200
    assert client.post(where, changed).url == "/login/"
    assert elsewhere.get("/account/").status_code == 302
    assert "was used" in Client().get(path).content.decode()
    row = AuditEntry.objects.first()
    assert (row.action, row.actor_name, row.study) == (Action.PASSWORD_SET, "owner", None)
    line = SecretlessFormatter("{message}", style="{")
    assert token_of(path) not in line.format(_record(f"GET {path}"))


def token_of(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _record(message: str):
    import logging

    return logging.LogRecord("django.server", logging.INFO, "", 0, message, (), None)


def test_asking_for_links_is_limited_and_silent_without_a_mail_server(owner, mails, settings):
    client, asked = Client(), reverse("surveys:forgotten")
    answers = [client.post(asked, {"email": f"{n}@example.org"}).status_code for n in range(11)]
    assert answers == [200] * 10 + [429]
    settings.EMAIL_HOST = ""
    assert "sends no mail" in Client().get(asked).content.decode()


def test_a_password_is_changed_by_whoever_knows_it_and_sessions_elsewhere_end(owner):
    here, elsewhere = signed_in(owner), signed_in(owner)
    path = reverse("surveys:change_password")
    given = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert "old password" in here.post(path, given).content.decode().lower()
    here.post(path, {**given, "old_password": PASSWORD})
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_the_account_page_ends_other_sessions_and_sets_the_address(owner, stranger):
    here, elsewhere, other = signed_in(owner), signed_in(owner), signed_in(stranger)
    page = here.get("/account/").content.decode()
    assert "signed in at one other place" in page
    here.post(reverse("surveys:end_sessions"))
    assert elsewhere.get("/account/").status_code == 302
    assert other.get("/account/").status_code == 200
    wrong = here.post("/account/", {"email": "me@example.org", "password": "wrong"})
    assert wrong.status_code == 422
    here.post("/account/", {"email": "me@example.org", "password": PASSWORD})
    owner.refresh_from_db()
    assert owner.email == "me@example.org"
    assert "me@example.org" not in str(list(AuditEntry.objects.values_list("after", flat=True)))


# --- The second factor


@pytest.fixture
def codes(owner) -> list[str]:
    """What is shown once when the owner has set a second factor up."""
    client = signed_in(owner)
    path = reverse("surveys:two_factor")
    page = client.get(path).content.decode()
    device = TOTPDevice.objects.get(user=owner)
    assert "<svg" in page
    assert client.post(path, {"code": "000000"}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0)
    page = client.post(path, {"code": code_of(device)}).content.decode()
    found = re.findall(r"<li><code>([a-z2-7-]{19})</code>", page)
    assert len(found) == 10
    assert found[0] not in client.get(path).content.decode()
    return found


def test_signing_in_asks_for_the_code_of_the_app(owner, codes):
    client = logged_in(next="/jobs/")
    assert client.get("/").url == "/login/?next=/"
    assert client.get("/api/studies/").status_code == 401
    code = reverse("surveys:second_factor")
    device = TOTPDevice.objects.get(user=owner)
    assert client.post(code, {"code": "123456"}).status_code == 422
    # After a wrong code the right one waits too: the next is looked at a second later.
    assert client.post(code, {"code": code_of(device, 1)}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0)
    assert client.post(code, {"code": code_of(device, 1)}).url == "/jobs/"
    assert client.get("/api/studies/").status_code == 200
    again = logged_in()
    assert again.post(code, {"code": code_of(device, 1)}).status_code == 422


def test_a_recovery_code_lets_in_once_and_only_its_hash_is_kept(owner, codes):
    code = reverse("surveys:second_factor")
    spelt = codes[0].upper().replace("-", " ")
    assert logged_in().post(code, {"code": spelt}).status_code == 302
    assert logged_in().post(code, {"code": codes[0]}).status_code == 422
    assert logged_in().post(code, {"code": codes[1]}).status_code == 302
    kept = str(list(RecoveryCode.objects.values_list("sha256", flat=True)))
    assert not any(one in kept for one in codes)
    row = AuditEntry.objects.first()
    assert (row.action, row.after) == (Action.RECOVERY_CODE_USED, {"codes_left": 8})


def test_the_code_is_asked_for_ten_times_at_most_and_only_after_the_password(owner, codes):
    assert Client().get(reverse("surveys:second_factor")).url == "/login/"
    client, code = logged_in(), reverse("surveys:second_factor")
    cache.clear()
    answers = [client.post(code, {"code": "no-such-code"}).status_code for _n in range(11)]
    assert answers == [422] * 10 + [429]
    owner.set_password(NEW)
    owner.save()
    assert client.post(code, {"code": codes[2]}).url == "/login/"


def test_it_is_ended_by_whoever_knows_the_password_or_by_a_command(owner, codes):
    client = signed_in(owner)
    end = reverse("surveys:end_two_factor")
    assert client.post(end, {"password": "wrong"}).status_code == 422
    fresh = client.post(reverse("surveys:recovery_codes"), {"password": PASSWORD})
    assert codes[0] not in fresh.content.decode()
    said = StringIO()
    call_command("reset_two_factor", "owner", stdout=said)
    assert "Sessions ended: 2" in said.getvalue()
    assert client.get("/account/").status_code == 302
    assert not TOTPDevice.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert logged_in().get("/account/").status_code == 200
    rows = AuditEntry.objects.values_list("action", "door")
    assert (Action.TWO_FACTOR_ENDED, "command") in rows


def test_setting_it_up_ends_sessions_that_began_without_it(owner):
    elsewhere = signed_in(owner)
    client, path = signed_in(owner), reverse("surveys:two_factor")
    client.get(path)
    device = TOTPDevice.objects.get(user=owner)
    client.post(path, {"code": code_of(device)})
    assert elsewhere.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200
    assert Session.objects.count() == 1


def test_a_site_can_ask_everybody_or_staff_for_it_and_programs_never(owner, settings):
    from surveys.services.access.tokens import create_token

    settings.TWO_FACTOR = "staff"
    client = signed_in(owner)
    assert client.get("/account/").status_code == 200
    settings.TWO_FACTOR = "everyone"
    assert client.get("/").url == reverse("surveys:two_factor")
    refused = client.get("/api/studies/")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")
    with transaction.atomic():
        _one, told = create_token(user=owner, name="R", scopes=["read"], days=1, by=TESTER)
    program = Client(headers={"Authorization": f"Bearer {told}"})
    assert program.get("/api/studies/").status_code == 200
    assert Client().get("/login/").status_code == 200


def test_the_admin_is_entered_through_the_same_page(codes, owner):
    owner.is_staff = owner.is_superuser = True
    owner.save()
    client = logged_in()
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/login/")
    client.post(reverse("surveys:second_factor"), {"code": codes[0]})
    assert client.get("/admin/").status_code == 200


# --- Roles by services


def test_an_editor_lowers_a_cap_and_an_owner_raises_it(open_study, owner, collaborator):
    from decimal import Decimal

    from llm_respondents.services import cap_study_spend
    from surveys.services.access.refusals import RoleNeeded

    editor = page_actor(collaborator)
    cap_study_spend(study=open_study, cap=Decimal(5), by=editor)
    cap_study_spend(study=open_study, cap=Decimal(4), by=editor)
    for more in (Decimal(6), None):
        with pytest.raises(RoleNeeded), transaction.atomic():
            cap_study_spend(study=open_study, cap=more, by=editor)
    cap_study_spend(study=open_study, cap=None, by=page_actor(owner))


def test_nobody_makes_themselves_more(open_study, collaborator, owner):
    from surveys.services import add_member
    from surveys.services.access.refusals import RoleNeeded

    by = page_actor(collaborator)
    somebody = make_user("somebody")
    acts = (
        lambda: add_member(study=open_study, user=collaborator, role="owner", by=by),
        lambda: transfer_study(study=open_study, user=collaborator, by=by),
        lambda: invite(study=open_study, role="owner", by=by),
        lambda: remove_member(member=open_study.memberships.get(user=owner), by=by),
        lambda: add_member(study=open_study, user=somebody, role="owner", by=page_actor(somebody)),
    )
    for act in acts:
        with pytest.raises(RoleNeeded), transaction.atomic():
            act()
    roles = dict(open_study.memberships.values_list("user__username", "role"))
    assert roles == {"owner": "owner", "collaborator": "editor"}


def test_forms_keep_what_was_typed(owner):
    page = signed_in(owner).get("/account/").content.decode()
    assert "csrfmiddlewaretoken" in read_form(page).hidden
