"""What stands behind the question mark is known to its address, or refused; lists have an end."""

import pytest

from config.api import router
from surveys.api.rules.paging import Pages

pytestmark = pytest.mark.django_db


def lists() -> list[str]:
    """Every list that the router serves."""
    return [prefix for prefix, viewset, _name in router.registry if hasattr(viewset, "list")]


@pytest.mark.parametrize("prefix", lists())
def test_no_list_takes_a_parameter_that_it_does_not_know(client, owner, prefix):
    client.force_login(owner)
    refused = client.get(f"/api/{prefix}/?studdy=tea")
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    (sentence,) = refused.json()["errors"]["studdy"]
    assert "unknown" in sentence


def test_the_nearest_known_parameter_is_named_and_each_unknown_one(client, owner, open_study):
    client.force_login(owner)
    errors = client.get("/api/answers/?studi=tea&administrations=4&limit=1").json()["errors"]
    assert "did you mean 'study'?" in errors["studi"][0]
    assert "did you mean 'administration'?" in errors["administrations"][0]
    one = f"/api/studies/{open_study.slug}/"
    assert client.get(f"{one}?form=toml").status_code == 400
    assert client.get(f"{one}export/?form=toml").status_code == 200
    assert client.get(f"{one}log/?limit=1").status_code == 200
    german = client.get("/api/answers/?studi=tea", headers={"Accept-Language": "de"}).json()
    assert "ist 'study' gemeint?" in german["errors"]["studi"][0]


@pytest.mark.parametrize("prefix", ["panels", "plans", "runs", "reports", "plans/drafts"])
def test_lists_are_narrowed_to_a_study(client, owner, prefix):
    client.force_login(owner)
    assert client.get(f"/api/{prefix}/?study=none").json()["results"] == []


def test_nobody_gets_more_than_a_thousand_rows_at_once(client, owner, monkeypatch, open_study):
    client.force_login(owner)
    monkeypatch.setattr(Pages, "max_limit", 2)
    for number in range(3):
        open_study.links.create(label=f"Link {number}")
    page = client.get("/api/links/?limit=40000").json()
    assert len(page["results"]) == 2
    # Somebody comes in and somebody leaves meanwhile: no row comes twice, and none is left out.
    open_study.links.order_by("pk").first().delete()
    open_study.links.create(label="Link 3")
    rest = client.get(page["next"]).json()
    assert [one["label"] for one in rest["results"]] == ["Link 2", "Link 3"]
    assert rest["next"] is None


def test_whoever_has_an_answer_is_told_that_nothing_changed(client, owner, open_study):
    client.force_login(owner)
    first = client.get("/api/links/")
    again = {"If-None-Match": first["ETag"]}
    unchanged = client.get("/api/links/", headers=again)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    open_study.links.create(label="One more")
    assert client.get("/api/links/", headers=again).status_code == 200
    assert client.get("/api/links/?limit=x", headers=again).status_code == 400


@pytest.mark.parametrize("given", ["limit=x", "limit=0", "after=-1", "after=9999999999999999999"])
def test_what_is_no_number_is_refused(client, owner, given):
    client.force_login(owner)
    refused = client.get(f"/api/links/?{given}")
    assert (refused.status_code, *refused.json()["errors"]) == (400, given.partition("=")[0])
