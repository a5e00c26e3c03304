"""Where a study shuffles its blocks, every respondent has an order of their own."""

from dataclasses import replace

import pytest
from factories import TESTER, make_draft, make_link, make_person

from llm_respondents.design.spec import PanelSpec
from llm_respondents.services import recruit_panel
from surveys import services
from surveys.instrument_files import bundled_study
from surveys.selectors import presentation_of

pytestmark = pytest.mark.django_db


def blocks_of(administration):
    return tuple(dict.fromkeys(page.block for page in presentation_of(administration).pages))


def test_orders_of_blocks_differ_and_are_kept_and_said_of_the_panel(owner):
    bundled = bundled_study("privacy-prosocial")
    definition = replace(bundled, settings={**bundled.settings, "block_order": "shuffled"})
    study = services.open_study(study=make_draft(owner, definition), by=TESTER)
    link = make_link(study)
    people = [make_person(link) for _ in range(12)]
    panel = recruit_panel(
        study=study, spec=PanelSpec(model="small", sessions=12), key="", by=TESTER
    )

    for group in (people, panel.sessions.select_related("study")):
        orders = {blocks_of(one) for one in group}
        assert len(orders) > 1
        assert {frozenset(order) for order in orders} == {frozenset(blocks_of(people[0]))}
    assert "blocks: shuffled order" in panel.group.method["order_rule"]
    assert "order of blocks" in panel.group.method["what_varies"]
