import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.instrument_files import bundled_instruments, bundled_study, instruments_by_block
from surveys.scoring import (
    ItemKey,
    ScoringKey,
    ValueOutsideScale,
    acquiescence_index,
    acquiescence_pairs,
    construct_scores,
    facet_scores,
    item_keys,
    oriented,
    oriented_answers,
    passes_check,
    scale_score,
    scoring_keys,
)


def key(construct, facet, *, reverse_keyed=False, maximum=7):
    return ScoringKey(ItemKey(construct, facet, reverse_keyed), 1, maximum)


KEYS = {
    "a.1": key("privacy", "control"),
    "a.2": key("privacy", "control", reverse_keyed=True),
    "a.3": key("privacy", "awareness"),
    "b.1": key("prosocial", None, maximum=5),
    "b.2": key("prosocial", None, reverse_keyed=True, maximum=5),
}
BY_BLOCK = instruments_by_block(bundled_study("privacy-prosocial"), bundled_instruments())


@given(st.integers(-3, 3), st.integers(1, 10), st.data())
def test_orienting_twice_gives_the_answer_back(minimum, width, data):
    maximum = minimum + width
    value = data.draw(st.integers(minimum, maximum))
    scale = {"reverse_keyed": True, "minimum": minimum, "maximum": maximum}

    assert oriented(oriented(value, **scale), **scale) == value
    assert oriented(value, **(scale | {"reverse_keyed": False})) == value


def test_a_reverse_keyed_answer_is_mirrored_on_its_own_scale():
    assert oriented(1, reverse_keyed=True, minimum=1, maximum=7) == 7
    assert oriented(4, reverse_keyed=True, minimum=1, maximum=7) == 4
    assert oriented(0, reverse_keyed=True, minimum=0, maximum=4) == 4


def test_a_value_outside_the_scale_is_refused_rather_than_scored():
    with pytest.raises(ValueOutsideScale, match=r"8 is outside.*from 1 to 7"):
        construct_scores({"a.1": 8}, KEYS)


@pytest.mark.parametrize(
    ("values", "share", "score"),
    [
        ([2, 4, 6], 1 / 3, 4.0),
        ([2, None, 6], 1 / 3, 4.0),
        ([2, None, None], 1 / 3, None),
        ([2, 4, 6, None, None, 5], 1 / 3, 4.25),
        ([2, None], 0.5, 2.0),
        ([2, None], 0.0, None),
        ([None, None], 1.0, None),
        ([], 1.0, None),
    ],
)
def test_a_score_is_the_mean_of_what_was_answered_unless_too_much_is_missing(values, share, score):
    assert scale_score(values, max_missing_share=share) == score


def test_scores_are_means_of_oriented_answers():
    answers = {"a.1": 6, "a.2": 2, "a.3": 3, "b.1": 5, "b.2": None, "check.x": 2}

    assert oriented_answers(answers, KEYS) == {"a.1": 6, "a.2": 6, "a.3": 3, "b.1": 5, "b.2": None}
    assert construct_scores(answers, KEYS) == {"privacy": 5.0, "prosocial": None}
    assert construct_scores(answers, KEYS, max_missing_share=0.5)["prosocial"] == 5.0
    assert facet_scores(answers, KEYS) == {
        ("privacy", "control"): 6.0,
        ("privacy", "awareness"): 3.0,
    }


def test_an_item_that_was_never_shown_counts_as_missing():
    assert construct_scores({"a.1": 6, "a.2": 2}, KEYS) == {"privacy": 6.0, "prosocial": None}


def test_pairs_are_of_one_facet_and_use_every_item_once():
    keys = {ref: one.item for ref, one in KEYS.items()} | {
        "a.4": ItemKey("privacy", "awareness", reverse_keyed=True),
        "a.5": ItemKey("privacy", "awareness", reverse_keyed=True),
    }

    assert acquiescence_pairs(keys) == (("a.1", "a.2"), ("b.1", "b.2"), ("a.3", "a.4"))


def test_the_bundled_study_has_a_pair_for_every_reverse_keyed_item():
    pairs = acquiescence_pairs(item_keys(BY_BLOCK))

    assert len(pairs) == 12
    assert ("privacy.control_1", "privacy.control_3") in pairs
    assert ("sharing.health_university", "sharing.health_company") in pairs


@pytest.mark.parametrize(
    ("answers", "index"),
    [
        ({"a.1": 7, "a.2": 7, "b.1": 5, "b.2": 5}, 1.0),
        ({"a.1": 1, "a.2": 1, "b.1": 1, "b.2": 1}, -1.0),
        ({"a.1": 7, "a.2": 1, "b.1": 1, "b.2": 5}, 0.0),
        ({"a.1": 7, "a.2": 4, "b.1": 5, "b.2": None}, 0.5),
        ({"a.1": 7, "a.2": None}, None),
    ],
)
def test_agreeing_with_opposites_shows_as_acquiescence_and_the_trait_does_not(answers, index):
    pairs = acquiescence_pairs({ref: one.item for ref, one in KEYS.items()})

    assert acquiescence_index(answers, KEYS, pairs) == index


def test_keys_of_a_study_carry_construct_facet_direction_and_range():
    keys = scoring_keys(BY_BLOCK)

    assert len(keys) == 38
    assert keys["privacy.collection_4"] == ScoringKey(ItemKey("privacy", "collection", True), 1, 7)
    assert keys["prosocial.empathy_1"] == ScoringKey(ItemKey("prosocial", "empathy", False), 1, 5)
    assert item_keys(BY_BLOCK)["sharing.energy_authority"].reverse_keyed


def test_a_check_is_passed_only_by_an_expected_answer():
    assert passes_check(2, expected=(1, 2))
    assert not passes_check(3, expected=(1, 2))
    assert not passes_check(None, expected=(1, 2))
