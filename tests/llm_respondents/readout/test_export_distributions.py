"""What sessions stated leaves as a table: a share for each option, and which one was drawn."""

import csv
import json
from collections import defaultdict

import pytest
from django.core.management import CommandError, call_command
from factories import TESTER
from workers import options

from llm_respondents.conversation.arms import Arm
from llm_respondents.rehearsal import Endpoint
from llm_respondents.services import run_panel
from surveys.models import Answer
from surveys.selectors import stored_values


def exported(panel, path, capsys):
    call_command(
        "export_distributions",
        study=panel.study.slug,
        group=panel.group.key,
        out=path,
        json=True,
    )
    told = json.loads(capsys.readouterr().out)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert told["shares"] == len(rows)
    return rows


def test_shares_are_those_stated_by_scored_value_and_the_drawn_one_is_recorded(
    recruit, tmp_path, capsys
):
    arm = Arm(items_per_turn="page", elicitation="distribution", option_order="shuffled")
    with Endpoint() as endpoint:
        panel = recruit(
            base_url=endpoint.base_url, sessions=2, arms=(arm,), scale_directions="reversed"
        )
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    shares, drawn = defaultdict(dict), defaultdict(dict)
    for row in exported(panel, tmp_path / "new" / "stated.csv", capsys):
        shares[row["respondent"], row["question"]][int(row["value"])] = float(row["share"])
        if row["drawn"] == "1":
            drawn[row["respondent"]][row["question"]] = int(row["value"])
    assert len(shares) == 2 * 40
    assert all(sum(stated.values()) == pytest.approx(1) for stated in shares.values())
    for member in panel.members.all():
        recorded = stored_values(member.respondent.administration)
        assert drawn[str(member.respondent_id)] == recorded
    assert Answer.objects.filter(value__isnull=True).count() == 0


def test_a_panel_that_stated_none_has_an_empty_table(scripted, tmp_path, capsys):
    panel = scripted(sessions=1)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert exported(panel, tmp_path / "none.csv", capsys) == []


def test_a_group_without_a_panel_is_named(open_study, tmp_path):
    with pytest.raises(CommandError, match="no panel nobody"):
        call_command(
            "export_distributions", study=open_study.slug, group="nobody", out=tmp_path / "x"
        )
