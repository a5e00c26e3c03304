"""When a link lets people in, how many, and whom it does not ask again."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from factories import TESTER, make_link, make_person, make_user, personal
from request_study import open_request_study

from surveys import services
from surveys.errors import EnrolmentError
from surveys.models import Administration, EarlierId, RecruitingLink, Respondent
from surveys.recruiters import Exit, LinkTerms, Outcome
from surveys.services.people.erasure import keep_retention, set_retention
from surveys.services.people.refusing import ArrangementRefused
from surveys.services.people.terms import set_terms, terms_of

ANN, BEA = "a" * 24, "b" * 24
DAY = timedelta(days=1)


def agreed(link, **terms) -> RecruitingLink:
    set_terms(link=link, terms=LinkTerms(**terms), by=TESTER)
    return RecruitingLink.objects.select_related("study").get(pk=link.pk)


def came(client, link, recruiter_id=""):
    query = f"?PROLIFIC_PID={recruiter_id}&STUDY_ID=s&SESSION_ID=t" if recruiter_id else ""
    return client.get(reverse("surveys:information", kwargs={"token": link.token}) + query)


def refused(link, recruiter_id="") -> str:
    with pytest.raises(EnrolmentError) as error:
        make_person(link, recruiter_id=recruiter_id)
    return error.value.code


def test_a_link_opens_and_closes_and_whoever_has_begun_may_finish(client, link):
    now = timezone.now()
    link = agreed(link, opens_at=now + DAY, closes_at=now + 2 * DAY)
    page = came(client, link)
    assert page.status_code == 403
    assert "You can begin from" in page.content.decode()
    assert "UTC" in page.content.decode()
    assert refused(link) == "not_yet"
    link = agreed(link, opens_at=now - DAY, closes_at=now + DAY)
    assert came(client, link).status_code == 200
    person = make_person(link)
    link = agreed(link, opens_at=now - 2 * DAY, closes_at=now - DAY)
    page = came(client, link)
    assert page.status_code == 410
    assert "the time for this study is over" in page.content.decode()
    assert refused(link) == "over"
    assert client.get(personal("page", person, number=1)).status_code == 200
    # A form that was open when the link closed stores nothing.
    sent = {"decision": "agree", "start": "x" * 20}
    late = client.post(reverse("surveys:begin", kwargs={"token": link.token}), sent)
    assert late.status_code == 410
    assert Respondent.objects.count() == 1
    test = services.enrol_person(link=link, consent_text=person.respondent.consent.text, test=True)
    assert test.status == "in_progress"


def test_the_most_people_of_a_link_are_its_quota(client, link):
    link = agreed(link, most_people=1)
    assert [(one.most, one.link_id, one.when) for one in link.study.quotas.all()] == [
        (1, link.pk, "")
    ]
    make_person(link)
    assert came(client, link).status_code == 410
    assert make_person(link).outcome == "quota_full"
    assert terms_of(link=link).most_people == 1
    link = agreed(link, most_people=None)
    assert not link.study.has_quotas
    assert came(client, link).status_code == 200


@pytest.fixture
def earlier(open_study):
    """A link of a study in which Ann took part and Bea declined."""
    link = make_link(open_study, recruiter="prolific")
    text = make_person(link, recruiter_id=ANN).respondent.consent.text
    services.decline(link=link, consent_text=text, recruiter_id=BEA)
    return link


@pytest.fixture
def later(owner, earlier):
    exits = {Outcome.SCREENED_OUT: Exit(code="OUT1")}
    link = make_link(open_request_study(owner), recruiter="prolific")
    return agreed(link, exits=exits, not_again=(earlier.study.slug,))


def test_whoever_took_part_in_a_named_study_is_led_back_and_not_stored(client, later):
    page = came(client, later, ANN)
    assert page.status_code == 410
    assert "https://app.prolific.com/submissions/complete?cc=OUT1" in page.content.decode()
    assert refused(later, ANN) == "took_part"
    assert not later.respondents.exists()
    # Who declined there, and whoever is new, may come.
    assert came(client, later, BEA).status_code == 200
    assert make_person(later, recruiter_id=BEA).status == "in_progress"


def test_a_keyed_hash_knows_again_whose_id_is_deleted(client, earlier, later):
    study = earlier.study
    person = Administration.objects.get(respondent__recruiter_id=ANN)
    Administration.objects.filter(pk=person.pk).update(
        status="completed", completion_code="X", ended_at=timezone.now() - 9 * DAY
    )
    set_retention(study=study, days=1, by=TESTER, hashes_kept=True)
    page = client.get(personal("stored", person)).content.decode()
    assert "A keyed hash of it stays" in page
    assert keep_retention(by=TESTER) == 1
    assert not Respondent.objects.filter(recruiter_id=ANN).exists()
    (kept,) = EarlierId.objects.all()
    assert ANN not in kept.digest
    assert refused(later, ANN) == "took_part"
    # Without the hash nobody could know.
    EarlierId.objects.all().delete()
    assert make_person(later, recruiter_id=ANN).status == "in_progress"


def test_mistakes_of_bounds_are_told_and_only_own_studies_can_be_named(client, earlier, owner):
    now = timezone.now()
    link = make_link(earlier.study, recruiter="sona")
    wrong = {
        "opens_at": now,
        "closes_at": now - DAY,
        "most_people": 0,
        "not_again": ("not-there",),
    }
    with pytest.raises(ArrangementRefused) as error:
        agreed(link, **wrong)
    assert {(one.where, one.code.value) for one in error.value.problems} == {
        ("closes_at", "closes_first"),
        ("most_people", "number"),
        ("not_again", "no_ids"),
        ("not_again", "unknown_study"),
    }
    others = open_request_study(make_user("another"))
    client.force_login(owner)
    address = f"/api/links/{earlier.pk}/terms/"
    sent = {"not_again": [others.slug], "most_people": 5}
    answer = client.put(address, json.dumps(sent), content_type="application/json")
    assert answer.status_code == 409
    assert "not-there" not in answer.content.decode()
    sent = {"opens_at": "2027-01-01T10:00:00Z", "most_people": 5}
    answer = client.put(address, json.dumps(sent), content_type="application/json")
    assert answer.json()["opens_at"].startswith("2027-01-01T10:00:00")
    page = client.get(reverse("surveys:recruit", kwargs={"slug": earlier.study.slug}))
    assert 'value="2027-01-01T10:00"' in page.content.decode()
    form = {
        f"link-{earlier.pk}-opens_at": "2027-01-02T09:30",
        f"link-{earlier.pk}-most_people": "7",
    }
    address = reverse("surveys:terms", args=[earlier.study.slug, earlier.pk])
    assert client.post(address, form).status_code == 302
    terms = terms_of(link=RecruitingLink.objects.get(pk=earlier.pk))
    assert (terms.opens_at.isoformat(), terms.most_people) == ("2027-01-02T09:30:00+00:00", 7)
