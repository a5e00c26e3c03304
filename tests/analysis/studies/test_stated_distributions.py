"""A plan may take the mean of a stated distribution in place of the answer drawn from it."""

import numpy as np
import pytest
from factories import TESTER
from tea import imported

from analysis.compare import compare
from analysis.compare.plan import Construct, Indicator, ItemSpec, PathSpec, Plan, SignSource
from analysis.plans.files import parse_plan
from analysis.plans.services import freeze_plan, takes_means
from analysis.runs.answers import answer_sheet, oriented_means
from analysis.runs.frames import scored_frame
from analysis.runs.snapshot import StudySnapshot
from surveys.instrument_files import InstrumentFileError
from tests.llm_respondents.readout.collected import collected, lines, session

PLAN = """\
name = "main"
study = "tea"
{more}
[[constructs]]
key = "L"
label = "Liking"
block = "liking"
indicators = "items"
[[constructs]]
key = "H"
label = "Habit"
block = "habit"
indicators = "items"
[[paths]]
outcome = "H"
predictor = "L"
sign = "+"
source = "T"
family = "attitude"
"""
STATED = {
    "liking.good": {"distribution": {"1": 0.2, "2": 0.0, "3": 0.8}},
    # Reverse-keyed, with shares in per cent.
    "liking.bitter": {"distribution": {"Disagree": 90, "Neither": 10, "Agree": 0}},
    "habit.daily": {"missing_reason": "refused"},
}


@pytest.fixture
def study(owner):
    people = imported(owner).study
    collected(owner, lines(*session("s", STATED), *session("t", {**STATED, "liking.good": "2"})))
    return people


def frame_of(study, means):
    snapshot = StudySnapshot.of(study)
    return scored_frame(answer_sheet(snapshot), means=means(snapshot))


@pytest.mark.django_db
def test_means_stand_in_the_place_of_draws_oriented_and_only_where_a_distribution_was(study):
    drawn, taken = frame_of(study, lambda _one: {}), frame_of(study, oriented_means)

    models = np.char.startswith(taken.group, "gpt")
    assert models.sum() == 2
    good, bitter, daily = ("liking_good", "liking_bitter", "habit_daily")
    assert taken.items[good][models].tolist() == pytest.approx([2.6, 2.0])
    assert taken.items[bitter][models].tolist() == pytest.approx([2.9, 2.9])
    assert np.isnan(taken.items[daily][models]).all()
    for name in (good, bitter, daily):
        assert np.array_equal(taken.given[name], drawn.items[name], equal_nan=True)
        others = taken.items[name][~models]
        assert np.array_equal(others, drawn.items[name][~models], equal_nan=True)
    assert set(drawn.items[good][models].tolist()) <= {1.0, 2.0, 3.0}


@pytest.mark.django_db
def test_a_plan_says_which_and_one_that_says_nothing_keeps_its_hash(study):
    texts = {
        "": PLAN.format(more=""),
        "mean": PLAN.format(more='stated_distributions = "mean"').replace('"main"', '"other"'),
    }
    frozen = {
        name: freeze_plan(study=study, plan=parse_plan(text), by=TESTER)
        for name, text in texts.items()
    }
    assert [takes_means(one) for one in frozen.values()] == [False, True]
    plain, means = frozen.values()
    assert "stated_distributions" not in plain.definition
    assert plain.sha256 != means.sha256


@pytest.mark.parametrize(
    "more",
    [
        'estimator = "WLSMV"',
        '[[sensitivity]]\nchoice = "estimator"\noptions = ["MLR", "WLSMV"]',
    ],
)
def test_means_are_no_categories(more):
    with pytest.raises(InstrumentFileError) as no:
        parse_plan(PLAN.format(more=f'stated_distributions = "mean"\n{more}'))
    assert [one.code.value for one in no.value.problems] == ["ordinal_needs_answers"]


def test_items_and_styles_are_described_by_answers_and_paths_by_means():
    rng = np.random.default_rng(7)
    people, models = (np.clip(np.rint(rng.normal(3, 1, (90, 2))), 1, 5) for _ in "12")
    means = np.clip(models + rng.normal(0, 0.4, models.shape), 1, 5)
    names = ("a", "b")
    plan = Plan(
        constructs=tuple(Construct(one.upper(), one, (Indicator(one, (one,)),)) for one in names),
        paths=(PathSpec("B", "A", 1, SignSource.THEORY, "f"),),
        items=tuple(ItemSpec(one, 1, 5) for one in names),
        reference_group="people",
    )
    group = np.repeat(["people", "m"], 90)

    def columns(of_models):
        return {one: np.append(people[:, n], of_models[:, n]) for n, one in enumerate(names)}

    drawn = compare(columns(models), plan, group=group)
    both = compare(columns(means), plan, group=group, given=columns(models))

    assert (both.items, both.styles) == (drawn.items, drawn.styles)
    (before,), (after,) = (
        [row.est for row in one.paths if row.group == "m"] for one in (drawn, both)
    )
    assert before != after
