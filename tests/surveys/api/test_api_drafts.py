"""A study of one's own over REST: the same files as JSON, the same checks, the same members."""

import tomllib

import pytest
from django.test import Client
from factories import TESTER
from own_studies import INSTRUMENTS, STUDY

from surveys import services
from surveys.models import InstrumentVersion, Study

pytestmark = pytest.mark.django_db
VALUES = tomllib.loads(STUDY)


class Api:
    """A user's client that sends and reads JSON."""

    def __init__(self, user) -> None:
        self.client = Client()
        self.client.force_login(user)

    def send(self, method, path, body=None):
        call = getattr(self.client, method)
        return call(f"/api/{path}", body or {}, content_type="application/json")

    def get(self, path):
        return self.client.get(f"/api/{path}")


@pytest.fixture
def api(owner) -> Api:
    return Api(owner)


@pytest.fixture
def published(api) -> None:
    for text in INSTRUMENTS.values():
        assert api.send("post", "instruments/", tomllib.loads(text)).status_code == 201


@pytest.fixture
def walks(api, published) -> Study:
    assert api.send("post", "studies/", VALUES).status_code == 201
    return Study.objects.get()


def test_an_instrument_is_published_read_and_never_changed(api, published, stranger):
    rows = Api(stranger).get("instruments/?slug=on-foot").json()["results"]
    assert [(row["language"], row["items"]) for row in rows] == [("en", 8), ("de", 8)]
    content = api.get(f"instruments/{rows[1]['id']}/").json()["content"]
    assert content["items"][0]["text"] == {"de": "Gehen macht mir den Kopf frei."}
    changed = tomllib.loads(INSTRUMENTS["on-foot"].replace("Walking clears", "Walking empties"))
    response = api.send("post", "instruments/", changed)
    assert (response.status_code, response.json()["code"]) == (409, "version_is_frozen")


def test_what_is_wrong_comes_as_a_list(api, published):
    instrument = tomllib.loads(INSTRUMENTS["on-foot"])
    response = api.send("post", "instruments/", {**instrument, "slug": "Foot", "license": "x"})
    assert response.status_code == 400
    problems = {one["path"]: one["code"] for one in response.json()["errors"]["instrument"]}
    assert problems == {"slug": "malformed_name", "license": "unknown_key"}
    response = api.send("post", "studies/", {**VALUES, "settings": {"minutes": "two"}})
    assert response.json()["code"] == "invalid"
    (problem,) = response.json()["errors"]["study"]
    assert set(problem) == {"path", "code", "arguments", "sentence"}
    assert (problem["path"], problem["code"]) == ("settings.minutes", "wrong_type")
    assert not Study.objects.exists()


@pytest.mark.parametrize("body", ["[1]", '"text"', "3", "null", '{"slug": "\\ud800"}'])
def test_what_is_no_study_at_all_is_refused(api, body):
    response = api.client.post("/api/studies/", body, content_type="application/json")
    assert response.status_code == 400
    assert response.json()["code"] == "invalid"


def test_a_draft_is_made_changed_checked_and_opened(api, walks):
    shown = api.get("studies/walks/").json()
    assert (shown["status"], shown["role"]) == ("draft", "owner")
    unfinished = {key: part for key, part in VALUES.items() if key != "consent"}
    response = api.send("put", "studies/walks/", unfinished)
    assert [one["code"] for one in response.json()["lacking"]] == ["no_consent"]
    response = api.send("post", "studies/walks/open/")
    assert (response.status_code, response.json()["code"]) == (409, "study_incomplete")
    assert response.json()["errors"]["study"][0]["path"] == "consent"
    api.send("put", "studies/walks/", VALUES)
    checked = api.get("studies/walks/check/").json()
    assert (checked["ready"], checked["ready_for_people"]) == (True, True)
    assert checked["languages_in_english"] == []
    assert {lock["code"] for lock in checked["locks"]} >= {"consent", "blocks", "settings"}
    response = api.send("post", "studies/walks/open/")
    assert (response.status_code, response.json()["status"]) == (200, "open")
    response = api.send("put", "studies/walks/", VALUES)
    assert (response.status_code, response.json()["code"]) == (409, "study_is_frozen")


def test_a_place_left_to_be_filled_in_opens_without_people(api, walks):
    consent = {**VALUES["consent"], "contact": "[e-mail]"}
    api.send("put", "studies/walks/", {**VALUES, "consent": consent})
    response = api.send("post", "studies/walks/open/")
    (problem,) = response.json()["errors"]["study"]
    assert (problem["code"], problem["path"]) == ("placeholder_left", "consent.contact")
    response = api.send("post", "studies/walks/open/", {"people": False})
    assert response.json()["people_may_begin"] is False


def test_what_is_exported_can_be_sent_back(api, walks):
    exported = api.get("studies/walks/export/").json()
    assert exported["study"] == VALUES | {"blocks": exported["study"]["blocks"]} | {
        "consent": exported["study"]["consent"]
    }
    assert {one["slug"] for one in exported["instruments"]} == set(INSTRUMENTS)
    for instrument in exported["instruments"]:
        assert api.send("post", "instruments/", instrument).status_code == 201
    api.send("delete", "studies/walks/")
    assert api.send("post", "studies/", exported["study"]).status_code == 201
    assert api.get("studies/walks/export/").json() == exported
    assert tomllib.loads(api.get("studies/walks/export/?form=toml").content.decode())
    assert InstrumentVersion.objects.count() == 4


def test_a_copy_a_new_version_and_the_archive(api, walks):
    response = api.send("post", "studies/walks/copy/", {"slug": "strolls"})
    assert (response.status_code, response.json()["slug"]) == (201, "strolls")
    services.close_study(study=services.open_study(study=walks, by=TESTER), by=TESTER)
    response = api.send("post", "studies/walks/copy/", {"version": "2.0"})
    assert (response.json()["slug"], response.json()["previous"]) == ("walks-v2-0", "walks")
    assert api.send("post", "studies/walks/archive/").status_code == 200
    listed = [row["slug"] for row in api.get("studies/").json()["results"]]
    assert sorted(listed) == ["strolls", "walks-v2-0"]
    archived = api.get("studies/?archived=true").json()["results"]
    assert [row["slug"] for row in archived] == ["walks"]
    assert api.send("delete", "studies/walks/archive/").json()["archived_at"] is None


def test_only_members_find_a_study_and_only_owners_delete_it(api, walks, stranger, collaborator):
    for method, path in [
        ("put", ""),
        ("delete", ""),
        ("post", "open/"),
        ("post", "copy/"),
        ("post", "archive/"),
    ]:
        response = Api(stranger).send(method, f"studies/walks/{path}", VALUES)
        assert response.status_code == 404, path
    for path in ("", "check/", "export/"):
        assert Api(stranger).get(f"studies/walks/{path}").status_code == 404
    services.add_member(study=walks, user=collaborator, role="editor", by=TESTER)
    assert Api(collaborator).send("put", "studies/walks/", VALUES).status_code == 200
    assert Api(collaborator).send("delete", "studies/walks/").status_code == 403
    assert api.send("delete", "studies/walks/").status_code == 204
    assert not Study.objects.exists()


def test_a_study_is_not_changed_in_parts(api, walks):
    assert api.send("patch", "studies/walks/", {"version": "2.0"}).status_code == 405
