"""The scored frame holds who finished, oriented, and says what is missing and who was left out."""

import numpy as np
import pytest
from factories import answer_everything, make_person

from analysis.plans.files import Exclusions
from surveys import services
from surveys.models import AttentionCheck, Respondent
from surveys.services import GivenAnswer
from tests.analysis.respondents import (
    answer_as,
    answer_with,
    frame_of,
    known_truth,
    make_group,
)


@pytest.fixture
def people(open_study):
    group = make_group(open_study, "simulated-people", "human")
    answer_as(open_study, group, profile="people", n=12)
    return group


def test_reverse_keyed_items_are_turned_to_agree_with_the_orientation(open_study, link):
    person = make_person(link)
    answer_everything(person, code=2)
    services.complete_administration(administration=person)
    frame = frame_of(open_study)
    assert frame.items["privacy_control_1"].tolist() == [2]
    assert frame.items["privacy_control_3"].tolist() == [6]


def test_people_come_first_and_groups_stay_apart(open_study, people):
    panel = make_group(open_study, "a-panel", "llm")
    answer_as(open_study, panel, profile="people-like", n=5)
    frame = frame_of(open_study)
    assert frame.group.tolist() == ["simulated-people"] * 12 + ["a-panel"] * 5


def test_a_refused_item_is_missing_with_its_reason_and_never_filled(open_study, person):
    first, *rest = person.realised_order
    answers = [GivenAnswer(ref, 3) for ref in rest]
    answers.append(GivenAnswer(first, None, missing_reason="refused"))
    services.record_answers(administration=person, answers=answers, idempotency_key="k")
    services.complete_administration(administration=person)
    frame = frame_of(open_study)
    name = first.replace(".", "_")
    assert np.isnan(frame.items[name]).all()
    assert frame.missing["people", name] == {"refused": 1}
    assert frame.refusal_shares("people")[name] == 1.0


def test_whoever_did_not_finish_is_left_out_and_counted(open_study, people, link):
    make_person(link)
    frame = frame_of(open_study)
    assert len(frame.group) == 12
    assert frame.excluded["people"] == {"incomplete": 1}


def test_failing_as_many_checks_as_the_plan_says_excludes(open_study, link):
    checks = {f"check.{check.key}" for check in AttentionCheck.objects.filter(language="en")}
    for code, recruiter_id in ((2, "careful"), (5, "careless")):
        person = make_person(link, recruiter_id=recruiter_id)
        answers = [
            GivenAnswer(ref, code if ref in checks else 1 + number % 5)
            for number, ref in enumerate(person.realised_order)
        ]
        services.record_answers(administration=person, answers=answers, idempotency_key="k")
        services.complete_administration(administration=person)
    kept = frame_of(open_study, exclusions=Exclusions(attention_checks_failed=2))
    assert len(kept.group) == 1
    assert kept.excluded["people"] == {"attention_checks": 1}
    assert len(frame_of(open_study).group) == 2


def test_people_who_drew_straight_lines_are_left_out_by_the_share_of_the_plan(open_study):
    """Scales are looked at as they were answered: turned items do not hide a straight line."""
    people = make_group(open_study, "people", "human")
    panel = make_group(open_study, "a-panel", "llm")
    sound = known_truth(open_study, "people", n=3)
    straight = [lambda question: question.options[0].code] * 2
    answer_with(open_study, people, [*sound, *straight])
    answer_with(open_study, panel, straight)
    kept = frame_of(open_study, exclusions=Exclusions(straight_lining=0.8))
    assert kept.excluded == {"people": {"straight_lining": 2}, "a-panel": {}}
    assert (kept.group == "people").sum() == 3
    assert len(frame_of(open_study).group) == 7


def test_sessions_that_happen_to_be_shown_the_same_order_are_no_repeats(open_study):
    panel = make_group(open_study, "a-panel", "llm")
    answer_as(open_study, panel, profile="people-like", n=3, seed=1)
    answer_as(open_study, panel, profile="people-like", n=2, seed=1)
    frame = frame_of(open_study)
    assert len(set(frame.cluster.tolist())) == 5
    assert frame.shared("a-panel") == ""


def test_sessions_that_share_a_draw_are_one_cluster(open_study):
    panel = make_group(open_study, "a-panel", "llm")
    answer_as(open_study, panel, profile="people-like", n=3, seed=1)
    Respondent.objects.filter(kind="llm").update(design={"cluster": "persona:1"})
    answer_as(open_study, panel, profile="people-like", n=1, seed=1)
    frame = frame_of(open_study)
    assert len(set(frame.cluster.tolist())) == 2
    assert frame.shared("a-panel") == "persona"


def test_the_checksum_changes_with_a_single_answer(open_study, people, link):
    before = frame_of(open_study).sha256()
    assert frame_of(open_study).sha256() == before
    person = make_person(link)
    answer_everything(person)
    services.complete_administration(administration=person)
    assert frame_of(open_study).sha256() != before
