import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from statistics import correlation, fmean, pvariance, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

import surveys
from surveys.instrument_files import (
    bundled_instruments,
    bundled_study,
    instruments_by_block,
    item_ref,
    questionnaire_of,
)
from surveys.presentation import present
from surveys.scoring import oriented
from surveys.simulation import (
    PROFILES,
    CheckKey,
    ItemKey,
    LatentPath,
    SimulatedRespondent,
    SimulationError,
    TraitProfile,
    bundled_profile,
    check_keys,
    even_thresholds,
    item_keys,
)

STUDY = bundled_study("privacy-prosocial")
BY_BLOCK = instruments_by_block(STUDY, bundled_instruments())
QUESTIONNAIRE = questionnaire_of(STUDY, bundled_instruments(), "en")
ITEMS = item_keys(BY_BLOCK)
KEYS = ITEMS | check_keys(STUDY)
SCALES = {
    item_ref(block, item.key): instrument.response_scale(item.response_scale).values
    for block, instrument in BY_BLOCK.items()
    for item in instrument.items
}
CHECKS = check_keys(STUDY)
SHOWN = present(QUESTIONNAIRE, seed=1)

seeds = st.integers(0, 2**63 - 1)
names = st.sampled_from(sorted(PROFILES))
each_profile = pytest.mark.parametrize("name", sorted(PROFILES))


def values_of(name, seed, shown=SHOWN):
    codes = SimulatedRespondent(PROFILES[name], seed).answers(shown, KEYS)
    return {ref: shown.question(ref).value_of(code) for ref, code in codes.items()}


def sample(name, size, shown=SHOWN):
    return [values_of(name, seed, shown) for seed in range(size)]


def slopes(first, second, outcome):
    """Standardised weights of two predictors, from their correlations."""
    r1, r2, r12 = (
        correlation(first, outcome),
        correlation(second, outcome),
        correlation(first, second),
    )
    return (r1 - r2 * r12) / (1 - r12**2), (r2 - r1 * r12) / (1 - r12**2)


def alpha(rows):
    """Cronbach's alpha of complete rows."""
    k = len(rows[0])
    items = sum(variance(column) for column in zip(*rows, strict=True))
    return k / (k - 1) * (1 - items / variance([sum(row) for row in rows]))


def scored(ref, value):
    low, *_, high = SCALES[ref]
    return oriented(value, reverse_keyed=ITEMS[ref].reverse_keyed, minimum=low, maximum=high)


def mean_score(answers, construct):
    return fmean(
        scored(ref, answers[ref])
        for ref, key in ITEMS.items()
        if key.construct == construct and ref in answers
    )


def complete_rows(answers, construct):
    refs = [ref for ref, key in ITEMS.items() if key.construct == construct]
    return [[scored(ref, one[ref]) for ref in refs] for one in answers if one.keys() >= set(refs)]


@given(names, seeds)
def test_answers_do_not_depend_on_the_order_of_asking(name, seed):
    forwards = SimulatedRespondent(PROFILES[name], seed)
    backwards = SimulatedRespondent(PROFILES[name], seed)
    first = {q.ref: forwards.answer(q, KEYS[q.ref]) for q in SHOWN.questions}
    second = {q.ref: backwards.answer(q, KEYS[q.ref]) for q in reversed(SHOWN.questions)}

    assert first == second


@given(names, seeds, seeds)
def test_scored_answers_do_not_depend_on_seed_of_order_direction_or_language(name, seed, other):
    german = questionnaire_of(STUDY, bundled_instruments(), "de")
    shown = present(german, seed=other, scale_direction="reversed")

    assert values_of(name, seed, shown) == values_of(name, seed)


def test_draws_are_the_same_in_another_process_with_another_hash_seed():
    program = (
        "from surveys.simulation import PROFILES, SimulatedRespondent\n"
        "one = SimulatedRespondent(PROFILES['people'], 11)\n"
        "print(repr(one.trait('sharing')))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        cwd=Path(surveys.__file__).parents[1],
        env={"PYTHONHASHSEED": "12345"},
        text=True,
    ).stdout

    assert float(printed) == SimulatedRespondent(PROFILES["people"], 11).trait("sharing")


def test_respondents_and_profiles_differ():
    assert len({tuple(sorted(one.items())) for one in sample("people", 60)}) == 60
    assert values_of("people", 1) != values_of("people-like", 1)


@pytest.mark.parametrize(
    ("name", "privacy", "prosocial"),
    [("people", -0.35, 0.30), ("people-like", -0.33, 0.28), ("reversed", 0.35, 0.30)],
)
def test_latent_paths_are_those_of_the_profile(name, privacy, prosocial):
    people = [SimulatedRespondent(PROFILES[name], seed) for seed in range(4000)]
    traits = [
        [one.trait(construct) for one in people]
        for construct in ("privacy", "prosocial", "sharing")
    ]

    # Three standard errors of a standardised slope at n = 4,000 are about .045.
    assert slopes(*traits) == pytest.approx((privacy, prosocial), abs=0.045)


def test_a_reversed_path_shows_in_the_scores_and_the_people_show_the_other_sign():
    found = {}
    for name in ("people", "people-like", "reversed"):
        answers = sample(name, 1200)
        columns = [
            [mean_score(one, construct) for one in answers]
            for construct in ("privacy", "prosocial", "sharing")
        ]
        found[name] = slopes(*columns)

    assert found["people"][0] < -0.2
    assert found["people-like"][0] < -0.2
    assert found["reversed"][0] > 0.2
    assert min(prosocial for _, prosocial in found.values()) > 0.1


@pytest.mark.parametrize("name", ["people", "people-like", "reversed"])
def test_scales_are_as_reliable_as_scales_of_this_length_usually_are(name):
    answers = sample(name, 600)

    for construct in ("privacy", "prosocial", "sharing"):
        assert 0.75 <= alpha(complete_rows(answers, construct)) <= 0.9, construct


def test_items_of_one_facet_belong_together_more_than_items_of_two():
    answers = [one for one in sample("people", 1500) if len(one) == 40]
    columns = {ref: [scored(ref, one[ref]) for one in answers] for ref in ITEMS}
    within, between = [], []
    for ref, key in ITEMS.items():
        for other, second in ITEMS.items():
            if ref < other and key.construct == second.construct:
                same = key.facet == second.facet
                (within if same else between).append(correlation(columns[ref], columns[other]))

    assert fmean(within) - fmean(between) > 0.04


def test_reverse_keyed_items_are_answered_the_other_way_round():
    answers = [one for one in sample("people", 400) if len(one) == 40]
    forward = [one["privacy.control_1"] for one in answers]
    reverse = [one["privacy.control_3"] for one in answers]

    assert correlation(forward, reverse) < -0.2


def test_near_constant_means_a_few_constant_items_and_little_variance_in_the_rest():
    answers = sample("near-constant", 200)
    variances = {ref: pvariance([one[ref] for one in answers]) for ref in ITEMS}
    constant = [ref for ref, value in variances.items() if value == 0]
    modal = fmean(
        max(Counter(one[ref] for one in answers).values()) / len(answers) for ref in ITEMS
    )

    assert 3 <= len(constant) <= 10
    for construct in ("privacy", "prosocial", "sharing"):
        varying = [
            ref for ref, key in ITEMS.items() if key.construct == construct and ref not in constant
        ]
        assert len(varying) >= 8
    assert modal > 0.9


def test_checks_are_mostly_passed_and_failed_at_the_rate_of_the_profile():
    answers = sample("people", 1500)
    rate = fmean(
        one[ref] not in CHECKS[ref].expected for one in answers for ref in CHECKS if ref in one
    )

    assert rate == pytest.approx(PROFILES["people"].check_failure_rate, abs=0.015)


@given(seeds)
def test_a_failed_check_is_answered_with_another_option(seed):
    careless = replace(PROFILES["people"], check_failure_rate=1.0)
    respondent = SimulatedRespondent(careless, seed)

    for ref, key in CHECKS.items():
        question = SHOWN.question(ref)
        assert question.value_of(respondent.answer(question, key)) not in key.expected


def test_skipped_questions_are_left_out_at_the_rate_of_the_profile():
    answered = fmean(len(one) / 40 for one in sample("people", 1000))

    assert 1 - answered == pytest.approx(PROFILES["people"].skip_rate, abs=0.002)
    assert all(len(one) == 40 for one in sample("people-like", 100))


@each_profile
def test_demographics_are_values_that_the_study_accepts(name):
    ages, genders = [], Counter()
    for seed in range(300):
        given_values = SimulatedRespondent(PROFILES[name], seed).demographics(STUDY.demographics)
        assert given_values.keys() == {"age", "gender", "education"}
        for field in STUDY.demographics:
            if field.kind == "integer":
                assert field.minimum <= given_values[field.key] <= field.maximum
            else:
                assert given_values[field.key] in [value for value, _ in field.options]
        ages.append(given_values["age"])
        genders[given_values["gender"]] += 1

    assert 40 < fmean(ages) < 55
    assert genders["female"] > 100 < genders["male"]


def test_thresholds_are_symmetric_and_can_be_given():
    assert even_thresholds(2) == (0.0,)
    assert even_thresholds(5) == pytest.approx((-1.6, -1.6 / 3, 1.6 / 3, 1.6))

    always_top = replace(PROFILES["people"], thresholds={7: (-9.0, -8.0, -7.0, -6.5, -6.2, -6.1)})
    respondent = SimulatedRespondent(always_top, 3)
    question = SHOWN.question("privacy.control_1")
    assert question.value_of(respondent.answer(question, KEYS[question.ref])) == 7


def test_constructs_that_a_profile_does_not_name_are_answered_too():
    plain = TraitProfile(name="plain")
    question = SHOWN.question("privacy.control_1")
    values = {
        SimulatedRespondent(plain, seed).answer(question, ItemKey("trust", None, False))
        for seed in range(300)
    }

    assert values == set(range(1, 8))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"loading": 1.2}, "not_a_loading"),
        ({"constancy": -0.1}, "not_a_share"),
        ({"thresholds": {5: (0.0, 1.0)}}, "malformed_thresholds"),
        ({"thresholds": {3: (1.0, 0.0)}}, "malformed_thresholds"),
        ({"paths": (LatentPath("a", "b", 1.0),)}, "no_residual_variance"),
        ({"paths": (LatentPath("a", "b", 0.3), LatentPath("b", "c", 0.3))}, "chained_paths"),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused(change, code):
    with pytest.raises(SimulationError) as refusal:
        TraitProfile(name="odd", **change)
    assert refusal.value.code == code


def test_an_unknown_profile_is_refused_with_the_names_that_exist():
    assert bundled_profile("people").paths[0].coefficient == -0.35
    with pytest.raises(SimulationError, match="near-constant, people, people-like, reversed") as no:
        bundled_profile("humans")
    assert no.value.code == "unknown_profile"


def test_check_keys_carry_the_expected_values():
    assert check_keys(STUDY) == {
        "check.calendar": CheckKey((1, 2)),
        "check.rarely": CheckKey((2,)),
    }
