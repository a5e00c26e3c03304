"""Panels that no comparison survives unharmed: the report says what is wrong and refuses the rest.

The people and the sound rows have known traits; what is wrong with each panel is put in on purpose.
"""

import random
from dataclasses import replace

import pytest
from factories import TESTER, make_draft, make_user
from pytest_django.plugin import DjangoDbBlocker

from analysis.compare.codes import Decision, Reason
from analysis.compare.plan import Rung
from analysis.compare.results import Estimability, GroupSummary, Notice
from analysis.plans.files import Draws, bundled_plan, load_plan
from analysis.plans.services import freeze_plan
from analysis.runs.services import fit_models
from surveys import services
from surveys.models import Study
from surveys.presentation import Question
from tests.analysis.respondents import Answering, answer_with, known_truth, make_group
from tests.analysis.rolled_back import Reported, reported, rolled_back

pytestmark = pytest.mark.django_db  # the fixture of the module needs the test database

TWO_ITEMS = ("privacy.control_1", "sharing.health_company")
PROTOTYPES, SESSIONS, FLIPS = 20, 200, 0.03


@pytest.fixture(scope="module")
def stressed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Reported:
    """People and four panels, compared once for the whole module."""
    with rolled_back(django_db_blocker):
        study = services.open_study(study=make_draft(make_user("owner")), by=TESTER)
        _collect(study)
        return _compare(study)


def _collect(study: Study) -> None:
    sound = known_truth(study, "people-like", n=SESSIONS, seed=5000)
    people = known_truth(study, "people", n=300)
    answer_with(study, make_group(study, "simulated-people", "human"), people)
    panels: dict[str, list[Answering]] = {
        "two-constant-items": [_always_first(one, TWO_ITEMS) for one in sound],
        "near-copies": _near_copies(sound[:PROTOTYPES]),
        "one-answer": [_always_middle(one) for one in sound],
        "thirty-sessions": sound[:30],
        "inattentive": [lambda question: question.options[3].code] * 10,
    }
    for number, (key, rows) in enumerate(panels.items(), start=1):
        answer_with(study, make_group(study, key, "llm"), rows, seed=10_000 * number)


def _compare(study: Study) -> Reported:
    plan = replace(
        load_plan(bundled_plan("privacy-prosocial")),
        draws=Draws(bootstrap=0, permutations=0, noise_draws=0),
        sensitivity=(),
    )
    frozen = freeze_plan(study=study, plan=plan, reference_group="simulated-people", by=TESTER)
    return reported(fit_models(plan=frozen, by=TESTER))


def _always_first(answer: Answering, refs: tuple[str, ...]) -> Answering:
    return lambda question: question.options[0].code if question.ref in refs else answer(question)


def _always_middle(answer: Answering) -> Answering:
    """The middle of every scale; attention checks are passed, or the rows would not be analysed."""
    return lambda question: (
        question.options[len(question.options) // 2].code
        if question.kind == "item"
        else answer(question)
    )


def _near_copies(prototypes: list[Answering]) -> list[Answering]:
    """Ten sessions of each prototype; in each, three answers of a hundred are drawn anew."""
    draw = random.Random(7)
    return [
        _flipped(prototypes[session % PROTOTYPES], random.Random(draw.random()))
        for session in range(SESSIONS)
    ]


def _flipped(answer: Answering, draw: random.Random) -> Answering:
    def given(question: Question) -> int:
        if draw.random() < FLIPS:
            return draw.choice(question.options).code
        return answer(question)

    return given


def notices(stressed: Reported, code: str) -> dict[str, Notice]:
    return {one.group: one for one in stressed.comparison.notices if one.code == code}


def counted(stressed: Reported, group: str) -> GroupSummary:
    return next(row for row in stressed.comparison.groups if row.key == group)


def standing(stressed: Reported, group: str) -> Estimability:
    return next(row for row in stressed.comparison.estimability if row.group == group)


def test_two_constant_items_are_dropped_and_named(stressed):
    found = standing(stressed, "two-constant-items")
    assert found.rung is Rung.ITEMS_DROPPED
    assert found.reason is Reason.CONSTANT_ITEM
    assert found.dropped_items == ("privacy_control_1", "sharing_health_company")
    assert stressed.says(
        "Two constant items stands not on the planned model but on items dropped (constant item: "
        "privacy_control_1, sharing_health_company). Left out: privacy_control_1, sharing_health_c"
    )
    assert stressed.says("Constant in Two constant items: privacy_control_1 and sharing_health_co")


def test_what_is_left_without_the_constant_items_is_still_compared(stressed):
    assert stressed.comparison.score("two-constant-items").hard == 1.0
    assert "two-constant-items" not in notices(stressed, "metric_invariance_fails")


def test_near_copies_count_as_the_sheets_they_were_made_of(stressed):
    group = counted(stressed, "near-copies")
    assert group.copies
    assert group.distinct_rows > 5 * PROTOTYPES
    assert group.effective_n == pytest.approx(PROTOTYPES, rel=0.2)
    assert stressed.says("sessions of Near copies are largely copies of each other")
    assert stressed.says("standard errors are far too small")


def test_near_copies_have_no_p_values(stressed):
    paths = [row for row in stressed.comparison.paths if row.group == "near-copies"]
    assert [(row.estimable, row.pvalue, row.pvalue_holm) for row in paths] == [
        (True, None, None),
        (True, None, None),
    ]
    assert stressed.says("p-values of Near copies are not printed")


def test_a_panel_of_one_answer_is_not_estimable_and_no_path_is_made_up(stressed):
    found = standing(stressed, "one-answer")
    assert (found.rung, found.reason) == (Rung.NONE, Reason.CONSTANT_COMPOSITE)
    for row in stressed.comparison.paths:
        if row.group == "one-answer":
            assert (row.estimable, row.reason, row.est) == (
                False,
                Reason.CONSTANT_COMPOSITE,
                None,
            )
    assert stressed.says("could not be estimated in One answer: constant composite (PRV keeps 0")
    assert stressed.says("Constant in One answer: every item.")


def test_a_panel_of_one_answer_has_evidence_bounded_by_nothing_and_everything(stressed):
    score = stressed.comparison.score("one-answer")
    assert (score.hard, score.not_estimable, score.evidence) == (0.0, 1.0, 0.5)
    assert (score.bounds["evidence"].lower, score.bounds["evidence"].upper) == (0.0, 1.0)
    assert stressed.says("One answer: no path could be estimated.")


def test_two_hundred_times_one_answer_is_one_answer(stressed):
    assert counted(stressed, "one-answer").effective_n == 1.0
    assert stressed.says("One answer has an effective n of 1, below 200")
    assert stressed.says("hold about as much as 1 independent one:")


def test_a_panel_that_fails_every_check_is_named_and_not_compared(stressed):
    assert "inattentive" not in {group.key for group in stressed.comparison.groups}
    assert stressed.says(
        "Inattentive is not in the comparison: all of its 10 sessions were excluded "
        "(Failed attention checks: 10)."
    )


def test_thirty_sessions_are_too_few_to_be_ranked(stressed):
    assert stressed.comparison.ranking == ()
    assert stressed.says("No ranking is printed.")
    assert stressed.says("Thirty sessions has an effective n of 30, below 200")
    decisions = {path.decision for path in stressed.comparison.score("thirty-sessions").paths}
    assert decisions == {Decision.UNDETERMINED}


def test_thirty_sessions_stand_on_composites_and_their_sizes_are_not_compared(stressed):
    assert standing(stressed, "thirty-sessions").rung is Rung.COMPOSITE
    assert stressed.says("Thirty sessions minus Simulated people; not compared: composite scores")


@pytest.mark.parametrize("panel", ["Near copies", "One answer", "Thirty sessions"])
def test_neither_latent_paths_nor_means_of_a_hopeless_panel_are_compared(stressed, panel):
    key = panel.lower().replace(" ", "-")
    said = "\n".join(one.sentence for one in stressed.comparison.notices if one.group == key)
    assert f"Latent paths of {panel} are not compared with people's." in said
    assert f"Latent means of {panel} are not compared with people's" in said
    # What is said of several panels alike is printed once.
    assert stressed.says("The same holds for One answer and Thirty sessions.")
    assert not any(row.comparable for row in stressed.comparison.differences if row.group == key)
