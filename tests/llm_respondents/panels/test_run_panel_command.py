"""`manage.py run_panel`: recruits, conducts, goes on, and tells a program what it did."""

import json

import pytest
from django.core.management import CommandError, call_command

from llm_respondents.models import Panel
from llm_respondents.rehearsal import Behaviour, Endpoint

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
    "arm",
    [
        {"elicitation": "distribution"},
        {"elicitation": "distribution", "items_per_turn": "page", "option_marks": "letter"},
        {"elicitation": "reason", "items_per_turn": "block"},
        {"elicitation": "number", "option_marks": "letter", "option_order": "shuffled"},
        {"history": "swapped", "history_from": "lender"},
    ],
)
def test_every_arm_can_be_rehearsed_and_asked_of_an_endpoint_in_one_line(open_study, capsys, arm):
    run(capsys, study=open_study.slug, sessions=1, key="lender", **SCRIPTED)
    with Endpoint() as endpoint:
        model = {"model": "small", "base_url": endpoint.base_url}
        for who in (SCRIPTED, model):
            facts = run(capsys, study=open_study.slug, sessions=1, **who, **arm)
            assert (facts["status"], facts["answered"]) == ("complete", 40)
            assert facts["missing"] == {}


def test_a_history_of_nobody_is_refused_with_a_code(open_study):
    with pytest.raises(CommandError, match="history_group_unknown"):
        call_command(
            "run_panel",
            study=open_study.slug,
            history="swapped",
            history_from="nobody",
            **SCRIPTED,
        )


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


DESIGN = """
model = "scripted:people-like"
provider = "scripted"
profile = "people-like"
sessions = 8
scale_directions = "balanced"
personas = "table"
persona_table = [{ Age = 31, Gender = "woman" }, { Age = 64, Gender = "man" }]

[[arms]]
elicitation = "schema"

[[arms]]
elicitation = "number"
history = "window"
window = 5

[wordings]
plain = "Please answer each question."
"""


def test_a_design_with_every_arm_comes_from_a_file(open_study, tmp_path, capsys):
    path = tmp_path / "design.toml"
    path.write_text(DESIGN)
    facts = run(capsys, study=open_study.slug, spec=path)
    assert (facts["completed"], facts["answered"]) == (8, 320)
    members = list(Panel.objects.get().members.order_by("number"))
    cells = {
        (
            member.cell["arm"]["elicitation"],
            member.cell["scale_direction"],
            member.persona[0][1],
        )
        for member in members
    }
    assert len(cells) == 8


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("sessions = 8|sessions = ", "panel_spec_unreadable"),
        ("sessions = 8|sesions = 8", "panel_spec_invalid"),
        ('sessions = 8|sessions = "8"', "panel_spec_invalid"),
        ("window = 5|window = 0", "panel_spec_invalid"),
        ('"balanced"|"sideways"', "panel_spec_invalid"),
        ("sessions = 8|sessions = 0", "panel_spec_invalid"),
    ],
)
def test_a_mistake_in_the_design_recruits_nobody(open_study, tmp_path, change, code):
    path = tmp_path / "design.toml"
    path.write_text(DESIGN.replace(*change.split("|")))
    with pytest.raises(CommandError, match=code):
        call_command("run_panel", study=open_study.slug, spec=path, verbosity=0)
    assert not Panel.objects.exists()
