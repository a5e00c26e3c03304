"""Personas have exactly the margins that were given, and no more structure than that."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_respondents.design.personas import personas_with_margins, quotas

MARGINS = (
    ("Age group", (("18-39", 0.4), ("40-64", 0.35), ("65+", 0.25))),
    ("Geschlecht", (("weiblich", 0.51), ("männlich", 0.49))),
)


@pytest.mark.parametrize(
    ("shares", "people", "counts"),
    [
        ((0.4, 0.35, 0.25), 100, [40, 35, 25]),
        ((0.29, 0.71), 100, [29, 71]),
        ((1 / 3, 1 / 3, 1 / 3), 10, [4, 3, 3]),
        ((0.5, 0.3, 0.2), 7, [4, 2, 1]),
        ((0.6, 0.4), 1, [1, 0]),
        ((1.0,), 5, [5]),
        ((0.0, 1.0), 3, [0, 3]),
    ],
)
def test_quotas_are_those_of_the_largest_remainders(shares, people, counts):
    assert quotas(tuple(enumerate_shares(shares)), people) == counts


def enumerate_shares(shares):
    return ((str(number), share) for number, share in enumerate(shares))


@given(weights=st.lists(st.integers(1, 1000), min_size=1, max_size=12), people=st.integers(1, 5000))
def test_every_quota_is_the_exact_one_rounded_down_or_up(weights, people):
    shares = [weight / sum(weights) for weight in weights]
    counts = quotas(tuple(enumerate_shares(shares)), people)
    assert sum(counts) == people
    for count, share in zip(counts, shares, strict=True):
        assert abs(count - share * people) < 1 + 1e-6


def test_each_label_has_its_quotas_to_the_person():
    personas = personas_with_margins(MARGINS, 200, seed=3)
    for index, (label, shares) in enumerate(MARGINS):
        counts = Counter(persona[index] for persona in personas)
        assert counts == {(label, value): round(share * 200) for value, share in shares}


def test_the_same_seed_deals_the_same_personas_and_another_seed_others():
    first, again, other = (personas_with_margins(MARGINS, 50, seed) for seed in (1, 1, 2))
    assert first == again != other


def test_labels_are_dealt_independently_of_each_other():
    """Over many seeds each pair of values occurs as often as the product of its shares."""
    seeds, people = 300, 40
    pairs = Counter(
        (age, gender)
        for seed in range(seeds)
        for (_, age), (_, gender) in personas_with_margins(MARGINS, people, seed)
    )
    for age, age_share in MARGINS[0][1]:
        for gender, gender_share in MARGINS[1][1]:
            expected = age_share * gender_share
            assert pairs[age, gender] / (seeds * people) == pytest.approx(expected, abs=0.02)


def test_what_one_label_is_dealt_does_not_change_with_another_beside_it():
    alone = personas_with_margins(MARGINS[1:], 60, seed=9)
    beside = personas_with_margins(MARGINS, 60, seed=9)
    assert [persona[0] for persona in alone] == [persona[1] for persona in beside]
