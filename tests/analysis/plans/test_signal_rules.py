"""Rules of a plan that go by how people answered: counted, said of models, alike everywhere."""

from dataclasses import replace

import pytest

from analysis.compare.plan import PeopleDesign
from analysis.plans.drafts import Exclusions
from analysis.plans.exclusions import (
    AS_MODELS_DO,
    NO_PAGES,
    NOT_APPLIED,
    RULES,
    cutoffs,
    for_models,
)
from analysis.runs.frames import left_out_today
from surveys.paradata.visits import Touched, Visit
from surveys.selectors import presentation_of
from tests.analysis.archives import make_run
from tests.analysis.respondents import answer_as, answer_with, frame_of, known_truth, make_group

EVERY = Exclusions(
    seconds_per_answer=1.0,
    long_run=12,
    repeated=True,
    traps=True,
    pasted_texts=1,
    times_left=3,
)
VISITS = (
    Visit(1, 5_900, 6),
    Visit(1, 6_000, 6, traps=()),
    Visit(1, 60_000, 6, traps=("question",)),
    Visit(1, 60_000, 6, reported=True, left=3, away_ms=0),
)
# Of the consent page: what became of its proof of work.
WORKS = ("done", "absent", "wrong", "late")


@pytest.fixture
def study(open_study):
    """Sound people, four whose pages were recorded, a copy, a line; and a panel with both."""
    people = make_group(open_study, "people", "human")
    panel = make_group(open_study, "a-panel", "llm")
    sound = known_truth(open_study, "people", n=6)
    line = lambda question: question.options[0].code  # noqa: E731
    made = answer_with(open_study, people, [*sound, line])
    copied = {
        question.ref: question.option(question.code_of(made[0].answers.get(item__key=key).value))
        for question in presentation_of(made[0]).questions
        if (key := _item_of(question.ref))
    }
    same = lambda question: _same(question, copied)  # noqa: E731
    answer_with(open_study, people, [same])
    answer_with(open_study, panel, [*known_truth(open_study, "people", n=3), line])
    for one, visit in zip(made, VISITS, strict=False):
        kept = {"page": 1, "elapsed_ms": visit.elapsed_ms, "answers": visit.answers}
        one.submissions.update(**kept, paradata=visit.as_json())
    for one, work in zip(made, WORKS, strict=False):
        one.submissions.create(
            idempotency_key="consent", page=0, answers=0, paradata=Visit(0, work=work).as_json()
        )
    return open_study


def _item_of(ref):
    block, _, key = ref.partition(".")
    return key if block != "check" else ""


def _same(question, copied):
    given = copied.get(question.ref)
    return question.code_of(given.value) if given else question.options[0].code


def excluded(study, rules):
    counts = frame_of(study, exclusions=rules).excluded
    return counts["people"], counts["a-panel"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rules", "people", "models"),
    [
        (Exclusions(), {}, {}),
        (Exclusions(seconds_per_answer=1.0), {"pace": 1}, {}),
        (Exclusions(seconds_per_answer=1.01), {"pace": 2}, {}),
        (Exclusions(traps=True), {"traps": 1}, {}),
        (Exclusions(times_left=3), {"left_page": 1}, {}),
        (Exclusions(times_left=4), {}, {}),
        (Exclusions(proof_of_work=True), {"proof_of_work": 3}, {}),
        (Exclusions(long_run=12), {"long_run": 1}, {}),
        (Exclusions(long_run=12, models_too=True), {"long_run": 1}, {"long_run": 1}),
        (Exclusions(straight_lining=0.9), {"straight_lining": 1}, {}),
        (Exclusions(repeated=True), {"repeated": 1}, {}),
        (
            EVERY,
            {"pace": 1, "traps": 1, "left_page": 1, "long_run": 1, "repeated": 1},
            {},
        ),
    ],
)
def test_each_rule_leaves_out_whom_it_names_and_nobody_of_whom_nothing_is_known(
    study, rules, people, models
):
    assert excluded(study, rules) == (people, models)


@pytest.mark.django_db
def test_the_page_of_a_plan_counts_whom_a_run_leaves_out_and_the_report_says_why_not_models(study):
    groups = list(study.groups.all())
    (today,) = left_out_today(study, groups, EVERY, PeopleDesign())
    assert today.by_rule == excluded(study, EVERY)[0]
    answer_as(study, study.groups.get(key="people"), profile="people", n=120, seed=50)
    answer_as(study, study.groups.get(key="a-panel"), profile="people-like", n=120, seed=900)
    run = make_run(study, exclusions=replace(EVERY, pasted_texts=2), sensitivity=())
    said = run.result["description"]
    of_people = {one["rule"]: one for one in said["people_flow"][0]["exclusions"]}
    of_models = {one["rule"]: one for one in said["model_flow"][0]["exclusions"]}
    assert of_people[RULES["traps"]]["count"] == 1
    assert of_people[RULES["pace"]]["cutoff"] == "under 1 s an answer"
    assert of_people[RULES["pasted"]]["cutoff"].startswith("not applied")
    assert of_models[RULES["pace"]]["cutoff"] == NO_PAGES
    assert of_models[RULES["repeated"]]["cutoff"] == AS_MODELS_DO
    assert run.exclusions["people"]["pace"] == 1


def test_a_rule_that_a_plan_lacks_is_neither_hashed_nor_printed():
    assert set(cutoffs(Exclusions())) == {"attention_checks", "too_fast", "straight_lining"}
    assert set(cutoffs(Exclusions()).values()) == {NOT_APPLIED}
    assert set(for_models(Exclusions(), cutoffs(Exclusions())).values()) == {NOT_APPLIED}
    with_models = Exclusions(long_run=9, models_too=True)
    assert for_models(with_models, cutoffs(with_models))["long_run"] == "9 answers in a row or more"


def test_texts_that_were_pasted_are_counted_where_it_was_recorded():
    from surveys.paradata.figures import behaviour_of

    visit = Visit(1, 60_000, 2, reported=True, touched={"t.a": Touched(pasted=30)})
    assert behaviour_of([visit], {"t.a": 40}, {"t.a": 1}).pasted == 1
    assert behaviour_of([Visit(1, 60_000, 2)], {"t.a": 40}, {"t.a": 1}).pasted is None
