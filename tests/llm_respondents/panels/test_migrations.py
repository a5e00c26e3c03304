"""Panels of the version before keep what was written of them when notes became columns."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from factories import TESTER, make_study_of_two, make_user
from workers import do_job

from llm_respondents.design.spec import PanelSpec
from llm_respondents.models import Batch, Panel
from llm_respondents.money.prices import price_periods
from llm_respondents.money.reconciliation import reconcile_panel
from llm_respondents.readout.sentences import halt_of, remark_of
from llm_respondents.services import recruit_panel, run_panel
from surveys import selectors, services

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


pytestmark = pytest.mark.django_db


def migrate(target=None):
    """Bring the panels' tables to a migration, the last if none is named; return its models."""
    executor = MigrationExecutor(connection)
    others = [node for node in executor.loader.graph.leaf_nodes() if node[0] != BEFORE[0]]
    last = executor.loader.graph.leaf_nodes(BEFORE[0])
    nodes = [target] if target else last
    executor.migrate(nodes)
    return MigrationExecutor(connection).loader.project_state([*others, *nodes]).apps


def old(apps, name):
    return apps.get_model("llm_respondents", name).objects


@dataclass(frozen=True)
class Prepared:
    """The keys of what the version before wrote: by note, by name, and of its queue.

    `again` is what it found where a later version had been meanwhile.
    """

    noted: dict[str, int]
    panels: dict[str, int]
    jobs: dict[str, int] = field(default_factory=dict)
    again: dict[str, Any] = field(default_factory=dict)


ENDED = ("complete", "cancelled", "capped", "waiting")


def _prepared(study) -> Prepared:
    """Panels of today: some to be noted, one probed, some over, one to be run."""

    def recruited(label, **values):
        spec = PanelSpec(**{"model": "small", "sessions": 1, "label": label, **values})
        return recruit_panel(study=study, spec=spec, by=TESTER).pk

    rehearsed = {"model": "scripted:people-like", "provider": "scripted", "profile": "people-like"}
    noted = {note: recruited(f"P{n}") for n, note in enumerate(NOTES)}
    panels = {name: recruited(name) for name in ("probed", "back and forth")}
    panels |= {name: recruited(name, **rehearsed) for name in (*ENDED, "queued")}
    for name in ENDED[:-1]:
        run_panel(panel_id=panels[name], by=TESTER)
    return Prepared(noted, panels)


def _write_as_before(apps, prepared):
    """What the version before stored of them."""
    for note, pk in prepared.noted.items():
        old(apps, "Panel").filter(pk=pk).update(status="halted", status_note=note)
    for number, detail in enumerate(DETAILS):
        kept = {"key": str(number), "wave": number, "status": "failed", "detail": detail}
        old(apps, "Batch").create(panel_id=min(prepared.noted.values()), **kept)
    panels = prepared.panels
    probed = old(apps, "Panel").filter(pk=panels["probed"])
    probed.update(capabilities=PROBED, spent_nano=1234)
    answers = apps.get_model("surveys", "Answer").objects
    for name, reason in (("cancelled", "cancelled"), ("capped", "budget_stop")):
        old(apps, "Panel").filter(pk=panels[name]).update(status="cancelled")
        of_panel = answers.filter(administration__respondent__panel_member__panel=panels[name])
        of_panel.filter(pk=of_panel.first().pk).update(value=None, missing_reason=reason)
    note = "budget_stop: the cap left no room for the other questions"
    waiting = old(apps, "Panel").filter(pk=panels["waiting"])
    waiting.update(status="cancelled", status_note=note)
    _queue_as_before(apps, prepared)


def _queue_as_before(apps, prepared):
    results = apps.get_model("django_tasks_database", "DBTaskResult").objects
    panel = prepared.panels["queued"]
    kept = {
        "task_path": "llm_respondents.tasks.run_panel",
        "args_kwargs": {"args": [panel], "kwargs": {}},
        "backend_name": "default",
        "run_after": datetime(2026, 11, 24, tzinfo=UTC),
    }
    over = {"status": "SUCCESSFUL", "finished_at": datetime(2026, 11, 25, tzinfo=UTC)}
    pilot = {"args_kwargs": {"args": [panel, 5], "kwargs": {}}}
    for name, values in {
        "waiting": {},
        "pilot": pilot,
        "done": over,
        "other": {"task_path": "analysis.tasks.run"},
    }.items():
        prepared.jobs[name] = results.create(**kept | values).pk


def _go_back_and_forth(prepared):
    """What the version before stored of one panel goes to today's and is found there again."""
    panel = prepared.panels["back and forth"]
    Panel.objects.filter(pk=panel).update(status="halted")
    apps = migrate(BEFORE)
    kept = {"capabilities": PROBED, "status_note": "auth: auth: wrong key"}
    old(apps, "Panel").filter(pk=panel).update(**kept)
    old(apps, "Batch").create(panel_id=panel, key="k", wave=1, detail="counted as lost")
    migrate()
    apps = migrate(BEFORE)
    found = old(apps, "Panel").get(pk=panel)
    prepared.again["note"] = found.status_note
    prepared.again["capabilities"] = found.capabilities
    prepared.again["detail"] = old(apps, "Batch").get(panel_id=panel).detail
    return apps


@pytest.fixture(scope="module")
def upgraded(django_db_setup, django_db_blocker) -> Iterator[Prepared]:
    """All of it goes to the version before and comes back at once: the way takes seconds.

    Tables cannot be altered in the transaction that a test is: what is stored is deleted.
    """
    with django_db_blocker.unblock():
        selectors.forget_frozen_studies()
        try:
            users = make_user("owner"), make_user("collaborator")
            study = services.open_study(study=make_study_of_two(*users), by=TESTER)
            prepared = _prepared(study)
            _write_as_before(_go_back_and_forth(prepared), prepared)
            migrate()
            yield prepared
        finally:
            migrate()
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


def test_why_a_panel_halted_and_what_became_of_a_batch_get_codes(upgraded):
    for note, pk in upgraded.noted.items():
        panel = Panel.objects.get(pk=pk)
        assert (panel.halt_code, panel.halt_args) == NOTES[note]
        assert halt_of(panel), note
        assert panel.ended_reason == ""
    noted = Batch.objects.filter(panel=min(upgraded.noted.values()))
    remarks = noted.order_by("wave").values_list("remark", "remark_args")
    assert list(remarks) == list(DETAILS.values())
    assert all(bool(remark_of(*one)) == bool(one[0]) for one in remarks)


def test_prices_and_what_a_probe_cost_leave_the_capabilities(upgraded, client):
    panel = Panel.objects.get(pk=upgraded.panels["probed"])
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
    client.force_login(panel.study.memberships.get(role="owner").user)
    page = client.get(reverse("llm_respondents:panel", args=[panel.pk]))
    assert "small-2026-01-01" in page.content.decode()


def test_the_version_before_finds_its_notes_and_prices_again(upgraded):
    assert upgraded.again["note"] == "auth: wrong key"
    tokens = {"prompt_tokens": 800, "completion_tokens": 100}
    assert upgraded.again["capabilities"] == {k: v for k, v in PROBED.items() if k not in tokens}
    assert upgraded.again["detail"] == "counted as lost"


def test_why_a_panel_is_over_is_read_from_its_missing_answers(upgraded):
    panels = [Panel.objects.get(pk=upgraded.panels[name]) for name in ENDED]
    assert [panel.ended_reason for panel in panels] == [
        "complete",
        "cancelled",
        "budget_stop",
        "budget_stop",
    ]
    assert {panel.halt_code for panel in panels} == {""}


def test_jobs_that_waited_go_on_under_their_new_names(upgraded):
    panel, jobs = Panel.objects.get(pk=upgraded.panels["queued"]), upgraded.jobs
    paths = dict(DBTaskResult.objects.values_list("pk", "task_path"))
    assert paths[jobs["waiting"]] == "llm_respondents.jobs.run_panel"
    assert paths[jobs["done"]] == "llm_respondents.tasks.run_panel"
    assert paths[jobs["other"]] == "analysis.tasks.run"
    job = DBTaskResult.objects.get(pk=jobs["waiting"])
    job.task.func(*job.args_kwargs["args"])
    assert do_job(panel, "panel") == "complete"
    pilot = DBTaskResult.objects.get(pk=jobs["pilot"])
    assert pilot.args_kwargs["args"][::2] == [panel.pk, 5]
