"""A batch that its provider does not know any more is never paid for twice by itself."""

import json
from io import StringIO

import pytest
from batch_endpoint import BatchEndpoint
from django.core.management import CommandError, call_command
from factories import TESTER
from workers import options

from llm_respondents.batches.states import batch_states
from llm_respondents.conversation.prompts import Arm
from llm_respondents.errors import PanelStateError
from llm_respondents.models import Attempt, Batch, BatchCall
from llm_respondents.money.reconciliation import reconcile_panel
from llm_respondents.readout.progress import panel_progress
from llm_respondents.services import (
    cancel_panel,
    count_batch_as_lost,
    run_panel_in_batches,
)
from surveys.models import Administration

SESSIONS = 2
CALLS = SESSIONS * 40
FILE = """
[endpoints.lab]
base_url = "{base_url}"
[endpoints.lab.models.small]
input_per_million = 1
output_per_million = 3
"""


def run(panel, *, waits=True):
    return run_panel_in_batches(
        panel_id=panel.pk, options=options(), poll_seconds=0.01, waits=waits, by=TESTER
    )


def command(panel, *more):
    out = StringIO()
    call_command("panel_batches", "--panel", str(panel.pk), *more, stdout=out)
    return out.getvalue()


@pytest.fixture
def lab(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with BatchEndpoint(is_holding=True) as endpoint:
        (tmp_path / "endpoints.toml").write_text(FILE.format(base_url=endpoint.base_url))
        yield endpoint


@pytest.fixture
def panel(lab, recruit):
    """A panel whose batch was sent, and is then forgotten."""
    made = recruit(base_url=lab.base_url, sessions=SESSIONS, arms=(Arm(history="none"),))
    assert run(made, waits=False).status == "ready"
    lab.forgotten.add("batch_1")
    return made


def test_an_unknown_batch_halts_the_panel_and_asks_nothing_again(lab, panel):
    for _ in range(2):
        ended = run(panel)
        assert (ended.status, ended.halt_code) == ("halted", "batch_unknown")
    batch = Batch.objects.get()
    assert f"panel_batches --panel {panel.pk} --count-as-lost {batch.pk}" in ended.note
    assert (batch.status, batch.provider_status) == ("submitted", "unknown")
    panel.refresh_from_db()
    assert panel.spent_nano == 0
    held = sum(BatchCall.objects.values_list("reserved_nano", flat=True))
    assert panel.reserved_nano == held > 0
    assert len(lab.uploads) == 1
    assert not lab.billed
    assert batch_states(panel)[0].is_unknown
    assert "submitted, 80 calls, 80 without a reply so far, at the provider: unknown" in command(
        panel
    )


def test_a_batch_that_is_known_again_is_collected_and_paid_once(lab, panel):
    run(panel)
    lab.forgotten.clear()
    lab.is_holding = False
    assert run(panel).status == "complete"
    assert panel_progress(panel).answered == CALLS == lab.billed.total()
    assert len(lab.uploads) == 1
    assert reconcile_panel(panel).is_exact


@pytest.mark.parametrize("more", [(), ("--not-billed",)])
def test_what_is_counted_as_lost_is_booked_and_asked_again(lab, panel, more):
    run(panel)
    panel.refresh_from_db()
    held = panel.reserved_nano
    told = json.loads(
        command(panel, "--json", "--count-as-lost", str(Batch.objects.get().pk), *more)
    )
    assert told["lost"]["calls"] == CALLS
    assert (told["lost"]["spent_nano"], told["lost"]["freed_nano"]) == (
        (0, held) if more else (held, 0)
    )
    assert told["batches"][0]["status"] == "failed"
    panel.refresh_from_db()
    assert (panel.spent_nano, panel.reserved_nano) == ((0 if more else held), 0)
    lab.is_holding = False
    assert run(panel).status == "complete"
    assert panel_progress(panel).answered == CALLS == lab.billed.total()
    account = reconcile_panel(panel)
    assert account.unrecorded_nano == (0 if more else held)
    assert account.booked_nano == account.expected_nano + account.unrecorded_nano
    assert "failed, 80 calls; Counted as lost" in command(panel)


def test_replies_whose_files_are_gone_are_not_paid_for_again_either(lab, panel):
    lab.forgotten = {"batch_1-output"}
    lab.is_holding = False
    ended = run(panel)
    assert (ended.status, ended.halt_code) == ("halted", "batch_unknown")
    assert lab.billed.total() == CALLS
    lab.forgotten.clear()
    assert run(panel).status == "complete"
    assert lab.billed.total() == CALLS == Attempt.objects.count()


def test_only_an_unknown_batch_of_the_panel_can_be_counted_as_lost(lab, panel, recruit):
    batch = Batch.objects.get()
    other = recruit(label="other")
    for whose, number, code in (
        (panel, batch.pk, "batch_not_lost"),
        (panel, 0, "batch_missing"),
        (other, batch.pk, "batch_missing"),
    ):
        with pytest.raises(PanelStateError) as refusal:
            count_batch_as_lost(panel=whose, batch_id=number, by=TESTER)
        assert refusal.value.code == code
    run(panel)
    later = "2100-01-01T00:00Z"
    Administration.objects.update(lease_owner="elsewhere:1:a", lease_until=later)
    with pytest.raises(CommandError, match="batch_held"):
        command(panel, "--count-as-lost", str(batch.pk))
    assert BatchCall.objects.filter(collected=False).count() == CALLS


def test_a_cancelled_panel_counts_its_unknown_batch_as_spent_and_ends(lab, panel):
    run(panel)
    panel.refresh_from_db()
    held = panel.reserved_nano
    cancel_panel(panel=panel, by=TESTER)
    ended = run(panel)
    assert (ended.status, ended.unfinished, ended.halt_code) == ("cancelled", 0, "")
    panel.refresh_from_db()
    assert (panel.spent_nano, panel.reserved_nano) == (held, 0)
    assert "Counted" not in command(panel)
    assert Batch.objects.get().remark == "unknown"


def test_a_panel_without_batches_says_so(recruit):
    assert command(recruit()).splitlines()[0] == "The panel has no batches."
