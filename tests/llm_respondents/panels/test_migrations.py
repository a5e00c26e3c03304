"""Panels of the version before keep what was written of them when notes became columns."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from factories import TESTER
from workers import do_job

from llm_respondents.models import Batch, Panel
from llm_respondents.money.prices import price_periods
from llm_respondents.money.reconciliation import reconcile_panel
from llm_respondents.readout.sentences import halt_of, remark_of
from llm_respondents.services import run_panel

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = ("llm_respondents", "0004_batch_usage")
SINCE, LATER = "2026-11-24T10:00:00+00:00", "2026-11-25T10:00:00.250000+00:00"
AMOUNTS = {"input_per_million": "0.25", "output_per_million": "2.0", "batch_factor": "0.5"}
DEARER = {**AMOUNTS, "output_per_million": "4", "cached_input_per_million": "0.025"}
FOUND = {
    "response_format": "honoured",
    "seed": "ignored",
    "logprobs": "honoured",
    "context": "unknown",
    "usage": True,
    "model": "small-2026-01-01",
    "system_fingerprint": "fp_local",
}
PROBED = {
    **FOUND,
    "calls": 6,
    "tokens": 900,
    "prompt_tokens": 800,
    "completion_tokens": 100,
    "probe_nano": 1234,
    "probed_at": LATER,
    "prices": [{"since": SINCE, **AMOUNTS}, {"since": LATER, **DEARER}],
}
LOST = (
    "batch_unknown: The provider does not know batch batch_9, or has its replies no more; they may "
    "have been billed. See that the key is of the account that the batch was sent from, and run "
    "the panel again. If the batch is gone, `manage.py panel_batches --panel 7 --count-as-lost 4` "
    "gives it up, so that its questions are asked anew."
)
STALLED = "no_progress: calls were made for 600 seconds and none closed a turn. Look at the last"
# What stood in a halted panel's note -> its code and arguments.
NOTES = {
    "budget_spent: the spend cap leaves no room for another call": ("budget_spent", {}),
    "auth: auth: wrong key": ("auth", {"said": "wrong key"}),
    "timeout: nothing within 120 s": ("timeout", {"said": "nothing within 120 s"}),
    "endpoint_down: server: away": ("endpoint_down", {"said": "server: away"}),
    "batch_failed: The provider did not accept the batch: too large": (
        "batch_failed",
        {"said": "too large"},
    ),
    "schema_not_honoured: The endpoint does not enforce a JSON schema.": (
        "schema_not_honoured",
        {},
    ),
    STALLED: ("no_progress", {"seconds": 600}),
    LOST: ("batch_unknown", {"batch": "batch_9", "panel": 7, "number": 4}),
    "something_else: what an older version said": (
        "something_else",
        {"said": "what an older version said"},
    ),
}  # fmt: skip
DETAILS = {
    "budget_spent: the spend cap leaves no room for another call": ("budget_spent", {}),
    "counted as lost": ("counted_as_lost", {}),
    "counted as lost, not billed": ("lost_unbilled", {}),
    "the provider knows no such batch": ("unknown", {}),
    "never sent": ("never_sent", {}),
    "2 lines repeated, 1 lines unknown": (
        "lines_left_out",
        {"unreadable": 0, "unknown": 1, "repeated": 2},
    ),
    "invalid_file: line is no JSON (line 3)": (
        "batch_failed",
        {"said": "invalid_file: line is no JSON (line 3)"},
    ),
    "": ("", {}),
}


def migrate(target=None):
    """Bring the panels' tables to a migration, the last if none is named; return its models."""
    executor = MigrationExecutor(connection)
    others = [node for node in executor.loader.graph.leaf_nodes() if node[0] != BEFORE[0]]
    last = executor.loader.graph.leaf_nodes(BEFORE[0])
    nodes = [target] if target else last
    executor.migrate(nodes)
    return MigrationExecutor(connection).loader.project_state([*others, *nodes]).apps


@pytest.fixture
def before():
    """Go to the version before; whatever happens, the tables are today's when the test is over."""
    yield lambda: migrate(BEFORE)
    migrate()


def old(apps, name):
    return apps.get_model("llm_respondents", name).objects


def test_why_a_panel_halted_and_what_became_of_a_batch_get_codes(recruit, before):
    panels = {note: recruit(sessions=1, label=f"P{n}").pk for n, note in enumerate(NOTES)}
    apps = before()
    for note, pk in panels.items():
        old(apps, "Panel").filter(pk=pk).update(status="halted", status_note=note)
    for number, detail in enumerate(DETAILS):
        kept = {"key": str(number), "wave": number, "status": "failed", "detail": detail}
        old(apps, "Batch").create(panel_id=min(panels.values()), **kept)
    migrate()
    for note, pk in panels.items():
        panel = Panel.objects.get(pk=pk)
        assert (panel.halt_code, panel.halt_args) == NOTES[note]
        assert halt_of(panel), note
        assert panel.ended_reason == ""
    remarks = Batch.objects.order_by("wave").values_list("remark", "remark_args")
    assert list(remarks) == list(DETAILS.values())
    assert all(bool(remark_of(*one)) == bool(one[0]) for one in remarks)


def test_prices_and_what_a_probe_cost_leave_the_capabilities(recruit, before, client, owner):
    panel = recruit(sessions=1)
    apps = before()
    old(apps, "Panel").update(capabilities=PROBED, spent_nano=1234)
    migrate()
    panel.refresh_from_db()
    assert panel.capabilities == FOUND
    assert panel.probed_at == datetime.fromisoformat(LATER)
    account = reconcile_panel(panel)
    assert (account.probe_nano, account.probe_calls, account.probe_tokens) == (1234, 6, 900)
    assert account.unrecorded_nano == 0
    periods = price_periods(panel)
    assert [period.since for period in periods] == [
        datetime(2026, 11, 24, 10, tzinfo=UTC),
        datetime(2026, 11, 25, 10, 0, 0, 250_000, tzinfo=UTC),
    ]
    assert [str(period.price.output_per_million) for period in periods] == ["2.0", "4"]
    client.force_login(owner)
    page = client.get(reverse("llm_respondents:panel", args=[panel.pk]))
    assert "small-2026-01-01" in page.content.decode()


def test_the_version_before_finds_its_notes_and_prices_again(recruit, before):
    panel = recruit(sessions=1)
    Panel.objects.update(status="halted")
    apps = before()
    old(apps, "Panel").update(capabilities=PROBED, status_note="auth: auth: wrong key")
    old(apps, "Batch").create(panel_id=panel.pk, key="k", wave=1, detail="counted as lost")
    migrate()
    apps = before()
    found = old(apps, "Panel").get()
    assert found.status_note == "auth: wrong key"
    tokens = {"prompt_tokens": 800, "completion_tokens": 100}
    assert found.capabilities == {k: v for k, v in PROBED.items() if k not in tokens}
    assert old(apps, "Batch").get().detail == "counted as lost"


def test_why_a_panel_is_over_is_read_from_its_missing_answers(scripted, before):
    complete, cancelled, capped = (scripted(sessions=1, label=label) for label in "abc")
    for panel in (complete, cancelled, capped):
        run_panel(panel_id=panel.pk, by=TESTER)
    waiting = scripted(sessions=1, label="d")
    apps = before()
    answers = apps.get_model("surveys", "Answer").objects
    for panel, reason in ((cancelled, "cancelled"), (capped, "budget_stop")):
        old(apps, "Panel").filter(pk=panel.pk).update(status="cancelled")
        of_panel = answers.filter(administration__respondent__panel_member__panel=panel.pk)
        of_panel.filter(pk=of_panel.first().pk).update(value=None, missing_reason=reason)
    note = "budget_stop: the cap left no room for the other questions"
    old(apps, "Panel").filter(pk=waiting.pk).update(status="cancelled", status_note=note)
    migrate()
    reasons = dict(Panel.objects.values_list("pk", "ended_reason"))
    assert [reasons[one.pk] for one in (complete, cancelled, capped, waiting)] == [
        "complete",
        "cancelled",
        "budget_stop",
        "budget_stop",
    ]
    assert set(Panel.objects.values_list("halt_code", flat=True)) == {""}


def test_jobs_that_waited_go_on_under_their_new_names(scripted, before, settings):
    panel = scripted(sessions=1)
    apps = before()
    results = apps.get_model("django_tasks_database", "DBTaskResult").objects
    kept = {
        "task_path": "llm_respondents.tasks.run_panel",
        "args_kwargs": {"args": [panel.pk], "kwargs": {}},
        "backend_name": "default",
        "run_after": datetime(2026, 11, 24, tzinfo=UTC),
    }
    waiting = results.create(**kept)
    pilot = results.create(**kept | {"args_kwargs": {"args": [panel.pk, 5], "kwargs": {}}})
    over = {"status": "SUCCESSFUL", "finished_at": datetime(2026, 11, 25, tzinfo=UTC)}
    done = results.create(**kept | over)
    other = results.create(**kept | {"task_path": "analysis.tasks.run"})
    migrate()
    paths = dict(DBTaskResult.objects.values_list("pk", "task_path"))
    assert paths[waiting.pk] == "llm_respondents.jobs.run_panel"
    assert paths[done.pk] == "llm_respondents.tasks.run_panel"
    assert paths[other.pk] == "analysis.tasks.run"
    job = DBTaskResult.objects.get(pk=waiting.pk)
    job.task.func(*job.args_kwargs["args"])
    assert do_job(panel, "panel") == "complete"
    assert DBTaskResult.objects.get(pk=pilot.pk).args_kwargs["args"][::2] == [panel.pk, 5]
