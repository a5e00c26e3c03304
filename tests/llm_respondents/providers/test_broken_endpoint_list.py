"""A mistake in the operator's list of endpoints stops calls to endpoints, and nothing else."""

import json

import pytest
from django.core import checks
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from factories import TESTER
from price_lists import list_prices
from workers import options

from llm_respondents.models import Attempt, Batch, Panel
from llm_respondents.rehearsal import Endpoint
from llm_respondents.services import advance_batches, run_panel

GOOD = """
[endpoints.lab]
base_url = "http://127.0.0.1:9/v1"
concurrency = 7
batch = true

[endpoints.lab.models.small]
input_per_million = 1
output_per_million = 3
"""
# What an operator may have done, and the line that the notice names (0: none can be told).
BROKEN = {
    "no TOML": (GOOD.replace("[endpoints.lab]", "[endpoints.lab", 1), 2),
    "a number in words": (GOOD.replace("= 7", '= "fifty"'), 4),
    "a negative limit": (GOOD.replace("= 7", "= -3"), 4),
    "a yes in words": (GOOD.replace("true", '"no"'), 5),
    "an unknown key": (GOOD.replace("concurrency", "concurency"), 4),
    "a price in words": (GOOD.replace("input_per_million = 1", 'input_per_million = "free"'), 8),
    "a table too many": (GOOD + "\n[prices]\nx = 1\n", 11),
    "another encoding": (GOOD.encode() + b'note = "\xe4"', 0),
}
FILES = ("a directory", "a loop of links")


def write(path, kind):
    if kind == "a directory":
        path.unlink()
        path.mkdir()
    elif kind == "a loop of links":
        path.unlink()
        path.symlink_to(path)
    else:
        text, _line = BROKEN[kind]
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def file(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    path = tmp_path / "endpoints.toml"
    path.write_text(GOOD)
    return path


@pytest.fixture
def panels(file, recruit, scripted):
    """An endpoint's panel and a scripted one, recruited while the list could be read."""
    return recruit(base_url="http://127.0.0.1:9/v1", key="asked"), scripted(key="rehearsed")


def pages(panel):
    name, one, study = "llm_respondents:{}".format, [panel.pk], [panel.study.slug]
    return [
        reverse("surveys:study", args=study),
        *(
            reverse(name(page), args=one)
            for page in ("panel", "panel_fragment", "search", "export")
        ),
        reverse(name("transcript"), args=[panel.pk, 1]),
        *(
            reverse(name(page), args=study)
            for page in ("models", "new_panel", "new_panel_of_file", "study_cap")
        ),
        "/api/panels/",
        *(
            f"/api/panels/{panel.pk}/{route}"
            for route in ("", "batches/", "estimate/", "sessions/1/", "calls/")
        ),
    ]


@pytest.mark.parametrize("kind", [*BROKEN, *FILES])
def test_every_page_and_route_answers_and_the_check_says_what_is_wrong(
    client, owner, panels, file, kind
):
    write(file, kind)
    client.force_login(owner)
    for panel in panels:
        answers = {page: client.get(page, follow=True).status_code for page in pages(panel)}
        assert {page: status for page, status in answers.items() if status != 200} == {}
    said = [one for one in checks.run_checks() if one.id == "llm_respondents.W001"]
    assert said
    assert all(one.hint for one in said)
    line = BROKEN.get(kind, (None, 0))[1]
    assert (f"line {line}" in said[0].msg) is bool(line)


@pytest.mark.parametrize("kind", ["no TOML", "a number in words", "a directory"])
def test_whatever_is_done_with_a_panel_is_done_or_refused_with_a_code(
    client, owner, panels, file, queue, kind
):
    asked, rehearsed = panels
    write(file, kind)
    client.force_login(owner)
    for panel, status in ((asked, 409), (rehearsed, 202)):
        answer = client.post(f"/api/panels/{panel.pk}/run/")
        assert answer.status_code == status
        assert answer.json()["code" if status == 409 else "status"] in (
            "endpoints_unreadable",
            "ready",
        )
    assert client.post(f"/api/panels/{asked.pk}/batches/").json()["code"] == "endpoints_unreadable"
    for panel in panels:
        cap = client.patch(
            f"/api/panels/{panel.pk}/", {"spend_cap": "3"}, content_type="application/json"
        )
        assert cap.status_code == 200
        steer = reverse("llm_respondents:steer", args=[panel.pk])
        for act in ("run", "pilot", "batch", "pause", "cancel"):
            assert client.post(steer, {"act": act}).status_code == 302
    asked.refresh_from_db()
    assert asked.status == "cancelled"
    assert len(queue.results) == 2, "the rehearsal's alone: two orders, one of them given twice"


def test_a_rehearsal_is_recruited_and_a_panel_at_an_endpoint_is_refused(
    client, owner, open_study, file
):
    write(file, "no TOML")
    client.force_login(owner)

    def recruited(**values):
        wanted = {"study": open_study.slug, "model": "small", **values}
        return client.post("/api/panels/", wanted, content_type="application/json")

    refused = recruited(endpoint="lab")
    assert (refused.status_code, refused.json()["code"]) == (409, "endpoints_unreadable")
    assert recruited(profile="people-like").status_code == 201
    of_file = reverse("llm_respondents:new_panel_of_file", args=[open_study.slug])
    page = client.post(of_file, {"text": json.dumps({"endpoint": "lab", "model": "small"})})
    assert page.context["form"].mistakes[0][0] == "endpoints_unreadable"
    assert Panel.objects.count() == 1


def test_staff_read_the_line_and_others_who_can_mend_it(client, owner, panels, file):
    write(file, "a number in words")
    asked, rehearsed = panels
    client.force_login(owner)
    matters = [pages(asked)[1], *pages(asked)[7:9]]
    for page in matters:
        text = client.get(page).content.decode()
        assert "Whoever operates the server can mend it" in text
        assert "endpoints.lab.concurrency" not in text
    assert "can mend it" not in client.get(pages(rehearsed)[1]).content.decode()
    owner.is_staff = True
    owner.save()
    for page in matters:
        text = client.get(page).content.decode()
        assert "Line 4: endpoints.lab.concurrency: Give a whole number." in text
        assert str(file.parent) not in text


@pytest.mark.django_db(transaction=True)
def test_a_running_worker_keeps_the_list_that_it_has_read(settings, tmp_path, recruit):
    settings.DATA_DIR = tmp_path
    path = tmp_path / "endpoints.toml"
    with Endpoint() as endpoint:
        list_prices(tmp_path, endpoint.base_url)
        panel = recruit(base_url=endpoint.base_url, sessions=2)
        run = run_panel(
            panel_id=panel.pk,
            options=options(probe=True),
            by=TESTER,
            on_progress=lambda _progress: path.write_text("[endpoints"),
        )
    panel.refresh_from_db()
    assert run.status == "complete"
    assert path.read_text() == "[endpoints"
    assert panel.spent_nano > 0
    assert not Attempt.objects.filter(cost_nano=None).exists()


def test_a_run_that_is_refused_leaves_the_panel_as_it_was(panels, file):
    asked, rehearsed = panels
    write(file, "no TOML")
    with pytest.raises(CommandError, match="endpoints_unreadable"):
        call_command("run_panel", panel=asked.pk, verbosity=0)
    asked.refresh_from_db()
    assert (asked.status, asked.halt_code, asked.started_at) == ("ready", "", None)
    assert not Attempt.objects.exists()
    call_command("run_panel", panel=rehearsed.pk, verbosity=0)
    rehearsed.refresh_from_db()
    assert rehearsed.status == "complete"


def test_a_batch_that_is_with_its_provider_is_looked_at_again_later(panels, file):
    asked, _rehearsed = panels
    Batch.objects.create(
        panel=asked, key="1", wave=1, status="submitted", submitted_at=timezone.now()
    )
    write(file, "no TOML")
    assert advance_batches(panel_id=asked.pk, by=TESTER) == ("ready", True)
