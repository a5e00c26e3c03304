import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.instrument_files import bundled_instruments, bundled_study, instruments_by_block
from surveys.scoring import ItemKey, ValueOutsideScale, item_keys, oriented

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
        oriented(8, reverse_keyed=False, minimum=1, maximum=7)


def test_keys_of_a_study_carry_construct_facet_and_direction():
    keys = item_keys(BY_BLOCK)

    assert len(keys) == 38
    assert keys["privacy.collection_4"] == ItemKey("privacy", "collection", True)
    assert keys["prosocial.empathy_1"] == ItemKey("prosocial", "empathy", False)
    assert keys["sharing.energy_authority"].reverse_keyed


def test_the_bundled_study_has_an_opposite_for_every_reverse_keyed_item():
    keys = list(item_keys(BY_BLOCK).values())
    reverse = [key for key in keys if key.reverse_keyed]

    assert len(reverse) == 12
    for one in reverse:
        facet = [key for key in keys if (key.construct, key.facet) == (one.construct, one.facet)]
        opposed = sum(key.reverse_keyed for key in facet)
        assert opposed <= len(facet) - opposed
