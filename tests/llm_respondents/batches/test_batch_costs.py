"""What batches will cost and have cost, against what the provider counts, to the billionth."""

from io import StringIO

import pytest
from batch_endpoint import BatchEndpoint, Batching
from django.core.management import call_command
from factories import TESTER
from workers import options

from llm_respondents.conversation.prompts import Arm
from llm_respondents.models import Attempt, Batch
from llm_respondents.money.forecast import estimate_cost
from llm_respondents.money.lines import range_lines, reconciliation_lines
from llm_respondents.money.reconciliation import reconcile_panel
from llm_respondents.rehearsal import Behaviour
from llm_respondents.services import count_batch_as_lost, run_panel, run_panel_in_batches

ALONE = Arm(history="none")
FILE = """
[endpoints.lab]
base_url = "{base_url}"
[endpoints.lab.models.small]
input_per_million = {input}
output_per_million = 3.3
batch_factor = 0.4
"""


class Lab(BatchEndpoint):
    def list_at(self, directory, price):
        """Write the operator's file with this price of a million prompt tokens."""
        self.directory = directory
        content = FILE.format(base_url=self.base_url, input=price)
        (directory / "endpoints.toml").write_text(content)


@pytest.fixture
def lab(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with Lab() as endpoint:
        endpoint.list_at(tmp_path, "1.0007")
        yield endpoint


def in_batches(panel, **given):
    return run_panel_in_batches(
        panel_id=panel.pk, options=options(max_calls=20), poll_seconds=0.01, **given, by=TESTER
    )


def same_sums(found):
    """What was booked is, without remainder, what the parts of the account come to."""
    assert found.booked_nano == (
        found.expected_nano
        + found.bound_nano
        + found.probe_nano
        + found.repriced_nano
        + found.unrecorded_nano
    )


def test_the_estimate_shows_the_price_in_batches_beside_the_other(lab, recruit):
    panel = recruit(base_url=lab.base_url, sessions=2, arms=(ALONE,))
    found = estimate_cost(panel)
    for figure in (found.low, found.expected, found.high, found.most):
        assert figure.batch_nano == pytest.approx(0.4 * figure.nano, abs=2)
    assert range_lines(found)[1].startswith("With --batch: ")
    out = StringIO()
    call_command("run_panel", "--panel", str(panel.pk), "--estimate", stdout=out)
    assert "With --batch: " in out.getvalue()
    in_batches(panel)
    panel.refresh_from_db()
    assert found.low.batch_nano <= panel.spent_nano <= found.high.batch_nano


def test_no_price_in_batches_is_shown_where_none_are_offered(lab, recruit, scripted):
    for panel in (recruit(base_url=lab.base_url, dialect="vllm"), scripted()):
        found = estimate_cost(panel)
        assert found.expected.batch_nano is None
        assert "--batch" not in " ".join(range_lines(found))


def test_the_account_of_batches_is_exact_without_faults(lab, recruit):
    lab.behaviour = Behaviour(malformed_answer=0.1)
    panel = recruit(base_url=lab.base_url, sessions=2, arms=(Arm(items_per_turn="block"),))
    in_batches(panel)
    found = reconcile_panel(panel)
    assert found.is_exact
    assert found.prompt_tokens == lab.account.prompt_tokens
    assert found.completion_tokens == lab.account.completion_tokens
    same_sums(found)
    assert found.summed_batches == Batch.objects.count()
    assert (found.batch_gap_prompt_tokens, found.batch_gap_nano) == (0, 0)
    assert "own sums" not in " ".join(reconciliation_lines(found))


def test_a_price_that_changed_while_a_batch_was_out_changes_nothing(lab, recruit, tmp_path):
    panel = recruit(base_url=lab.base_url, sessions=2, arms=(Arm(items_per_turn="block"),))
    lab.is_holding = True
    in_batches(panel, waits=False)
    lab.list_at(tmp_path, "7.77")
    lab.is_holding = False
    assert in_batches(panel).status == "complete"
    found = reconcile_panel(panel)
    assert found.is_exact
    assert len(found.prices) == 2
    first = Attempt.objects.filter(turn=0).first()
    assert first.cost_nano == found.prices[0].in_batch.nano(
        first.prompt_tokens, first.completion_tokens
    )


def test_calls_that_were_made_again_without_a_batch_are_held_to_the_full_price(lab, recruit):
    panel = recruit(base_url=lab.base_url, sessions=2, arms=(ALONE,))
    lab.is_holding = True
    in_batches(panel, waits=False)
    lab.forgotten.add("batch_1")
    in_batches(panel)
    batch = Batch.objects.get()
    lost = count_batch_as_lost(panel=panel, batch_id=batch.pk, by=TESTER)
    assert run_panel(panel_id=panel.pk, options=options(), by=TESTER).status == "complete"
    found = reconcile_panel(panel)
    same_sums(found)
    assert (found.repriced_nano, found.unrecorded_nano) == (0, lost.spent_nano)


def test_what_a_lost_batch_had_brought_before_stays_at_the_price_in_batches(lab, recruit):
    panel = recruit(base_url=lab.base_url, sessions=60, arms=(ALONE,), max_turns=1)
    stored = []

    def stop_after_the_first_portion(progress):
        stored.append(progress.calls)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        in_batches(panel, on_progress=stop_after_the_first_portion)
    assert 0 < Attempt.objects.count() == stored[0] < 60
    lab.forgotten.add("batch_1")
    assert in_batches(panel).halt_code == "batch_unknown"
    lost = count_batch_as_lost(panel=panel, batch_id=Batch.objects.get().pk, by=TESTER)
    assert lost.calls == 60 - stored[0]
    assert in_batches(panel).status == "complete"
    found = reconcile_panel(panel)
    same_sums(found)
    assert (found.repriced_nano, found.unrecorded_nano) == (0, lost.spent_nano)


def test_lines_that_are_lost_are_named_with_the_most_that_they_can_cost(lab, recruit):
    lab.batching = Batching(lost=0.1, cut=0.05)
    panel = recruit(base_url=lab.base_url, sessions=2, arms=(ALONE,))
    assert in_batches(panel).status == "complete"
    found = reconcile_panel(panel)
    same_sums(found)
    assert found.bound_calls == found.lost_calls > 0
    assert found.repriced_nano == found.unrecorded_nano == 0
    assert any("calls without a count" in line for line in reconciliation_lines(found))
    # The provider's sum of each batch tells what they did cost: less than what is held for them.
    gap = found.batch_gap_prompt_tokens, found.batch_gap_completion_tokens
    assert gap == (
        lab.account.prompt_tokens - found.prompt_tokens,
        lab.account.completion_tokens - found.completion_tokens,
    )
    price = found.prices[0].in_batch
    assert found.batch_gap_nano == pytest.approx(price.nano(*gap), abs=found.summed_batches)
    assert 0 < found.batch_gap_nano < found.bound_nano
    assert any("beside the replies" in line for line in reconciliation_lines(found))


def test_a_provider_that_adds_nothing_up_is_not_missed(lab, recruit):
    lab.batching = Batching(sums=False)
    panel = recruit(base_url=lab.base_url, sessions=1, arms=(ALONE,))
    assert in_batches(panel).status == "complete"
    found = reconcile_panel(panel)
    assert (found.summed_batches, found.batch_gap_nano, found.is_exact) == (0, None, True)
