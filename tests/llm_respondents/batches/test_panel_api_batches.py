"""Batches over REST: for members of the study, with a code where nobody takes them."""

import pytest

from llm_respondents.conversation.prompts import Arm
from llm_respondents.models import Batch

SAID = {"said": "at http://10.0.0.1:8000/v1"}


@pytest.fixture(autouse=True)
def _queue(settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}


def test_batches_are_planned_started_and_watched(client, owner, recruit):
    panel = recruit(sessions=2, arms=(Arm(history="none"),))
    client.force_login(owner)
    address = f"/api/panels/{panel.pk}/batches/"
    plan = {"waves": 1, "at_most_hours": 24}
    assert client.get(address).json() == {"plan": plan, "batches": []}
    started = client.post(address)
    assert (started.status_code, started.json()["plan"]) == (202, plan)
    Batch.objects.create(panel=panel, key="k", wave=1, remark="batch_failed", remark_args=SAID)
    [batch] = client.get(address).json()["batches"]
    assert (batch["wave"], batch["status"], batch["is_open"]) == (1, "preparing", True)
    assert batch["remark"] == "batch_failed"
    assert batch["detail"].endswith("In its own words: at …")


def test_a_panel_that_takes_no_batches_has_no_plan_and_says_why(client, owner, scripted):
    panel = scripted(sessions=1)
    client.force_login(owner)
    address = f"/api/panels/{panel.pk}/batches/"
    assert client.get(address).json() == {"plan": None, "batches": []}
    refused = client.post(address)
    assert (refused.status_code, refused.json()["code"]) == (409, "batch_scripted")


def test_a_panel_that_is_over_has_no_plan(client, owner, recruit):
    panel = recruit(sessions=1)
    type(panel).objects.update(status="cancelled")
    client.force_login(owner)
    address = f"/api/panels/{panel.pk}/batches/"
    assert client.get(address).json()["plan"] is None
    assert client.post(address).json()["code"] == "panel_over"


def test_a_stranger_starts_nothing(client, stranger, recruit):
    panel = recruit(sessions=1)
    client.force_login(stranger)
    assert client.get(f"/api/panels/{panel.pk}/batches/").status_code == 404
    assert client.post(f"/api/panels/{panel.pk}/batches/").status_code == 404
