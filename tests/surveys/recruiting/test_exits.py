"""The way back to a recruiter: what leads where, and that nobody can be led elsewhere."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from factories import TESTER, answer_everything, make_link, make_person, personal

from surveys import services
from surveys.models import AuditEntry, RecruiterParameters
from surveys.recruiters import (
    RECRUITERS,
    Exit,
    Leaver,
    LinkTerms,
    Outcome,
    destination,
    recruiter_named,
    recruiter_of,
    redirect_origins,
    terms_problems,
)
from surveys.services.people.refusing import ArrangementRefused
from surveys.services.people.terms import set_terms

COMPLETE = Outcome.COMPLETE
PID = "5f3e00000000000000000abc"


def problems_of(recruiter: str, address: str, allowed=("*",)) -> list[str]:
    terms = LinkTerms(exits={COMPLETE: Exit(address=address)}, id_parameter="rid")
    return [one.code for one in terms_problems(recruiter, terms, allowed)]


@pytest.mark.parametrize(
    ("recruiter", "address", "code"),
    [
        ("panel", "http://panel.example/", "not_https"),
        ("panel", "javascript:alert(1)", "not_https"),
        ("panel", "//panel.example/", "not_https"),
        ("panel", "https://panel.example@thief.example/", "not_https"),
        ("panel", "https://{rid}/", "host"),
        ("panel", "https://{rid}.panel.example/", "host"),
        ("panel", "https://panel.example\\.thief.example/", "host"),
        ("panel", "https://panel.example/?x={nobody}", "placeholder"),
        ("panel", "https://panel.example/?key={secret}", "placeholder"),
        ("panel", "https://panel.example/" + 500 * "x", "too_long"),
        ("prolific", "https://app.prolific.com.thief.example/?cc={code}", "host"),
        ("prolific", "https://thief.example/", "host"),
        ("sona", "https://sona-systems.com.thief.example/", "host"),
        (
            "sona",
            "https://x.sona-systems.com/webstudy_credit.aspx?credit_token=9185",
            "secret_written",
        ),
    ],
)
def test_an_address_that_could_lead_elsewhere_is_refused(recruiter, address, code):
    assert problems_of(recruiter, address) == [code]


@pytest.mark.parametrize(
    ("recruiter", "address", "allowed"),
    [
        ("panel", "https://panel.example/end?rid={rid}&hash={hmac_sha256}", ("*",)),
        ("panel", "https://eu.panel.example:8443/end", ("*.panel.example",)),
        ("prolific", "https://app.prolific.co/submissions/complete?cc={code}", ()),
        ("sona", "https://school.sona-systems.com/", ()),
        ("", "https://lab.example/thanks", ("lab.example",)),
    ],
)
def test_an_address_of_an_allowed_host_is_taken(recruiter, address, allowed):
    assert problems_of(recruiter, address, allowed) == []


def test_the_operators_list_is_all_that_is_allowed():
    assert problems_of("panel", "https://panel.example/", ("lab.example",)) == ["host"]


def led_to(recruiter: str, one: Exit, leaver: Leaver) -> str:
    found = destination(recruiter_of(recruiter, "rid", ("w",)), COMPLETE, {COMPLETE: one}, leaver)
    return found.address if found else ""


def test_what_a_person_brings_is_encoded_where_it_is_filled_in():
    one = Exit(address="https://panel.example/{rid}?w={w}&c={code}")
    nasty = {"rid": "../x@thief.example/?a#b", "w": "1&ok=2 {secret}"}
    assert led_to("panel", one, Leaver("ignored", nasty, "A B")) == (
        "https://panel.example/..%2Fx%40thief.example%2F%3Fa%23b"
        "?w=1%26ok%3D2%20%7Bsecret%7D&c=A%20B"
    )


@pytest.mark.parametrize("lacking", [{"rid": "7"}, {"w": "1"}, {}])
def test_nobody_is_sent_to_half_an_address(lacking):
    one = Exit(address="https://panel.example/?r={rid}&w={w}")
    assert led_to("panel", one, Leaver("", lacking)) == ""


def test_without_the_secret_nothing_is_signed_and_nobody_is_sent():
    one = Exit(address="https://panel.example/?r={rid}&hash={hmac_sha256}")
    assert led_to("panel", one, Leaver("", {"rid": "7"})) == ""
    signed = led_to("panel", one, Leaver("", {"rid": "7"}, secret="key"))
    # printf 'https://panel.example/?r=7&' | openssl dgst -sha256 -hmac key
    assert signed.endswith("&hash=37567f2881de08cebdce5757abb4bb50688db8f0575dd652c56668b5ee905740")


@pytest.mark.parametrize(
    "origin",
    [
        "https://thief.example",
        "https://www.mturk.com.thief.example",
        "https://www.mturk.com@thief.example",
        "https://www.mturk.com/evil?",
        "",
    ],
)
def test_a_task_is_handed_to_mechanical_turk_alone(origin):
    leaver = Leaver("A1", {"assignmentId": "3A", "turkSubmitTo": origin}, "C")
    exits = {COMPLETE: Exit(code="C")}
    assert destination(recruiter_named("mturk"), COMPLETE, exits, leaver) is None


def test_every_recruiter_leads_only_to_hosts_of_its_own():
    for one in RECRUITERS.values():
        exits = {outcome: Exit(code="C") for outcome in Outcome}
        for origin in redirect_origins(one, exits):
            assert origin.removeprefix("https://") in (
                *one.hosts,
                "www.mturk.com",
                "workersandbox.mturk.com",
            )


# --- On the pages


@pytest.fixture
def prolific(open_study):
    link = make_link(open_study, recruiter="prolific")
    terms = LinkTerms(exits={COMPLETE: Exit(code="CDONE"), Outcome.DECLINED: Exit(code="CNO")})
    return set_terms(link=link, terms=terms, by=TESTER)


def policy(response) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def test_forms_of_a_link_may_go_to_its_recruiter_and_nowhere_else(client, open_study, prolific):
    address = reverse("surveys:information", args=[prolific.token])
    page = client.get(f"{address}?PROLIFIC_PID={PID}")
    assert policy(page)["form-action"] == "'self' https://app.prolific.com"
    assert policy(page)["frame-ancestors"] == "'none'"
    assert page.headers["X-Frame-Options"] == "DENY"
    plain = client.get(reverse("surveys:information", args=[make_link(open_study).token]))
    assert policy(plain)["form-action"] == "'self'"
    person = make_person(prolific, recruiter_id=PID)
    page = client.get(personal("page", person, number=1))
    assert policy(page)["form-action"] == "'self' https://app.prolific.com"


def test_only_mechanical_turk_may_show_its_links_in_a_page_of_its_own(client, open_study):
    link = make_link(open_study, recruiter="mturk")
    address = reverse("surveys:information", args=[link.token])
    page = client.get(f"{address}?workerId=A2CDEFGHIJKLMN&assignmentId=3A")
    assert policy(page)["frame-ancestors"] == "https://*.mturk.com"
    assert "X-Frame-Options" not in page.headers
    preview = client.get(f"{address}?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE")
    assert "This is a preview" in preview.content.decode()
    assert "X-Frame-Options" not in preview.headers


def test_tampered_parameters_of_the_address_lead_nobody_away(client, open_study):
    link = make_link(open_study, recruiter="mturk")
    link = set_terms(link=link, terms=LinkTerms(exits={COMPLETE: Exit(code="M")}), by=TESTER)
    person = make_person(link, recruiter_id="A2CDEFGHIJKLMN")
    RecruiterParameters.objects.create(
        respondent=person.respondent,
        values={"assignmentId": "3A", "turkSubmitTo": "https://thief.example"},
    )
    answer_everything(person)
    services.complete_administration(administration=person)
    page = client.get(personal("end", person) + "?turkSubmitTo=https://thief.example&next=//x")
    assert "thief" not in page.content.decode()
    assert ">M<" in page.content.decode()


def test_the_codes_of_other_outcomes_are_on_no_page(client, prolific):
    declined = services.decline(
        link=prolific, consent_text=prolific.study.consent_texts.first(), recruiter_id=PID
    )
    page = client.get(personal("end", declined)).content.decode()
    assert "CNO" in page
    assert "CDONE" not in page
    assert 'href="https://app.prolific.com/submissions/complete?cc=CNO"' in page


def test_whoever_fails_the_checks_that_the_link_counts_leaves_by_that_exit(client, open_study):
    link = make_link(open_study, recruiter="prolific")
    exits = {COMPLETE: Exit(code="CDONE"), Outcome.FAILED_CHECK: Exit(code="CFAIL")}
    link = set_terms(link=link, terms=LinkTerms(exits=exits, checks_to_fail=1), by=TESTER)
    person = make_person(link, recruiter_id=PID)
    answer_everything(person, 1)
    ended = services.complete_administration(administration=person)
    assert (ended.status, ended.outcome) == ("completed", "failed_check")
    assert "CFAIL" in client.get(personal("end", person)).content.decode()


@pytest.mark.parametrize("door", ["page", "rest"])
def test_whoever_takes_longer_than_the_link_allows_is_out_of_time_by_our_clock(
    client, link, person, door
):
    set_terms(link=link, terms=LinkTerms(minutes_allowed=30), by=TESTER)
    person.started_at = timezone.now() - timezone.timedelta(minutes=31)
    person.save()
    if door == "page":
        page = client.get(personal("page", person, number=1), follow=True)
        assert "The time for this questionnaire is over" in page.content.decode()
    else:
        sent = {"idempotency_key": "k", "answers": [{"ref": person.realised_order[0], "code": 1}]}
        done = client.post(
            "/api/participation/",
            sent,
            content_type="application/json",
            headers={"Authorization": f"Participant {person.token}"},
        )
        assert done.json()["code"] == "administration_ended"
    person.refresh_from_db()
    assert (person.status, person.outcome) == ("stopped", "timed_out")
    assert not person.answers.exists()


# --- Agreeing on them


def test_the_log_names_outcomes_and_holds_no_code(prolific):
    row = AuditEntry.objects.get(action="link_terms_set")
    assert row.after["exits"] == ["complete", "declined"]
    assert "CDONE" not in str(row.after)


def test_the_same_terms_again_change_and_log_nothing(prolific):
    terms = LinkTerms(exits=prolific.ways_out)
    set_terms(link=prolific, terms=terms, by=TESTER)
    assert AuditEntry.objects.filter(action="link_terms_set").count() == 1


def test_all_that_is_wrong_is_said_at_once(open_study):
    link = make_link(open_study, recruiter="panel")
    terms = LinkTerms(
        exits={COMPLETE: Exit(code=81 * "x", credit="https://x.example/")},
        secret_name="lower",
        minutes_allowed=0,
        id_parameter="test",
        other_parameters=("a", "a"),
    )
    with pytest.raises(ArrangementRefused) as raised:
        set_terms(link=link, terms=terms, by=TESTER)
    assert {one.where for one in raised.value.problems} == {
        "complete.code",
        "complete.credit",
        "secret_name",
        "minutes_allowed",
        "id_parameter",
        "other_parameters",
    }
    link.refresh_from_db()
    assert link.exits == {}


def test_a_member_sets_codes_on_the_card_and_sees_what_is_missing(client, owner, prolific):
    services.decline(link=prolific, consent_text=prolific.study.consent_texts.first())
    client.force_login(owner)
    address = reverse("surveys:recruit", args=[prolific.study.slug])
    before = client.get(address).content.decode()
    assert "is screened out" in before
    prefix = f"link-{prolific.pk}"
    sent = {f"{prefix}-complete-code": "CNEW", f"{prefix}-checks_to_fail": "2"}
    terms = reverse("surveys:terms", args=[prolific.study.slug, prolific.pk])
    done = client.post(terms, sent, follow=True).content.decode()
    assert 'value="CNEW"' in done
    # Its code was taken away, and somebody has declined.
    assert re.search(r"told nothing of:</strong>\s*says no to the consent \(1\)", done)
    prolific.refresh_from_db()
    assert prolific.exits == {"complete": {"code": "CNEW"}}
    assert prolific.checks_to_fail == 2


def test_an_address_that_is_refused_is_said_at_its_field_and_nothing_is_stored(
    client, owner, open_study
):
    link = make_link(open_study, recruiter="panel")
    client.force_login(owner)
    terms = reverse("surveys:terms", args=[open_study.slug, link.pk])
    page = client.post(terms, {f"link-{link.pk}-complete-address": "http://panel.example/"})
    assert page.status_code == 422
    assert "It is no https:// address" in page.content.decode()
    link.refresh_from_db()
    assert link.exits == {}


def test_a_stranger_finds_no_links_and_sets_none(client, stranger, prolific):
    client.force_login(stranger)
    assert client.get(reverse("surveys:recruit", args=[prolific.study.slug])).status_code == 404
    terms = reverse("surveys:terms", args=[prolific.study.slug, prolific.pk])
    assert client.post(terms, {}).status_code == 404


def test_a_program_reads_and_sets_the_terms_and_hears_everything_that_is_wrong(
    client, owner, stranger, prolific
):
    client.force_login(owner)
    address = f"/api/links/{prolific.pk}/terms/"
    terms = client.get(address).json()
    assert terms["exits"] == {"complete": {"code": "CDONE"}, "declined": {"code": "CNO"}}
    terms["exits"]["screened_out"] = {"code": "CSCR"}
    done = client.put(address, terms, content_type="application/json")
    assert done.json() == terms
    terms["exits"]["complete"] = {"address": "https://thief.example/"}
    refused = client.put(address, terms, content_type="application/json")
    assert refused.status_code == 409
    (mistake,) = refused.json()["errors"]["terms"]
    assert (mistake["path"], mistake["code"]) == ("complete.address", "host")
    unknown = client.put(address, {"exits": {"x": {}}}, content_type="application/json")
    assert unknown.status_code == 400
    client.force_login(stranger)
    assert client.get(address).status_code == 404
