"""The log of a study: whoever steers it leaves a row, and no row holds what a respondent said."""

import getpass
import json

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from factories import TESTER, answer_everything, make_draft, make_link, make_person, personal

from surveys import services
from surveys.errors import StudyError
from surveys.instrument_files import bundled_instruments
from surveys.models import Action, AuditEntry, Door, Membership, RecruitingLink
from surveys.models.audit import AuditIsFinal
from surveys.selectors import presentation_of
from surveys.services.access.invitations import invite
from surveys.services.audit import PARTICIPANT, Actor, command_actor, job_actor, record
from surveys.services.rehearsal import rehearse
from surveys.simulation import bundled_profile
from surveys.views.log import NAMES
from surveys.workspace.log_words import SUBJECTS, subject_with_key


def rows_of(use_case, **arguments) -> list[AuditEntry]:
    """What a use case adds to the log, in the order written."""
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    use_case(**arguments)
    return list(AuditEntry.objects.exclude(pk__in=before).order_by("pk"))


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- Every use case writes its row


def test_a_study_is_made_and_its_owner_named(owner):
    make_draft(owner)
    made, granted = AuditEntry.objects.exclude(study=None).order_by("pk")
    assert (made.action, made.after["languages"]) == (Action.STUDY_CREATED, ["en", "de"])
    assert (granted.action, granted.subject_label) == (Action.MEMBER_SET, "owner")
    assert (granted.before, granted.after) == ({"role": ""}, {"role": "owner"})


@pytest.mark.django_db
def test_publishing_is_recorded_once_for_each_version():
    instrument = next(iter(bundled_instruments()))
    rows = rows_of(services.publish_instrument, definition=instrument, by=TESTER)
    assert {row.action for row in rows} == {Action.INSTRUMENT_PUBLISHED}
    assert len(rows) == len(instrument.languages)
    assert rows_of(services.publish_instrument, definition=instrument, by=TESTER) == []


def test_opening_and_closing_say_the_status_before_and_after(draft_study):
    (opened,) = rows_of(services.open_study, study=draft_study, by=TESTER)
    draft_study.refresh_from_db()
    assert opened.before == {"status": "draft"}
    assert opened.after == {
        "status": "open",
        "checksum": draft_study.checksum,
        "people_may_begin": True,
    }
    assert rows_of(services.open_study, study=draft_study, by=TESTER) == []
    (closed,) = rows_of(services.close_study, study=draft_study, by=TESTER)
    assert (closed.before, closed.after) == ({"status": "open"}, {"status": "closed"})
    assert (closed.study, closed.subject_label) == (draft_study, draft_study.slug)


def test_a_role_is_recorded_when_it_changes(open_study, collaborator):
    grant = {"study": open_study, "user": collaborator, "by": TESTER}
    (row,) = rows_of(services.add_member, **grant, role=Membership.Role.OWNER)
    assert (row.before, row.after) == ({"role": "editor"}, {"role": "owner"})
    assert rows_of(services.add_member, **grant, role=Membership.Role.OWNER) == []


def test_a_link_is_recorded_without_its_token(open_study):
    (row,) = rows_of(services.create_link, study=open_study, label="Poster", by=TESTER)
    link = RecruitingLink.objects.get(pk=row.subject_id)
    assert (row.action, row.subject_label) == (Action.LINK_CREATED, "Poster")
    assert link.token not in json.dumps(row.after)
    (off,) = rows_of(services.set_link_active, link=link, active=False, by=TESTER)
    assert (off.before, off.after) == ({"active": True}, {"active": False})
    assert rows_of(services.set_link_active, link=link, active=False, by=TESTER) == []


def test_a_rehearsal_is_recorded_with_its_size(open_study):
    link = make_link(open_study, simulated=True)
    asked = {"link": link, "profile": bundled_profile("people"), "people": 1, "seed": 7}
    (row,) = rows_of(rehearse, **asked, by=TESTER)
    assert (row.action, row.after) == (Action.REHEARSED, {"people": 1, "seed": 7})


# --- Which door


def test_a_page_names_its_user(open_study, owner):
    as_user(owner).post(reverse("surveys:close_study", args=[open_study.slug]))
    row = AuditEntry.objects.first()
    assert (row.action, row.door, row.actor) == (Action.STUDY_CLOSED, Door.PAGE, owner)


def test_a_person_who_withdraws_is_not_named(client, person):
    answer_everything(person)
    assert client.post(personal("withdraw", person)).status_code == 302
    row = AuditEntry.objects.first()
    assert (row.action, row.door) == (Action.WITHDRAWN, Door.PARTICIPANT)
    assert (row.actor, row.actor_name) == (None, "")
    # The day is kept of whoever withdraws: a row with the time that says which one it was is not.
    assert (row.subject_kind, row.subject_id) == ("study", person.study_id)
    assert (row.before, row.after) == ({"status": "in_progress"}, {"status": "withdrawn"})


def test_a_command_names_the_user_it_is_told_else_the_machines_account(owner, draft_study):
    call_command("open_study", draft_study.slug, "--by", "owner", verbosity=0)
    told = AuditEntry.objects.get(action=Action.STUDY_OPENED)
    assert (told.door, told.actor, told.actor_name) == (Door.COMMAND, owner, "owner")
    call_command("open_study", draft_study.slug, "--link-label", "Second", verbosity=0)
    unsaid = AuditEntry.objects.first()
    assert (unsaid.door, unsaid.actor) == (Door.COMMAND, None)
    assert unsaid.actor_name == getpass.getuser()


def test_a_command_refuses_a_user_that_is_not_there(draft_study):
    with pytest.raises(CommandError, match="owner_unknown"):
        call_command("open_study", draft_study.slug, "--by", "nobody", verbosity=0)
    draft_study.refresh_from_db()
    assert draft_study.status == "draft"


def test_an_account_without_a_name_is_called_by_its_number(monkeypatch):
    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert command_actor().called.startswith("uid ")


def test_a_job_acts_for_whoever_queued_it_also_when_the_user_is_gone(owner):
    queued = Actor(Door.PAGE, owner).as_json()
    assert (job_actor(queued).door, job_actor(queued).user) == (Door.JOB, owner)
    owner.delete()
    assert (job_actor(queued).user, job_actor(queued).called) == (None, "owner")


# --- In the transaction of the act, and final


def test_what_is_refused_or_rolled_back_leaves_no_row(draft_study):
    before = AuditEntry.objects.count()
    with pytest.raises(StudyError):
        services.close_study(study=draft_study, by=TESTER)

    def open_and_fail() -> None:
        with transaction.atomic():
            services.open_study(study=draft_study, by=TESTER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        open_and_fail()
    assert AuditEntry.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_of_a_transaction():
    user = get_user_model().objects.create(username="somebody")
    with pytest.raises(transaction.TransactionManagementError, match="outside of a transaction"):
        record(by=TESTER, action=Action.MEMBER_SET, subject=user)
    assert not AuditEntry.objects.exists()


def test_a_row_is_never_changed_or_deleted(open_study):
    row = AuditEntry.objects.first()
    row.actor_name = "somebody else"
    for change in (
        row.save,
        row.delete,
        AuditEntry.objects.all().delete,
        open_study.log.all().delete,
        lambda: AuditEntry.objects.update(actor_name="somebody else"),
        lambda: AuditEntry.objects.bulk_update([row], ["actor_name"]),
    ):
        with pytest.raises(AuditIsFinal):
            change()
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry(pk=row.pk, actor_name="somebody else", door=Door.PAGE).save()
    row.refresh_from_db()
    assert row.actor_name == "tester"


def test_a_row_outlives_its_user(open_study, owner):
    services.close_study(study=open_study, by=Actor(Door.PAGE, owner))
    owner.delete()
    row = AuditEntry.objects.first()
    assert (row.action, row.actor, row.actor_name) == (Action.STUDY_CLOSED, None, "owner")


def test_the_admin_only_shows_the_log(open_study, admin_client):
    row = AuditEntry.objects.first()
    assert admin_client.get("/admin/surveys/auditentry/").status_code == 200
    assert admin_client.get(f"/admin/surveys/auditentry/{row.pk}/change/").status_code == 200
    assert admin_client.get("/admin/surveys/auditentry/add/").status_code == 403
    assert admin_client.post(f"/admin/surveys/auditentry/{row.pk}/delete/").status_code == 403


# --- Settings, never contents


def test_no_row_holds_what_a_person_said_or_how_to_reach_them(client, open_study, owner):
    link = make_link(open_study, recruiter="prolific")
    person = make_person(link, recruiter_id="prolific-id-4711")
    answer_everything(person)
    services.record_demographics(administration=person, values={"occupation": "lighthouse keeper"})
    services.set_link_active(link=link, active=False, by=TESTER)
    client.post(personal("withdraw", person))
    services.close_study(study=open_study, by=TESTER)
    rows = AuditEntry.objects.values_list("subject_label", "actor_name", "before", "after")
    written = json.dumps(list(rows))
    for secret in ("4711", "lighthouse", person.token, link.token, *presentation_of(person).order):
        assert secret not in written
    values = [value for row in rows for part in row[2:] for value in part.values()]
    assert all(isinstance(value, str | bool | list) for value in values)


# --- Reading


@pytest.fixture
def address(open_study) -> str:
    return reverse("surveys:log", args=[open_study.slug])


@pytest.mark.parametrize("who", ["owner", "collaborator"])
def test_members_read_the_log_latest_first(request, address, open_study, who):
    services.close_study(study=open_study, by=TESTER)
    page = as_user(request.getfixturevalue(who)).get(address).content.decode()
    assert page.index("Study closed") < page.index("Study opened and frozen")
    assert "status: open → closed" in page


def test_the_log_is_linked_from_the_study_and_hidden_from_strangers(
    client, address, open_study, owner, stranger
):
    assert client.get(address).url == f"/login/?next={address}"
    assert as_user(stranger).get(address).status_code == 404
    assert as_user(stranger).get(f"/api/studies/{open_study.slug}/log/").status_code == 404
    study = reverse("surveys:team", args=[open_study.slug])
    assert address in as_user(owner).get(study).content.decode()


def test_the_log_speaks_the_readers_language(address, owner):
    page = as_user(owner).get(address, headers={"Accept-Language": "de"}).content.decode()
    assert "Studie geöffnet und eingefroren" in page
    assert "Befehl" in page


def test_what_was_acted_on_is_in_the_readers_language_on_the_page_in_the_file_and_over_rest(
    address, open_study, owner, collaborator, person
):
    services.create_link(study=open_study, label="Bulletin", by=TESTER)
    services.withdraw(administration=person, by=PARTICIPANT)
    made, _told = invite(study=open_study, role="viewer", by=TESTER)
    client, german = as_user(owner), {"Accept-Language": "de"}
    page = client.get(address, headers=german).content.decode()
    file = b"".join(client.get(f"{address}log.csv", headers=german)).decode()
    rest = client.get(f"/api/studies/{open_study.slug}/log/", headers=german).json()["results"]
    over_rest = " ".join(f"{row['subject']} #{row['subject_id']}" for row in rest)
    for said, key in (
        ("Link Bulletin", RecruitingLink.objects.get(label="Bulletin").pk),
        ("Einladung Leser:in", made.pk),
        (f"Studie {open_study.slug}", open_study.pk),
    ):
        assert f'{said} <span class="hint">#{key}</span>' in page
        assert f"{said} #{key}" in file
        assert f"{said} #{key}" in over_rest


@pytest.mark.parametrize(
    ("kind", "label", "said"),
    [
        # What earlier versions wrote has the kind and the key in its name.
        ("administration", "administration 12", "Mensch #12"),
        ("respondent", "human 12", "Mensch #12"),
        ("respondent", "llm 12", "Sitzung #12"),
        ("analysisrun", "run 12 of main", "Lauf main #12"),
        ("report", "report 12 of run 7", "Bericht (Lauf #7) #12"),
        # Somebody called it so.
        ("recruitinglink", "run 4", "Link run 4 #12"),
        ("of another version", "x", "x #12"),
    ],
)
def test_the_name_of_a_thing_is_said_once_in_the_readers_language(kind, label, said):
    entry = AuditEntry(subject_kind=kind, subject_id=12, subject_label=label)
    with override("de"):
        assert subject_with_key(entry) == said
        entry.subject_id = None
        assert "#None" not in subject_with_key(entry)


def test_codes_among_the_settings_are_in_the_readers_language(address, open_study, owner, link):
    arrange_webhook(open_study)
    page = as_user(owner).get(address, headers={"Accept-Language": "de"}).content.decode()
    assert "Ereignisse: ein Lauf fertig ist, ein Panel zu Ende ist" in page


def arrange_webhook(study) -> None:
    after = {"events": ["run.done", "panel.ended"]}
    with transaction.atomic():
        record(by=TESTER, action=Action.WEBHOOK_ADDED, study=study, subject=study, after=after)


def test_what_somebody_typed_is_escaped(address, open_study, owner):
    services.create_link(study=open_study, label="<script>alert(1)</script>", by=TESTER)
    assert "<script>alert(1)</script>" not in as_user(owner).get(address).content.decode()


def test_a_long_log_is_paged_with_as_many_queries_as_a_short_one(
    address, open_study, owner, django_assert_num_queries
):
    client = as_user(owner)
    for number in range(60):
        services.create_link(study=open_study, label=f"Poster {number}", by=TESTER)
    # Session, user, study, its count of rows, the keys of a page and its rows, who and what there
    # is to choose from; what the tabs count, at once.
    with django_assert_num_queries(11):
        first = client.get(address).content.decode()
    assert "Poster 59<" in first.replace(" <", "<")
    assert "Poster 0 " not in first
    assert "Poster 0 " in client.get(f"{address}?page=2").content.decode()


def test_the_log_is_narrowed_and_taken_away_as_a_file(address, open_study, owner, collaborator):
    client = as_user(owner)
    services.create_link(study=open_study, label="=Poster", by=Actor(Door.PAGE, collaborator))
    services.create_link(study=open_study, label="Flyer", by=Actor(Door.REST, owner))
    today = timezone.localdate()
    found = {
        "who=collaborator": ("=Poster", "Flyer"),
        "door=rest": ("Flyer", "=Poster"),
        "q=flyer": ("Flyer", "=Poster"),
        f"since={today}&who=collaborator": ("=Poster", "Flyer"),
        "what=study_opened": ("Study opened and frozen", "Flyer"),
    }
    for query, (there, absent) in found.items():
        page = client.get(f"{address}?{query}").content.decode()
        rows = page[page.index("<tbody>") :]
        assert there in rows
        assert absent not in rows
    nobody = client.get(f"{address}?until=2020-01-01&since=nonsense").content.decode()
    assert "Nothing in the log is like this." in nobody
    file = client.get(f"{address}log.csv?who=collaborator")
    lines = b"".join(file).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("When,Who,What")
    assert "collaborator,Recruiting link made,page,Link =Poster #" in lines[1]


def test_rest_reads_the_log_in_pages_and_changes_nothing(
    open_study, owner, django_assert_num_queries
):
    api, path = as_user(owner), f"/api/studies/{open_study.slug}/log/"
    with django_assert_num_queries(4):
        found = api.get(f"{path}?limit=1").json()
    assert f"after={found['results'][0]['id']}" in found["next"]
    (row,) = found["results"]
    assert (row["action"], row["door"], row["actor"]) == ("study_opened", "command", "tester")
    assert row["after"]["status"] == "open"
    assert api.post(path, {}).status_code == 405
    assert api.delete(path).status_code == 405


def test_every_setting_in_a_row_has_words(open_study, link):
    for row in AuditEntry.objects.all():
        assert {*row.before, *row.after} <= NAMES.keys()
        assert row.subject_kind in SUBJECTS
