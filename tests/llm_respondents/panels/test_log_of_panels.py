"""Whoever steers a panel leaves a row in its study's log, without what a model was told or said."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from batch_endpoint import BatchEndpoint
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation
from factories import TESTER
from workers import do_job, options

from llm_respondents.conversation.arms import Arm
from llm_respondents.design.spec import PanelSpec
from llm_respondents.errors import PanelSpecError, PanelStateError
from llm_respondents.jobs import queue_batch_panel
from llm_respondents.models import Panel
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.services import (
    cancel_panel,
    cap_spend,
    cap_study_spend,
    count_batch_as_lost,
    pause_panel,
    recruit_panel,
    reparse_panel,
    resume_panel,
    run_panel,
    run_panel_in_batches,
)
from surveys.models import Action, AuditEntry, Door, Job
from surveys.views.log import NAMES
from surveys.workspace.log_words import SUBJECTS


def rows_of(use_case, *given, **arguments) -> list[AuditEntry]:
    """What a use case adds to the log, in the order written."""
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    use_case(*given, **arguments)
    rows = list(AuditEntry.objects.exclude(pk__in=before).order_by("pk"))
    for row in rows:
        assert {*row.before, *row.after} <= NAMES.keys()
        assert row.subject_kind in SUBJECTS
    return rows


def test_recruiting_is_recorded_with_model_size_and_hash(open_study):
    spec = PanelSpec(model="scripted:reversed", provider="scripted", profile="reversed", sessions=3)
    (row,) = rows_of(recruit_panel, study=open_study, spec=spec, key="mine", by=TESTER)
    panel = Panel.objects.get()
    assert (row.action, row.study, row.subject_id) == (
        Action.PANEL_RECRUITED,
        open_study,
        panel.pk,
    )
    assert row.after == {"model": "scripted:reversed", "sessions": 3, "spec_hash": spec.hash}
    with pytest.raises(PanelSpecError):
        recruit_panel(study=open_study, spec=spec, key="mine", by=TESTER)
    assert AuditEntry.objects.filter(action=Action.PANEL_RECRUITED).count() == 1


def test_pausing_resuming_and_cancelling_say_the_status_before_and_after(scripted):
    panel = scripted()
    for use_case, action, before, after in (
        (pause_panel, Action.PANEL_PAUSED, "ready", "paused"),
        (resume_panel, Action.PANEL_RESUMED, "paused", "ready"),
        (cancel_panel, Action.PANEL_CANCELLED, "ready", "cancelled"),
    ):
        (row,) = rows_of(use_case, panel=panel, by=TESTER)
        assert (row.action, row.before, row.after) == (
            action,
            {"status": before},
            {"status": after},
        )
    with pytest.raises(PanelStateError):
        pause_panel(panel=panel, by=TESTER)
    assert AuditEntry.objects.first().action == Action.PANEL_CANCELLED


def test_caps_are_recorded_as_amounts_before_and_after(scripted, open_study):
    panel = scripted()
    (first,) = rows_of(cap_spend, panel=panel, cap=Decimal("1.50"), by=TESTER)
    (lifted,) = rows_of(cap_spend, panel=panel, cap=None, by=TESTER)
    assert (first.before, first.after) == ({"spend_cap": None}, {"spend_cap": "1.5"})
    assert (lifted.before, lifted.after) == ({"spend_cap": "1.5"}, {"spend_cap": None})
    rows = [
        *rows_of(cap_study_spend, study=open_study, cap=Decimal(20), by=TESTER),
        *rows_of(cap_study_spend, study=open_study, cap=None, by=TESTER),
    ]
    assert [(row.action, row.before["spend_cap"], row.after["spend_cap"]) for row in rows] == [
        (Action.STUDY_CAPPED, None, "20"),
        (Action.STUDY_CAPPED, "20", None),
    ]
    for refused in (
        lambda: cap_spend(panel=panel, cap=Decimal(-1), by=TESTER),
        lambda: cap_study_spend(study=open_study, cap=Decimal(-1), by=TESTER),
    ):
        with pytest.raises(PanelStateError):
            refused()
    assert AuditEntry.objects.first() == rows[-1]


def test_a_run_is_recorded_when_it_begins_and_not_for_a_panel_that_is_over(scripted):
    panel = scripted(sessions=1)
    (row,) = rows_of(run_panel, panel_id=panel.pk, by=TESTER)
    assert (row.action, row.before, row.after) == (
        Action.PANEL_RUN,
        {"status": "ready"},
        {"status": "running"},
    )
    assert rows_of(run_panel, panel_id=panel.pk, by=TESTER) == []


def test_a_probe_is_recorded_with_what_it_cost(recruit, list_endpoint):
    with Endpoint(Behaviour()) as endpoint:
        list_endpoint(endpoint.base_url)
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        begun, probed = rows_of(
            run_panel, panel_id=panel.pk, options=options(probe=True), by=TESTER
        )
        panel.refresh_from_db()
    assert (begun.action, probed.action) == (Action.PANEL_RUN, Action.PANEL_PROBED)
    assert 0 < probed.after["spent_nano"] < panel.spent_nano


def test_reading_again_is_recorded_when_it_is_applied(scripted):
    panel = scripted(sessions=1)
    run_panel(panel_id=panel.pk, by=TESTER)
    assert rows_of(reparse_panel, panel=panel, by=TESTER) == []
    (row,) = rows_of(reparse_panel, panel=panel, apply=True, by=TESTER)
    assert (row.action, row.after["answers_changed"]) == (Action.PANEL_REPARSED, 0)


@pytest.fixture
def batched(recruit):
    with BatchEndpoint(is_holding=True) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1, arms=(Arm(history="none"),))
        panel.endpoint = endpoint
        yield panel


def test_batches_are_recorded_when_begun_and_not_each_time_a_job_looks(queue, batched, owner):
    (queued,) = rows_of(queue_batch_panel, panel_id=batched.pk, by=TESTER)
    assert queued.action == Action.PANEL_RESUMED
    Job.objects.update(created_by=owner, created_by_name="owner")
    begun, probed = rows_of(do_job, batched, "batches")
    assert probed.action == Action.PANEL_PROBED
    assert (begun.action, begun.door, begun.actor) == (
        Action.PANEL_RUN_IN_BATCHES,
        Door.JOB,
        owner,
    )
    assert rows_of(do_job, batched, "batches") == []


def test_winding_up_a_cancelled_panel_adds_nothing_to_its_cancelling(
    queue, batched, django_capture_on_commit_callbacks
):
    queue_batch_panel(panel_id=batched.pk, by=TESTER)
    do_job(batched, "batches")
    with django_capture_on_commit_callbacks(execute=True):
        (row,) = rows_of(cancel_panel, panel=batched, by=TESTER)
    assert row.action == Action.PANEL_CANCELLED
    job = Job.objects.latest("pk")
    assert (job.parameters, job.queued_by) == ({"winding_up": True}, TESTER.as_json())
    assert rows_of(do_job, batched, "batches") == []


def test_a_lost_batch_is_recorded_with_what_is_booked_for_it(batched):
    run_panel_in_batches(panel_id=batched.pk, options=options(), waits=False, by=TESTER)
    batched.endpoint.forgotten.add("batch_1")
    run_panel_in_batches(panel_id=batched.pk, options=options(), poll_seconds=0.01, by=TESTER)
    batch = batched.batches.get()
    (row,) = rows_of(count_batch_as_lost, panel=batched, batch_id=batch.pk, billed=False, by=TESTER)
    assert (row.action, row.subject_id, row.after["billed"]) == (
        Action.BATCH_LOST,
        batch.pk,
        False,
    )


# --- Which door


def test_the_page_names_its_user_for_every_act(client, scripted, owner, open_study, queue):
    panel = scripted()
    client.force_login(owner)
    steer = reverse("llm_respondents:steer", args=[panel.pk])
    cap = reverse("llm_respondents:cap", args=[panel.pk])
    study_cap = reverse("llm_respondents:study_cap", args=[open_study.slug])
    for address, sent, action in (
        (steer, {"act": "pause"}, Action.PANEL_PAUSED),
        (steer, {"act": "run"}, Action.PANEL_RESUMED),
        (cap, {"spend_cap": "2"}, Action.PANEL_CAPPED),
        (study_cap, {"spend_cap": "3"}, Action.STUDY_CAPPED),
        (steer, {"act": "cancel"}, Action.PANEL_CANCELLED),
    ):
        (row,) = rows_of(client.post, address, sent)
        assert (row.action, row.door, row.actor) == (action, Door.PAGE, owner)


def test_rest_names_its_user_and_the_job_that_follows_acts_for_them(
    client, open_study, owner, queue
):
    client.force_login(owner)
    wanted = {"study": open_study.slug, "profile": "reversed", "sessions": 1, "spend_cap": "4"}
    made = rows_of(client.post, "/api/panels/", wanted, content_type="application/json")
    assert [(row.action, row.door, row.actor) for row in made] == [
        (Action.PANEL_RECRUITED, Door.REST, owner),
        (Action.PANEL_CAPPED, Door.REST, owner),
    ]
    panel = Panel.objects.get()
    for act, action in (("run", Action.PANEL_RESUMED), ("pause", Action.PANEL_PAUSED)):
        (row,) = rows_of(client.post, f"/api/panels/{panel.pk}/{act}/")
        assert (row.action, row.door, row.actor) == (action, Door.REST, owner)
    resume_panel(panel=panel, by=TESTER)
    (run,) = rows_of(do_job, panel, "panel")
    assert (run.action, run.door, run.actor) == (Action.PANEL_RUN, Door.JOB, owner)


def test_the_command_names_whom_it_is_told(open_study, owner):
    arguments = ("--study", open_study.slug, "--provider", "scripted", "--profile", "reversed")
    more = ("--by", "owner", "--spend-cap", "1")
    rows = rows_of(call_command, "run_panel", *arguments, *more, verbosity=0, stdout=StringIO())
    assert [row.action for row in rows] == [
        Action.PANEL_RECRUITED,
        Action.PANEL_CAPPED,
        Action.PANEL_RUN,
    ]
    assert {(row.door, row.actor) for row in rows} == {(Door.COMMAND, owner)}


# --- Settings, never contents


def test_no_row_holds_a_persona_a_reply_or_a_key(open_study, recruit, monkeypatch):
    monkeypatch.setenv("LAB_KEY", "sk-secret-4711")
    arm = Arm(elicitation="number")
    persona = (("Occupation", "lighthouse keeper"),)
    with Endpoint(answer=lambda _request: "2 because-of-the-storm") as endpoint:
        panel = recruit(
            base_url=endpoint.base_url,
            api_key_env="LAB_KEY",
            arms=(arm,),
            personas="table",
            persona_table=(persona,),
            sessions=1,
        )
        run_panel(panel_id=panel.pk, options=options(max_reasks=0), by=TESTER)
    reparse_panel(panel=panel, apply=True, by=TESTER)
    rows = AuditEntry.objects.values_list("subject_label", "actor_name", "before", "after")
    written = json.dumps(list(rows))
    assert panel.spec["persona_table"]
    for secret in ("4711", "LAB_KEY", "lighthouse", "storm", endpoint.base_url):
        assert secret not in written


def test_the_log_of_a_panel_is_read_in_german(client, scripted, owner, open_study):
    cap_spend(panel=scripted(), cap=Decimal(5), by=TESTER)
    client.force_login(owner)
    with translation.override("de"):
        address = reverse("surveys:log", args=[open_study.slug])
    page = client.get(address, headers={"Accept-Language": "de"}).content.decode()
    assert "Kostengrenze: keine → 5" in page
