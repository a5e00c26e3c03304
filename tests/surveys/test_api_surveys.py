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
    body = {"administration": administration.pk, "idempotency_key": key, "answers": answers}
    return client.post("/api/answers/", body, content_type="application/json")


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
    assert api.get("/api/answers/?study=other").json()["count"] == 0


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


def test_answers_are_recorded_once(api, person):
    given = [{"ref": first_ref(person), "code": 3, "elapsed_ms": 900}]
    first, second = (submit(api, person, given) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["created"] == 1
    assert second.json()["repeated"]
    assert Answer.objects.get().elapsed_ms == 900


def test_a_missing_reason_is_recorded(api, person):
    submit(api, person, [{"ref": first_ref(person), "missing_reason": "skipped"}])
    assert Answer.objects.get().missing_reason == "skipped"


def test_what_the_use_case_refuses_is_a_conflict_with_code_and_sentence(api, person):
    response = submit(api, person, [{"ref": first_ref(person), "code": 99}])
    assert response.status_code == 409
    error = response.json()
    assert error["code"] == "unknown_option"
    assert first_ref(person) in error["detail"]
    assert list(error["errors"]) == [first_ref(person)]
    assert not Answer.objects.exists()


def test_a_malformed_body_names_the_fields(api, person):
    response = api.post("/api/answers/", {"answers": []}, content_type="application/json")
    assert response.status_code == 400
    error = response.json()
    assert error["code"] == "invalid"
    assert set(error["errors"]) == {"administration", "idempotency_key", "answers"}


def test_text_that_is_no_json_has_the_same_shape_of_error(api):
    response = api.post("/api/answers/", "{", content_type="application/json")
    assert response.status_code == 400
    assert set(response.json()) == {"code", "detail", "errors"}


def test_a_stranger_finds_and_records_nothing(person, open_study, stranger, link):
    answer_everything(person)
    api = as_user(stranger)
    for name in ("studies", "links", "respondents", "answers"):
        assert api.get(f"/api/{name}/?study={open_study.slug}").json()["count"] == 0
    rows = (f"studies/{open_study.slug}", f"links/{link.pk}", f"respondents/{person.respondent_id}")
    for row in (*rows, f"answers/{Answer.objects.first().pk}"):
        response = api.get(f"/api/{row}/")
        assert response.status_code == 404
        assert response.json()["code"] == "not_found"
    assert submit(api, person, [{"ref": first_ref(person), "code": 1}], "new").status_code == 404


def test_a_collaborator_reads_and_records(person, collaborator):
    api = as_user(collaborator)
    assert api.get("/api/studies/").json()["results"][0]["role"] == "collaborator"
    assert submit(api, person, [{"ref": first_ref(person), "code": 1}]).status_code == 201


def test_whoever_is_not_logged_in_reads_nothing(client, person):
    response = client.get("/api/studies/")
    assert response.status_code == 403
    assert response.json()["code"] == "not_authenticated"
    assert submit(client, person, []).status_code == 403


def test_a_browser_session_without_its_csrf_token_records_nothing(owner, person):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    response = submit(client, person, [{"ref": first_ref(person), "code": 1}])
    assert response.status_code == 403
    assert not Answer.objects.exists()


def test_a_study_cannot_be_written_here(api, open_study):
    response = api.delete(f"/api/studies/{open_study.slug}/")
    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"
