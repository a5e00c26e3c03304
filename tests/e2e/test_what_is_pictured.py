"""Which pages there is no picture of is said with a reason, and the reason is true."""

import pytest
from screenshots import NO_PICTURE, SENT, office_views

from tests.url_rules import RULES


def named(short: str) -> list[str]:
    return [name for name in office_views() if short in (name, name.split(":")[-1])]


@pytest.mark.parametrize("short", sorted(NO_PICTURE))
def test_what_has_no_picture_is_a_view(short):
    assert named(short)


@pytest.mark.parametrize("short", sorted(key for key, why in NO_PICTURE.items() if why == SENT))
def test_what_is_only_sent_a_form_shows_no_page(short):
    """An address that answers GET shows something, of which there is a picture."""
    assert [name for name in named(short) if "GET" in RULES[name].least] == []


def test_every_view_that_is_only_sent_a_form_is_named():
    """The walk over all pages takes minutes to find out."""
    sent = {name for name in office_views() if "GET" not in RULES[name].least}
    assert [name for name in sent if not {name, name.split(":")[-1]} & NO_PICTURE.keys()] == []
