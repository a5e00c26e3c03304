"""The REST door: the same permission and the same use cases as the pages."""

import pytest
from django.test import Client
from factories import answer_everything, make_person

from surveys import services
from surveys.models import Answer
from surveys.selectors import presentation_of


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def api(owner) -> Client:
    return as_user(owner)


def submit(client, administration, answers, key="one"):
    """What a participant's own program sends: the token, and no account."""
    body = {"idempotency_key": key, "answers": answers}
    return client.post(
        "/api/participation/",
        body,
        content_type="application/json",
        headers={"Authorization": f"Participant {administration.token}"},
    )


def first_ref(person) -> str:
    return presentation_of(person).order[0]


def test_a_study_is_read_with_role_and_counts_apart(api, person, open_study):
    answer_everything(person)
    services.complete_administration(administration=person)
    found = api.get("/api/studies/").json()["results"]
    assert [study["slug"] for study in found] == [open_study.slug]
    assert found[0]["role"] == "owner"
    assert found[0]["completed"] == {"people": 1, "simulated_people": 0, "model_sessions": 0}
    assert api.get(f"/api/studies/{open_study.slug}/").json()["status"] == "open"


def test_links_respondents_and_answers_are_read_by_study(api, person, open_study):
    answer_everything(person)
    query = f"?study={open_study.slug}"
    link = api.get(f"/api/links/{query}").json()["results"][0]
    assert (link["study"], link["began"], link["completed"]) == (open_study.slug, 1, 0)
    respondent = api.get(f"/api/respondents/{query}&kind=human").json()["results"][0]
    assert respondent["provenance"] == "people"
    assert respondent["administration"]["status"] == "in_progress"
    answers = api.get(f"/api/answers/{query}&administration={person.pk}&limit=500").json()
    assert [row["ref"] for row in answers["results"]] == list(presentation_of(person).order)
    assert answers["results"][0]["kind"] == "human"
    assert api.get("/api/answers/?study=other").json()["results"] == []


def test_a_persons_token_is_never_shown(api, person):
    answer_everything(person)
    for name in ("studies", "links", "respondents", "answers"):
        assert person.token not in api.get(f"/api/{name}/").content.decode()


def test_reading_takes_the_same_queries_for_many_as_for_few(
    api, link, django_assert_max_num_queries
):
    for _ in range(5):
        answer_everything(make_person(link))
    for name in ("studies", "links", "respondents", "answers"):
        with django_assert_max_num_queries(5):
            api.get(f"/api/{name}/")


def test_answers_are_recorded_once_with_their_door(client, person):
    given = [{"ref": first_ref(person), "code": 3, "elapsed_ms": 900}]
    first, second = (submit(client, person, given) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["created"] == 1
    assert second.json()["repeated"]
    assert Answer.objects.get().elapsed_ms == 900
    assert person.submissions.get().door == "participant_rest"


def test_a_missing_reason_is_recorded(client, person):
    submit(client, person, [{"ref": first_ref(person), "missing_reason": "skipped"}])
    assert Answer.objects.get().missing_reason == "skipped"


def test_what_the_use_case_refuses_is_a_conflict_with_code_and_sentence(client, person):
    response = submit(client, person, [{"ref": first_ref(person), "code": 99}])
    assert response.status_code == 409
    error = response.json()
    assert error["code"] == "unknown_option"
    assert first_ref(person) in error["detail"]
    assert list(error["errors"]) == [first_ref(person)]
    assert not Answer.objects.exists()


def test_a_malformed_body_names_the_fields(client, person):
    headers = {"Authorization": f"Participant {person.token}"}
    sent = {"content_type": "application/json", "headers": headers}
    response = client.post("/api/participation/", {"answers": []}, **sent)
    assert response.status_code == 400
    error = response.json()
    assert error["code"] == "invalid"
    assert set(error["errors"]) == {"idempotency_key", "answers"}
    unreadable = client.post("/api/participation/", "{", **sent)
    assert unreadable.status_code == 400
    assert set(unreadable.json()) == {"code", "detail", "errors"}


def test_a_question_of_a_later_page_waits_for_those_before_it(client, person):
    last = presentation_of(person).order[-1]
    response = submit(client, person, [{"ref": last, "code": 1}])
    assert (response.status_code, response.json()["code"]) == (409, "out_of_order")
    assert not Answer.objects.exists()


@pytest.mark.parametrize("user", ["owner", "collaborator"])
def test_no_member_writes_a_persons_answers(request, person, user):
    member = as_user(request.getfixturevalue(user))
    body = {
        "administration": person.pk,
        "idempotency_key": "one",
        "answers": [{"ref": first_ref(person), "code": 3}],
    }
    for name, status in (("answers", 405), ("participation", 401)):
        response = member.post(f"/api/{name}/", body, content_type="application/json")
        assert response.status_code == status
    assert not Answer.objects.exists()


@pytest.mark.parametrize("header", ["Participant wrong", "Participant ", "Bearer {}", "{}", ""])
def test_nobody_records_without_the_participants_token(client, person, header):
    response = client.post(
        "/api/participation/",
        {"idempotency_key": "one", "answers": [{"ref": first_ref(person), "code": 3}]},
        content_type="application/json",
        headers={"Authorization": header.format(person.token)} if header else {},
    )
    assert response.status_code == 401
    assert not Answer.objects.exists()


def test_a_stranger_finds_and_records_nothing(person, open_study, stranger, link):
    answer_everything(person)
    api = as_user(stranger)
    for name in ("links", "respondents", "answers"):
        assert api.get(f"/api/{name}/?study={open_study.slug}").json()["results"] == []
    assert api.get("/api/studies/").json()["results"] == []
    rows = (f"studies/{open_study.slug}", f"links/{link.pk}", f"respondents/{person.respondent_id}")
    for row in (*rows, f"answers/{Answer.objects.first().pk}"):
        response = api.get(f"/api/{row}/")
        assert response.status_code == 404
        assert response.json()["code"] == "not_found"


def test_a_collaborator_reads(person, collaborator):
    api = as_user(collaborator)
    assert api.get("/api/studies/").json()["results"][0]["role"] == "editor"


def test_whoever_is_not_logged_in_reads_nothing(client, person):
    response = client.get("/api/studies/")
    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"


def test_a_link_cannot_be_written_here(api, link):
    response = api.delete(f"/api/links/{link.pk}/")
    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"
