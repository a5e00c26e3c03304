"""`manage.py run_panel`: recruits, conducts, goes on, and tells a program what it did."""

import json

import pytest
from django.core.management import CommandError, call_command
from endpoint import Behaviour, Endpoint

from llm_respondents.models import Panel

SCRIPTED = {"provider": "scripted", "profile": "people-like", "verbosity": 0}


def run(capsys, **options):
    call_command("run_panel", json=True, **{"verbosity": 0, **options})
    return json.loads(capsys.readouterr().out)


def test_a_scripted_panel_in_one_line(open_study, capsys):
    facts = run(capsys, study=open_study.slug, sessions=2, key="calm", **SCRIPTED)
    assert facts["status"] == "complete"
    assert (facts["completed"], facts["answered"]) == (2, 80)
    assert (facts["group"], facts["simulated"]) == ("calm", True)


def test_a_panel_on_an_endpoint_in_one_line(open_study, capsys, monkeypatch):
    monkeypatch.setenv("LAB_KEY", "secret")
    with Endpoint(Behaviour(rate_limited=0.05)) as endpoint:
        facts = run(
            capsys,
            study=open_study.slug,
            model="small",
            base_url=endpoint.base_url,
            api_key_env="LAB_KEY",
            sessions=2,
        )
    assert (facts["status"], facts["simulated"]) == ("complete", False)
    assert facts["prompt_tokens"] > 0
    assert endpoint.headers[0]["authorization"] == "Bearer secret"


def test_the_same_key_again_finds_the_same_panel(open_study, capsys):
    first, second = (
        run(capsys, study=open_study.slug, sessions=1, key="calm", **SCRIPTED) for _ in range(2)
    )
    assert first["panel"] == second["panel"]
    assert Panel.objects.count() == 1


def test_the_same_key_with_another_specification_is_refused(open_study, capsys):
    run(capsys, study=open_study.slug, sessions=1, key="calm", **SCRIPTED)
    with pytest.raises(CommandError, match="group_key_taken"):
        run(capsys, study=open_study.slug, sessions=2, key="calm", **SCRIPTED)


def test_recruiting_and_running_may_be_two_steps(open_study, capsys):
    made = run(capsys, study=open_study.slug, sessions=1, recruit_only=True, **SCRIPTED)
    assert (made["status"], made["calls"]) == ("ready", 0)
    assert run(capsys, panel=made["panel"])["status"] == "complete"


def test_a_person_reads_what_was_done_and_that_it_is_simulated(open_study, capsys):
    call_command("run_panel", study=open_study.slug, sessions=1, **SCRIPTED)
    printed = capsys.readouterr().out
    assert "model-generated, simulated" in printed
    assert "1 of 1 sessions complete, 40 answers, missing: none." in printed


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({}, "study_needed"),
        ({"study": "nowhere", **SCRIPTED}, "study_unknown"),
        ({"panel": 999}, "panel_unknown"),
        ({"study": "privacy-prosocial"}, "panel_spec_invalid"),
        ({"study": "privacy-prosocial", "provider": "scripted"}, "panel_spec_invalid"),
        ({"study": "privacy-prosocial", **SCRIPTED, "profile": "nobody"}, "unknown_profile"),
        ({"study": "privacy-prosocial", "model": "m", "api_key_env": "UNSET"}, "api_key_missing"),
    ],
)
def test_what_cannot_be_run_is_refused_with_a_code(open_study, options, code):
    with pytest.raises(CommandError, match=code):
        call_command("run_panel", **{"verbosity": 0, **options})


def test_a_halted_panel_exits_with_the_reason(open_study):
    with (
        Endpoint(Behaviour(always_status=401)) as endpoint,
        pytest.raises(CommandError, match=r"\[auth\]"),
    ):
        call_command(
            "run_panel",
            study=open_study.slug,
            model="m",
            base_url=endpoint.base_url,
            verbosity=0,
        )


def test_a_panel_is_never_continued_in_other_words(open_study, capsys):
    made = run(capsys, study=open_study.slug, sessions=1, recruit_only=True, **SCRIPTED)
    Panel.objects.update(prompt_version="0")
    with pytest.raises(CommandError, match="prompt_version_changed"):
        run(capsys, panel=made["panel"])
