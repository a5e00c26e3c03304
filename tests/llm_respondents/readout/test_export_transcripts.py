"""Transcripts leave as JSON Lines: every call word for word, and nothing secret."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from factories import TESTER

from llm_respondents.design.spec import PanelSpec
from llm_respondents.services import recruit_panel, run_panel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def panel(open_study):
    spec = PanelSpec(
        model="scripted:people-like", provider="scripted", profile="people-like", sessions=2
    )
    panel = recruit_panel(study=open_study, spec=spec, key="two", by=TESTER)
    run_panel(panel_id=panel.pk, by=TESTER)
    return panel


def exported(panel, tmp_path):
    out = tmp_path / "two.jsonl"
    call_command(
        "export_transcripts", study=panel.study.slug, group="two", out=out, stdout=StringIO()
    )
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_every_call_of_every_session_is_there_in_order(panel, tmp_path):
    calls = exported(panel, tmp_path)
    assert [call["turn"] for call in calls] == [*range(40), *range(40)]
    assert len({call["respondent"] for call in calls}) == 2


def test_the_messages_of_a_session_are_the_conversation(panel, tmp_path):
    first = exported(panel, tmp_path)[:40]
    said = [message for call in first for message in call["messages"]]
    assert said[0]["role"] == "system"
    assert sum(message["role"] == "user" for message in said) == 40


def test_nothing_of_the_operators_is_in_them(panel, tmp_path):
    names = {name for call in exported(panel, tmp_path) for name in call}
    assert not names & {"headers", "worker", "request_id", "base_url", "api_key_env", "raw"}


def test_a_group_without_a_panel_is_named(open_study, tmp_path):
    with pytest.raises(CommandError, match="no panel nobody"):
        call_command(
            "export_transcripts", study=open_study.slug, group="nobody", out=tmp_path / "x"
        )


def test_without_a_group_the_calls_of_all_panels_of_the_study_are_written(
    panel, open_study, tmp_path
):
    other = recruit_panel(
        study=open_study,
        spec=PanelSpec(
            model="scripted:reversed", provider="scripted", profile="reversed", sessions=1
        ),
        key="one",
        by=TESTER,
    )
    run_panel(panel_id=other.pk, by=TESTER)
    out = tmp_path / "new" / "all.jsonl"
    call_command("export_transcripts", study=open_study.slug, out=out, stdout=StringIO())
    calls = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(calls) == 3 * 40
    assert len({call["respondent"] for call in calls}) == 3
