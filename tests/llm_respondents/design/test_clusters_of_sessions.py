"""What sessions share is one draw; what was chosen for them is not; and it is said before."""

from collections import Counter
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import reverse

from llm_respondents.conversation.prompts import Arm
from llm_respondents.design.clusters import (
    clusters_of,
    count_clusters,
    planned_draws,
)
from llm_respondents.design.spec import PanelSpec
from surveys.models import Block, Respondent
from tests.llm_respondents.pages.test_recruiting_pages import address, filled_in, listed  # noqa: F401

TABLE = [{"age": str(age)} for age in range(40)]
COLD = {"sampling": {"temperature": 0.0}}
MANY = {f"w{number}": f"Say {number}." for number in range(30)}
TWO_ARMS = {"arms": [Arm(), Arm(history="none")]}


def counted(*, shuffles=False, donors=(), **values):
    spec = PanelSpec(model="small", **{"sessions": 200, **values})
    drawn = planned_draws(spec, sessions=spec.sessions, shuffles_items=shuffles, donors=donors)
    found = count_clusters(Counter(clusters_of(drawn)))
    return found.clusters, found.shared


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, (200, "")),  # one prompt, one order: two hundred draws of the model
        ({"shuffles": True}, (200, "")),  # whether two orders coincide or not
        (TWO_ARMS | {"wordings": {"a": "A.", "b": "B."}}, (200, "")),
        ({"scale_directions": "balanced", "block_orders": "shuffled"}, (200, "")),
        ({"wordings": MANY}, (30, "wording")),
        ({"personas": "table", "persona_table": TABLE}, (40, "persona")),
        ({"personas": "table", "persona_table": TABLE, "wordings": MANY}, (7, "persona")),
        ({"personas": "table", "persona_table": TABLE, "sessions": 40}, (40, "")),
        ({"personas": "margins", "margins": {"sex": {"f": 0.5, "m": 0.5}}}, (200, "")),
        ({"personas": "margins", "margins": {"s": {"f": 1.0}}, **TWO_ARMS}, (100, "persona")),
        ({"personas": "matched", **TWO_ARMS}, (100, "person")),
        ({"personas": "matched"}, (200, "")),
        (COLD, (1, "prompt")),
        (COLD | TWO_ARMS, (2, "prompt")),
        (COLD | {"shuffles": True}, (200, "")),
        (COLD | {"arms": [Arm(option_order="shuffled")]}, (200, "")),
        (COLD | {"arms": [Arm(elicitation="distribution")]}, (200, "")),
        (COLD | {"personas": "table", "persona_table": TABLE}, (40, "persona")),
        (
            {"arms": [Arm(history="swapped")], "history_from": "p", "donors": range(50)},
            (50, "donor"),
        ),
    ],
)
def test_draws_that_are_shared_are_clusters_and_conditions_are_not(values, expected):
    assert counted(**values) == expected


def test_what_was_announced_is_what_is_recruited_and_told(
    client,
    open_study,
    owner,
    recruit,
    listed,  # noqa: F811
    capsys,
):
    panel = recruit(sessions=8, personas="table", persona_table=TABLE[:4], **TWO_ARMS)
    stored = [one.design.get("cluster") for one in panel.group.respondents.order_by("pk")]
    assert stored == [f"persona:{1 + number // 2 % 4}" for number in range(8)]
    client.force_login(owner)
    told = client.get(f"/api/panels/{panel.pk}/").json()["clusters"]
    assert (told["sessions"], told["clusters"], told["shared"]) == (8, 4, "persona")
    assert (told["needed"], told["below_floor"], told["note"]) == (30, True, "too_few")
    sentence = "8 sessions are 4 clusters (sessions of one persona), and 30 are needed"
    assert sentence in told["sentence"]
    page = client.get(reverse("llm_respondents:panel", args=[panel.pk]))
    assert sentence in page.content.decode()
    call_command("run_panel", panel=panel.pk, recruit_only=True)
    assert sentence in capsys.readouterr().out
    shown = client.post(address(open_study), filled_in(sessions=200, act="show"))
    assert "Each of the 200 sessions is a draw of its own" in shown.content.decode()


def test_panels_of_the_version_before_are_told_what_their_sessions_share(open_study, recruit):
    Block.objects.update(shuffle=False)
    recruit(key="a", sessions=9, personas="table", persona_table=TABLE[:3], **TWO_ARMS)
    recruit(key="b", sessions=5, **COLD)
    recruit(key="c", sessions=5)
    recruit(key="d", sessions=6, personas="margins", margins={"s": {"f": 1.0}}, **TWO_ARMS)
    before = dict(Respondent.objects.values_list("pk", "design"))
    assert {design.get("cluster", "").split(":")[0] for design in before.values()} == {
        "persona",
        "prompt",
        "",
    }
    for one in Respondent.objects.all():
        one.design = {name: part for name, part in one.design.items() if name != "cluster"}
        one.save()
    migration = import_module("llm_respondents.migrations.0012_shared_draws_of_sessions")
    migration.fill(apps, None)
    assert dict(Respondent.objects.values_list("pk", "design")) == before
