"""Many sessions are drawn up by a worker: the panel is there whole, once, or not at all."""

import io

import pytest
from django.core.management import call_command
from django.urls import reverse
from factories import TESTER
from panel_form import filled_in
from rest_framework.test import APIClient

from llm_respondents import services
from llm_respondents.design.spec import PanelSpec
from llm_respondents.errors import PanelSpecError
from llm_respondents.jobs.kinds import carry_out_recruiting
from llm_respondents.jobs.recruiting import AT_ONCE, RECRUITING, recruit_or_queue
from llm_respondents.models import Panel
from surveys.errors import JobCancelled
from surveys.jobs import leases
from surveys.jobs.queue import carry_out
from surveys.jobs.watch import Watch
from surveys.models import Administration, Job, RespondentGroup
from surveys.services import close_study
from surveys.services.jobs import cancel_job

MANY = AT_ONCE + 1


@pytest.fixture
def spec(list_endpoint):
    list_endpoint("http://127.0.0.1:9/v1", name="campus", prompt=0.25, completion=2)
    return PanelSpec(model="small", base_url="http://127.0.0.1:9/v1", sessions=MANY, seed=7)


@pytest.fixture
def job(open_study, spec):
    made = recruit_or_queue(study=open_study, spec=spec, by=TESTER, key="many")
    assert isinstance(made, Job)
    return made


def taken(job):
    """The job in the hands of a worker."""
    assert leases.take(job, "here")
    return Watch(job, "here")


def test_few_sessions_are_there_at_once_and_many_by_a_worker(open_study, spec):
    few = spec.model_copy(update={"sessions": AT_ONCE})
    assert isinstance(recruit_or_queue(study=open_study, spec=few, by=TESTER), Panel)
    job = recruit_or_queue(study=open_study, spec=spec, by=TESTER, key="many")
    assert not Panel.objects.filter(group__key="many").exists()

    assert carry_out.call(job.pk) == "done"
    panel = Panel.objects.get(group__key="many")
    job.refresh_from_db()
    assert (job.result, job.place, job.total) == ({"panel": panel.pk}, 0, 0)
    assert (panel.members.count(), panel.status) == (MANY, "ready")
    assert panel.spec_hash == spec.hash


def test_the_page_of_models_follows_what_is_being_recruited(client, open_study, owner, spec):
    client.force_login(owner)
    form = filled_in(sessions=MANY, spend_cap="5")
    done = client.post(reverse("llm_respondents:new_panel", args=[open_study.slug]), form)
    models = reverse("llm_respondents:models", args=[open_study.slug])
    assert done.url == models
    job = Job.objects.get(kind=RECRUITING)
    fragment = reverse("surveys:job", args=[job.pk])
    assert f'hx-get="{fragment}"' in client.get(models).content.decode()

    assert carry_out.call(job.pk) == "done"
    panel = Panel.objects.get()
    assert panel.spend_cap_nano == 5_000_000_000
    assert "HX-Refresh" in client.get(fragment, headers={"HX-Request": "true"}).headers
    page = client.get(models).content.decode()
    assert fragment not in page
    assert reverse("llm_respondents:panel", args=[panel.pk]) in page


def test_rest_answers_with_the_job_whose_result_is_the_panel(open_study, owner, spec):
    client = APIClient()
    client.force_authenticate(owner)
    asked = {"study": open_study.slug, "endpoint": "campus", "model": "small", "seed": 7}
    answer = client.post("/api/panels/", {**asked, "sessions": MANY}, format="json")
    assert answer.status_code == 202, answer.json()
    job = answer.json()
    assert (job["kind"], job["status"], job["study"]) == (RECRUITING, "waiting", open_study.slug)

    assert carry_out.call(job["id"]) == "done"
    result = client.get(f"/api/jobs/{job['id']}/").json()["result"]
    panel = client.get(f"/api/panels/{result['panel']}/").json()
    assert panel["progress"]["sessions"] == MANY


def test_what_keeps_a_panel_from_being_recruited_is_said_at_once(open_study, spec, job):
    assert carry_out.call(job.pk) == "done"
    with pytest.raises(PanelSpecError) as error:
        recruit_or_queue(study=open_study, spec=spec, by=TESTER, key="many")
    assert error.value.code == "group_key_taken"
    french = spec.model_copy(update={"language": "fr"})
    with pytest.raises(PanelSpecError) as error:
        recruit_or_queue(study=open_study, spec=french, by=TESTER)
    assert error.value.code == "language_not_offered"


def test_a_panel_of_the_same_model_that_is_quicker_takes_only_the_name(
    open_study, spec, monkeypatch
):
    job = recruit_or_queue(study=open_study, spec=spec, by=TESTER)
    draw, few = services.draw_panel, spec.model_copy(update={"sessions": 1})

    def draw_slowly(**asked):
        drawn = draw(**asked)
        if not Panel.objects.exists():
            services.recruit_panel(study=open_study, spec=few, by=TESTER)
        return drawn

    monkeypatch.setattr(services, "draw_panel", draw_slowly)
    assert carry_out.call(job.pk) == "done"
    keys = Panel.objects.order_by("pk").values_list("group__key", flat=True)
    assert list(keys) == ["small", "small-2"]


def test_a_study_that_closes_meanwhile_gets_no_panel_and_the_job_says_why(open_study, job):
    close_study(study=open_study, by=TESTER)
    assert carry_out.call(job.pk) == "failed"
    job.refresh_from_db()
    assert job.error_code == "study_not_open"
    assert not RespondentGroup.objects.filter(key="many").exists()


def test_who_cancels_leaves_nothing_behind(open_study, job):
    watch = taken(job)
    cancel_job(job=job, by=TESTER)
    with pytest.raises(JobCancelled):
        carry_out_recruiting(watch)
    assert not RespondentGroup.objects.filter(key="many").exists()
    assert not Administration.objects.filter(study=open_study).exists()


def test_who_takes_it_up_after_the_sessions_are_stored_recruits_no_second_panel(open_study, job):
    carry_out_recruiting(taken(job))
    # Its worker dies before it has said that it is done.
    Job.objects.filter(pk=job.pk).update(status="waiting", lease_owner="", lease_until=None)

    assert carry_out.call(job.pk) == "done"
    job.refresh_from_db()
    panel = Panel.objects.get(study=open_study)
    assert job.result == {"panel": panel.pk}
    assert panel.members.count() == MANY


def test_a_command_recruits_many_under_a_job(open_study):
    out = io.StringIO()
    call_command(
        "run_panel",
        study=open_study.slug,
        model="small",
        base_url="http://127.0.0.1:9/v1",
        sessions=MANY,
        recruit_only=True,
        stdout=out,
        stderr=io.StringIO(),
    )
    panel = Panel.objects.get()
    job = Job.objects.get(kind=RECRUITING)
    assert (job.status, job.result) == ("done", {"panel": panel.pk})
    assert f"Panel {panel.pk}" in out.getvalue()
