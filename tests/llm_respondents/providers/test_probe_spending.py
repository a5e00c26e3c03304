"""A probe is a few calls like any others: within the rates, within the caps, and settled."""

from decimal import Decimal

import pytest
from factories import TESTER
from workers import options

from llm_respondents.conversation.arms import Arm
from llm_respondents.design.spec import SamplingSpec
from llm_respondents.models import EndpointRate
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.services import cap_spend, cap_study_spend, run_panel
from llm_respondents.services.probing import _longest_session

FILE = """
[endpoints.lab]
base_url = "{base_url}"
requests_per_minute = {rate}
[endpoints.lab.models.small]
input_per_million = 1
output_per_million = 3
"""


@pytest.fixture
def lab(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with Endpoint(Behaviour()) as endpoint:
        listed = FILE.format(base_url=endpoint.base_url, rate=0)
        (tmp_path / "endpoints.toml").write_text(listed)
        yield endpoint


def test_a_cap_too_small_for_the_probe_halts_before_a_call(lab, recruit, open_study):
    panel = recruit(base_url=lab.base_url, sessions=1)
    cap_spend(panel=panel, cap=Decimal("0.001"), by=TESTER)
    assert (
        run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER).halt_code
        == "budget_spent"
    )
    cap_spend(panel=panel, cap=None, by=TESTER)
    cap_study_spend(study=open_study, cap=Decimal("0.001"), by=TESTER)
    run = run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
    assert run.halt_code == "study_budget_spent"
    panel.refresh_from_db()
    assert (panel.spent_nano, panel.reserved_nano) == (0, 0)
    assert not lab.requests
    cap_study_spend(study=open_study, cap=None, by=TESTER)
    assert run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER).status == "complete"


def test_a_probe_that_fails_is_settled(recruit, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with Endpoint(Behaviour(hang=1.0, hang_seconds=1)) as silent:
        (tmp_path / "endpoints.toml").write_text(FILE.format(base_url=silent.base_url, rate=0))
        panel = recruit(base_url=silent.base_url, sessions=1)
        cap_spend(panel=panel, cap=Decimal(1), by=TESTER)
        run = run_panel(
            panel_id=panel.pk, options=options(probe=True, timeout_seconds=0.05), by=TESTER
        )
    panel.refresh_from_db()
    assert run.halt_code == "timeout"
    assert panel.reserved_nano == 0
    # Each try may have been billed.
    assert panel.spent_nano == panel.probe_nano > 0
    assert panel.probed_at is None


def test_a_probe_passes_the_shared_rates(lab, recruit, tmp_path):
    listed = FILE.format(base_url=lab.base_url, rate=60_000)
    (tmp_path / "endpoints.toml").write_text(listed)
    panel = recruit(base_url=lab.base_url, sessions=1)
    lab.behaviour = Behaviour(honours_schema=False)
    run = run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
    assert run.halt_code == "schema_not_honoured"
    assert EndpointRate.objects.get().key == f"{lab.base_url}|requests"


def test_the_longest_session_has_replies_as_long_as_its_arm_lets_them_be(recruit):
    arms = (Arm(elicitation="number", history="none"), Arm(elicitation="reason"), Arm())
    panel = recruit(sessions=3, arms=arms)
    messages = _longest_session(panel, 1000)
    replies = [one["content"] for one in messages if one["role"] == "assistant"]
    assert len(replies) == 39
    assert min(map(len, replies)) > 300
    short = [one for one in _longest_session(panel, 10) if one["role"] == "assistant"]
    assert max(len(one["content"]) for one in short) < 80


def test_bounds_of_a_session_bound_the_probe(recruit):
    panel = recruit(sessions=1, max_turns=5, sampling=SamplingSpec(max_tokens=50))
    assert len(_longest_session(panel, 50)) == 2 + 2 * 4
