"""Plans, runs and reports over REST, for members of the study alone."""

import hashlib

import pytest
from queries import queries_of

from analysis.models import AnalysisPlan, AnalysisRun
from analysis.plans.files import bundled_plan
from tests.analysis.respondents import answer_as, make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan_text():
    """The bundled plan without draws and grid, which cost time and show nothing here."""
    whole = bundled_plan("privacy-prosocial").read_text(encoding="utf-8")
    lean = "[draws]\nbootstrap = 0\npermutations = 0\nnoise_draws = 0\n"
    return whole[: whole.index("# How uncertainty is drawn")] + lean


@pytest.fixture
def jobs_at_once(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


def freeze(client, study, text):
    body = {"study": study.slug, "plan": text}
    return client.post("/api/plans/", body, content_type="application/json")


def test_the_whole_analysis_can_be_done_over_rest(
    client, open_study, owner, plan_text, jobs_at_once
):
    client.force_login(owner)
    people = make_group(open_study, "people", "human")
    answer_as(open_study, people, profile="people", n=40)
    frozen = freeze(client, open_study, plan_text)
    assert frozen.status_code == 201
    panel = make_group(open_study, "panel", "llm")
    answer_as(open_study, panel, profile="people-like", n=40, seed=500)
    fit = client.post(f"/api/plans/{frozen.json()['id']}/fit/")
    assert fit.status_code == 202
    (run,) = client.get("/api/runs/").json()["results"]
    assert run["status"] == "done"
    assert [row["kind"] for row in run["summary"]] == ["human", "llm"]
    result = client.get(f"/api/runs/{run['id']}/result/").json()
    assert result["comparison"]["schema_version"] == 2
    (report,) = client.get("/api/reports/").json()["results"]
    pdf = client.get(f"/api/reports/{report['id']}/file/")
    assert pdf.content.startswith(b"%PDF-")
    supplement = client.get(f"/api/reports/{report['id']}/supplement/").content
    assert hashlib.sha256(supplement).hexdigest() == report["supplement_sha256"]
    # A list of runs that have found something takes as many queries for four as for one.
    one = queries_of(lambda: client.get("/api/runs/"))
    done = AnalysisRun.objects.get()
    for _number in range(3):
        done.pk, done.job = None, None
        done.save(force_insert=True)
    assert queries_of(lambda: client.get("/api/runs/")) == one


def test_a_plan_file_with_a_mistake_is_refused_with_what_is_wrong(
    client, open_study, owner, plan_text
):
    client.force_login(owner)
    answer = freeze(client, open_study, plan_text.replace('sign = "-"', 'sign = "down"'))
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    (problem,) = answer.json()["errors"]["plan"]
    assert "'down' is unknown here" in problem["sentence"]
    assert (problem["path"], problem["code"]) == ("paths[PRV].sign", "unknown_choice")
    assert problem["arguments"]["given"] == "down"


@pytest.mark.parametrize(
    ("old", "new", "path", "code"),
    [
        ('block = "privacy"', 'block = "privcy"', "constructs[PRV].block", "unknown_block"),
        ('estimator = "ML"', 'estimator = "WLSMV"', "constructs[PRV].indicators",
         "ordinal_needs_items"),
        ('outcome = "SHR"', 'outcome = "SHA"', "paths[PRV].outcome", "unknown_construct"),
        ('indicators = "facets"', 'indicators = "facets"\nitems = 7', "constructs[PRV].items",
         "wrong_type"),
    ],
)  # fmt: skip
def test_a_plan_that_does_not_fit_itself_or_the_study_is_refused_with_every_place(
    client, open_study, owner, plan_text, old, new, path, code
):
    client.force_login(owner)
    answer = freeze(client, open_study, plan_text.replace(old, new, 1))
    assert answer.status_code == 400
    assert (path, code) in [(p["path"], p["code"]) for p in answer.json()["errors"]["plan"]]
    assert not AnalysisPlan.objects.exists()


def test_a_german_reader_is_told_in_german_what_is_wrong_with_a_plan(
    client, open_study, owner, plan_text
):
    client.force_login(owner)
    body = {"study": open_study.slug, "plan": plan_text.replace("paths", "path")}
    answer = client.post(
        "/api/plans/", body, content_type="application/json", headers={"Accept-Language": "de"}
    )
    said = {p["path"]: p["sentence"] for p in answer.json()["errors"]["plan"]}
    assert said["path"] == "diesen Schlüssel gibt es nicht; ist 'paths' gemeint?"


def test_a_second_plan_under_the_same_name_is_a_conflict(client, open_study, owner, plan_text):
    client.force_login(owner)
    freeze(client, open_study, plan_text)
    answer = freeze(client, open_study, plan_text.replace('estimator = "ML"', 'estimator = "MLR"'))
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_is_frozen")


def test_a_stranger_can_neither_freeze_nor_see(client, open_study, owner, stranger, plan_text):
    client.force_login(owner)
    freeze(client, open_study, plan_text)
    plan = AnalysisPlan.objects.get()
    client.force_login(stranger)
    assert freeze(client, open_study, plan_text).status_code == 404
    assert client.get("/api/plans/").json()["results"] == []
    assert client.get(f"/api/plans/{plan.pk}/").status_code == 404
    assert client.post(f"/api/plans/{plan.pk}/fit/").status_code == 404
