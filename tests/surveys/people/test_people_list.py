"""The list of people: whom to pay, by which code, and who may see it."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone
from factories import TESTER, answer_everything, make_link, make_person

from surveys import services
from surveys.models import Flag, RecruiterParameters, Respondent
from surveys.recruiters import Exit, LinkTerms, Outcome
from surveys.selectors import consent_text
from surveys.services.flagging.signals import raise_flags
from surveys.services.people.terms import set_terms

PIDS = [f"5f3e0000000000000000{number:04x}" for number in range(4)]


@pytest.fixture
def prolific(open_study):
    link = make_link(open_study, recruiter="prolific")
    terms = LinkTerms(exits={Outcome.DECLINED: Exit(code="CNO")}, checks_to_fail=1)
    return set_terms(link=link, terms=terms, by=TESTER)


@pytest.fixture
def people(prolific):
    """Somebody who completed, one who failed the checks, one under way, one who declined."""
    attentive, careless, slow = (make_person(prolific, recruiter_id=pid) for pid in PIDS[:3])
    checks = attentive.study.attention_checks.filter(language="en")
    answer_everything(attentive, 1)
    for check in checks:
        attentive.answers.filter(attention_check=check).update(value=check.expected[0])
    answer_everything(careless, 1)
    RecruiterParameters.objects.create(respondent=careless.respondent, values={"STUDY_ID": "=1+1"})
    ended = services.complete_administrations(administrations=[attentive, careless])
    text = consent_text(prolific.study, "en")
    said_no = services.decline(link=prolific, consent_text=text, recruiter_id=PIDS[3])
    return [*ended, slow, said_no]


def listed(client, study, query="") -> str:
    return client.get(reverse("surveys:people", args=[study.slug]) + query).content.decode()


def test_ids_are_hidden_until_they_are_asked_for(client, owner, prolific, people):
    client.force_login(owner)
    page = listed(client, prolific.study)
    assert not any(pid in page for pid in PIDS)
    assert people[0].completion_code in page
    assert "CNO" in page
    shown = listed(client, prolific.study, "?ids=1")
    assert all(pid in shown for pid in PIDS)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?outcome=complete", [0]),
        ("?outcome=failed_check", [1]),
        ("?outcome=open", [2]),
        ("?outcome=declined", [3]),
        ("?q={code}", [0]),
        ("?q=%20{lower}%20", [0]),
        (f"?q={PIDS[2].upper()}", [2]),
        ("?q=5f3e", []),
        ("?link=999999", []),
        ("?outcome=%27&link=x&before=y", [0, 1, 2, 3]),
    ],
)
def test_people_are_filtered_and_looked_up_by_the_whole_code_or_id(
    client, owner, prolific, people, query, found
):
    client.force_login(owner)
    code = people[0].completion_code
    query = query.format(code=code, lower=f"{code[:4]}-{code[4:]}".lower())
    page = listed(client, prolific.study, query)
    rows = [one for one in range(4) if f"#{people[one].respondent_id}<" in page]
    assert rows == found


def test_the_list_goes_on_page_by_page_and_names_each_person_once(
    client, owner, prolific, people, monkeypatch
):
    monkeypatch.setattr("surveys.views.people.people.PEOPLE_PER_PAGE", 3)
    monkeypatch.setattr("surveys.views.people.people._LOOKED_AT", 4)
    client.force_login(owner)
    first = listed(client, prolific.study)
    last = min(one.respondent_id for one in people[1:])
    assert f"before={last}" in first
    # Somebody who comes in between pushes nobody from one page to the other.
    make_person(prolific, recruiter_id=12 * "ab")
    second = listed(client, prolific.study, f"?before={last}")
    assert f"#{people[0].respondent_id}<" in second
    assert f"#{people[1].respondent_id}<" not in second


def test_the_payment_list_says_whom_to_approve_and_runs_no_formula(client, owner, prolific, people):
    client.force_login(owner)
    # One option throughout is a flag: somebody has to have looked at it.
    raise_flags(study=prolific.study)
    Flag.objects.filter(flag_check__administration=people[0]).update(looked_at=timezone.now())
    address = reverse("surveys:payment_list", args=[prolific.study.slug])
    text = client.get(address).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    by_id = {row["id"]: row for row in rows}
    assert [by_id[pid]["approve"] for pid in PIDS] == ["yes", "", "", "no"]
    assert [by_id[pid]["outcome"] for pid in PIDS] == ["complete", "failed_check", "", "declined"]
    assert by_id[PIDS[0]]["code"] == people[0].completion_code
    assert by_id[PIDS[1]]["STUDY_ID"] == "'=1+1"
    assert int(by_id[PIDS[1]]["failed_checks"]) > 0
    only = client.get(f"{address}?outcome=complete").content.decode()
    assert only.count("prolific") == 1


def test_a_program_reads_the_same_people(client, owner, prolific, people):
    client.force_login(owner)
    found = client.get(f"/api/people/?study={prolific.study.slug}&q={PIDS[1]}").json()["results"]
    assert [(one["recruiter_id"], one["outcome"]) for one in found] == [(PIDS[1], "failed_check")]
    assert client.get("/api/people/").json()["code"] == "invalid"


def test_a_stranger_sees_nobody(client, stranger, prolific, people):
    client.force_login(stranger)
    slug = prolific.study.slug
    for address in (
        reverse("surveys:people", args=[slug]),
        reverse("surveys:payment_list", args=[slug]),
        f"/api/people/?study={slug}",
    ):
        assert client.get(address).status_code == 404


def test_models_are_no_people(prolific, people):
    from surveys.services.people.listing import people_of

    study = prolific.study
    group = study.groups.create(key="panel", label="Panel", kind="llm")
    session = Respondent.objects.create(study=study, group=group, kind="llm")
    services.begin_administration(respondent=session, study=study, seed=1, language="en")
    assert session not in people_of(study=study)
