"""What a report needs to know of a panel is written on its group, without the report asking it."""

from dataclasses import replace

import pytest
from factories import TESTER, answer_everything, make_draft, make_person

from llm_respondents.conversation.arms import Arm
from llm_respondents.design.spec import PanelSpec
from llm_respondents.services import recruit_panel, run_panel
from surveys import services
from surveys.instrument_files import bundled_study

pytestmark = pytest.mark.django_db(transaction=True)


def scripted(study, **options):
    spec = PanelSpec(
        model="scripted:people-like",
        provider="scripted",
        profile="people-like",
        sessions=2,
        **options,
    )
    return recruit_panel(study=study, spec=spec, by=TESTER)


def test_the_words_of_a_panel_are_on_its_group_before_anything_is_asked(open_study):
    method = scripted(open_study).group.method
    item = open_study.blocks.first().versions.get(language="en").items.all()
    assert any(one.text in method["item_prompt"] for one in item)
    assert method["system_prompt"]
    assert len(method["prompt_sha256"]) == 64
    assert method["history"].startswith("Every earlier question and answer")


def test_a_scripted_panel_says_that_no_language_model_was_asked(open_study):
    method = scripted(open_study).group.method
    assert "no language model" in method["purpose"]
    assert "temperature" not in method


def test_how_replies_were_read_is_added_when_the_panel_has_run(open_study):
    panel = scripted(open_study)
    run_panel(panel_id=panel.pk, by=TESTER)
    panel.group.refresh_from_db()
    method = panel.group.method
    assert method["parsed_at_once"] == "80 of 80 (100.0%)"
    assert method["refused"] == "0 of 80 (0.0%)"
    assert method["run_dates"]


def test_what_a_design_varies_is_named(open_study):
    method = scripted(open_study, scale_directions="balanced").group.method
    assert method["what_varies"] == "order of items, scale direction"


def test_an_arm_with_percentages_letters_and_shuffled_options_is_described(open_study):
    arm = Arm(elicitation="distribution", option_marks="letter", option_order="shuffled")
    method = scripted(open_study, arms=(arm,), scale_directions="reversed").group.method
    assert "probability for each option, by its letter" in method["answer_format"]
    assert "drawn" in method["answer_format"]
    assert "95 to 105" in method["parsing_rule"]
    assert "scale direction: reversed; options: shuffled" in method["order_rule"]
    assert "order of options" in method["what_varies"]


def test_a_swapped_history_says_whose_answers_were_shown(open_study):
    lender = scripted(open_study)
    run_panel(panel_id=lender.pk, by=TESTER)
    arms = (Arm(), Arm(history="swapped"))
    method = scripted(open_study, arms=arms, history_from=lender.group.key).group.method
    assert method["history"].startswith("Every earlier question and answer")
    assert f"answers of another respondent (group {lender.group.key})" in method["history"]


def test_margins_name_the_attributes_that_were_dealt(open_study):
    margins = (("Age group", (("18-39", 0.5), ("40+", 0.5))), ("Region", (("North", 1.0),)))
    method = scripted(open_study, personas="margins", margins=margins).group.method
    assert method["persona_frame"].startswith("Quotas of Age group, Region from given population")
    assert method["persona_text"].startswith("Age group: ")


def test_no_shuffling_is_said_of_a_study_that_shuffles_nothing(owner):
    bundled = bundled_study("privacy-prosocial")
    blocks = tuple(replace(block, shuffle=False) for block in bundled.blocks)
    study = services.open_study(study=make_draft(owner, replace(bundled, blocks=blocks)), by=TESTER)
    method = scripted(study).group.method
    assert method["order_rule"].startswith("Items in the order of the study; blocks: study order")
    assert method["what_varies"] == "nothing but chance"


def test_a_matched_panel_is_said_to_follow_the_order_of_its_people(open_study, link):
    person = make_person(link)
    answer_everything(person)
    services.complete_administration(administration=person)
    panel = scripted(open_study, personas="matched")
    run_panel(panel_id=panel.pk, by=TESTER)
    panel.group.refresh_from_db()
    method = panel.group.method
    assert method["order_rule"].startswith("Items and blocks: in the order of the matched person")
    assert "erased when the person withdraws" in method["archive"]
