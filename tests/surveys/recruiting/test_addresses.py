"""What a recruiter's address says: all that is declared is kept; a bad one enrols nobody."""

import pytest
from django.test import Client
from django.urls import reverse
from factories import TESTER, make_link

from surveys import services
from surveys.models import Administration, LinkAlert, Respondent
from surveys.recruiters import (
    RECRUITERS,
    AddressFault,
    BadAddress,
    read_arrival,
    recruiter_named,
)
from surveys.services.rehearsal import read_form

LONG = "5f2c8a9b3d4e5f6a7b8c9d0e"


def address(link, query: str, name: str = "information") -> str:
    return reverse(f"surveys:{name}", args=[link.token]) + query


def decide(client, link, query: str, decision: str = "agree"):
    form = read_form(client.get(address(link, query)).content.decode())
    sent = {"start": "a-form-that-was-kept", **form.hidden, "decision": decision}
    return client.post(address(link, query, "begin"), sent)


def test_everything_that_the_recruiter_declares_is_kept_and_nothing_else(client, open_study):
    link = make_link(open_study, recruiter="prolific")
    decide(client, link, f"?PROLIFIC_PID={LONG}&STUDY_ID=s1&SESSION_ID=%20x2&language=en&utm=z")
    respondent = Respondent.objects.get()
    assert respondent.recruiter_id == LONG
    assert respondent.recruiter_parameters.values == {"STUDY_ID": "s1", "SESSION_ID": "x2"}


@pytest.mark.parametrize(
    ("recruiter", "query", "fault", "parameter", "found"),
    [
        ("prolific", "", "missing", "PROLIFIC_PID", ""),
        ("prolific", "?PROLIFIC_PID=%20", "missing", "PROLIFIC_PID", ""),
        ("prolific", f"?prolific_pid={LONG}", "misspelt", "PROLIFIC_PID", "prolific_pid"),
        ("prolific", f"?PROLIFIC_ID={LONG}", "misspelt", "PROLIFIC_PID", "PROLIFIC_ID"),
        (
            "prolific",
            "?PROLIFIC_PID={{%PROLIFIC_PID%}}",
            "unfilled",
            "PROLIFIC_PID",
            "{{%PROLIFIC_PID%}}",
        ),
        (
            "prolific",
            f"?PROLIFIC_PID={LONG}&STUDY_ID={{{{%STUDY_ID%}}}}",
            "unfilled",
            "STUDY_ID",
            "{{%STUDY_ID%}}",
        ),
        ("sona", "?survey_code=%SURVEY_CODE%", "unfilled", "survey_code", "%SURVEY_CODE%"),
        ("sona", "?id=10457", "missing", "survey_code", ""),
        ("mturk", "?workerId=${workerId}", "unfilled", "workerId", "${workerId}"),
        ("connect", "?participantId=undefined", "unfilled", "participantId", "undefined"),
        ("", "?id=[%SID%]", "unfilled", "id", "[%SID%]"),
        ("", "?id=$ID", "unfilled", "id", "$ID"),
        ("", f"?id={'x' * 121}", "unreadable", "id", ""),
        ("", "?id=a%00b", "unreadable", "id", ""),
    ],
)
def test_a_bad_address_enrols_nobody_and_is_told_to_both(
    client, open_study, owner, recruiter, query, fault, parameter, found
):
    link = make_link(open_study, recruiter=recruiter)
    page = client.get(address(link, query))
    assert page.status_code == 422
    assert "The address is not complete" in page.content.decode()
    for decision in ("agree", "decline"):
        assert decide(client, link, query, decision).status_code == 422
    assert not Respondent.objects.exists()
    alert = LinkAlert.objects.get()
    assert (alert.fault, alert.parameter, alert.found) == (fault, parameter, found)
    assert alert.times == 5
    client.force_login(owner)
    office = client.get(reverse("surveys:recruit", args=[open_study.slug])).content.decode()
    assert "Nobody could begin with this address:" in office
    assert "5 times" in office


def test_an_alert_holds_nobodys_id(client, open_study):
    link = make_link(open_study, recruiter="prolific")
    for query in (f"?PROLIFIC_PI={LONG}", f"?PROLIFIC_PID={LONG * 9}", f"?pid={LONG}"):
        client.get(address(link, query))
    assert LinkAlert.objects.count() == 3
    assert not [a for a in LinkAlert.objects.all() if LONG in f"{a.parameter} {a.found}"]


def test_a_good_address_alerts_nobody(client, open_study, link):
    assert client.get(address(link, "")).status_code == 200
    decide(client, make_link(open_study, recruiter="sona"), "?survey_code=10457")
    assert not LinkAlert.objects.exists()


def test_somebody_who_only_looks_at_a_task_is_told_so_and_nobody_is_alerted(client, open_study):
    link = make_link(open_study, recruiter="mturk")
    page = client.get(address(link, "?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=h1"))
    assert "This is a preview" in page.content.decode()
    assert not LinkAlert.objects.exists()
    assert not Respondent.objects.exists()


@pytest.mark.parametrize(
    ("recruiter", "spellings", "same"),
    [
        ("prolific", (LONG, LONG.upper(), f"%20{LONG}%0A"), True),
        ("mturk", ("A1B2C3D4E5F6G", "a1b2c3d4e5f6g"), True),
        ("sona", ("10457", "%2010457", "104%2057"), True),
        ("connect", ("ABCdef", "ABCDEF"), False),
        ("", ("ann", "Ann"), False),
    ],
)
def test_ids_are_the_same_where_the_recruiter_says_so(open_study, recruiter, spellings, same):
    link = make_link(open_study, recruiter=recruiter)
    parameter = recruiter_named(recruiter).parameter
    for spelling in spellings:
        decide(Client(), link, f"?{parameter}={spelling}")
    assert Respondent.objects.count() == (1 if same else len(spellings))


def test_declining_and_changing_ones_mind_keep_the_id(client, open_study):
    link = make_link(open_study, recruiter="prolific")
    query = f"?PROLIFIC_PID={LONG}&STUDY_ID=s1&SESSION_ID=x2"
    page = client.get(decide(client, link, query, "decline").url, follow=True)
    declined = Respondent.objects.get()
    assert (declined.recruiter_id, declined.administration.status) == (LONG, "declined")
    assert "with the id that the service which sent you gave" in page.content.decode()
    again = address(link, query).replace("&", "&amp;")
    assert f'href="{again}">I have changed my mind' in page.content.decode()
    assert decide(client, link, query).status_code == 302
    begun = Respondent.objects.get(recruiter_id=LONG)
    assert begun.administration.status == "in_progress"
    assert begun.recruiter_parameters.values == {"STUDY_ID": "s1", "SESSION_ID": "x2"}


def test_a_mind_may_change_in_another_browser_too(open_study):
    link = make_link(open_study, recruiter="sona")
    for decision in ("decline", "decline", "agree"):
        assert decide(Client(), link, "?survey_code=10457", decision).status_code == 302
    statuses = Administration.objects.filter(respondent__recruiter_id="10457")
    assert list(statuses.values_list("status", flat=True)) == ["in_progress"]


def test_a_study_that_is_closed_says_that_first_and_alerts_nobody(client, open_study):
    link = make_link(open_study, recruiter="prolific")
    services.close_study(study=open_study, by=TESTER)
    assert client.get(address(link, "")).status_code == 410
    assert not LinkAlert.objects.exists()


@pytest.mark.parametrize("recruiter", RECRUITERS.values(), ids=lambda one: one.key)
def test_what_an_office_copies_without_filling_it_in_is_never_a_person(recruiter):
    given = dict(part.split("=") for part in recruiter.query.lstrip("?").split("&") if part)
    with pytest.raises(BadAddress) as refused:
        read_arrival(recruiter, given)
    assert refused.value.fault in {AddressFault.UNFILLED, AddressFault.MISSING}


@pytest.mark.parametrize("name", ["O'Brien", "price-$5", "50%", "müller", "a[1]", "{half", "x y"])
def test_an_odd_id_is_still_an_id(name):
    assert read_arrival(recruiter_named(""), {"id": name}).recruiter_id == name.replace(" ", "")
