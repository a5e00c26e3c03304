"""Arabic and Hebrew on a sheet of codes: joined, and in the order in which they are read."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.recruiters.qr_sheets import Ticket, qr_sheet
from surveys.recruiters.right_to_left import as_drawn


def plain(drawn: str) -> str:
    """The letters that the drawn forms are of."""
    return unicodedata.normalize("NFKC", drawn)


def test_arabic_letters_join_their_neighbours():
    # Seen, then lam and alef as one sign, then meem, which nothing follows.
    assert [hex(ord(sign)) for sign in as_drawn("سلام")] == ["0xfee1", "0xfefc", "0xfeb3"]
    # Dal joins the letter before it and never the one behind.
    assert [hex(ord(sign)) for sign in as_drawn("بدن")] == ["0xfee5", "0xfeaa", "0xfe91"]


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("Study one (2026)", "Study one (2026)"),
        ("אבג", "גבא"),
        ("אב 12 גד", "דג 12 בא"),
        ("אב (Test) 2026", "2026 (Test) בא"),
        ("Study אב גד one", "Study דג בא one"),
        ("Study אב 12 one", "Study 12 בא one"),
        ("אב (גד)", "(דג) בא"),
        ("אב · P001", "P001 · בא"),
        ("", ""),
    ],
)
def test_a_line_is_in_the_order_of_reading(written, drawn):
    assert as_drawn(written) == drawn


@given(st.text(alphabet="אבגسلاماء12ab ().·\u064b", max_size=30))
def test_nothing_is_lost_and_turning_round_is_all_that_is_done(text):
    drawn = plain(as_drawn(text))
    turned = str.maketrans("()", "((")
    assert sorted(drawn.translate(turned)) == sorted(plain(text).translate(turned))


def test_a_sheet_holds_an_arabic_title():
    tickets = [Ticket("https://example.org/s/abc/", "P001", "قائمة")]
    assert qr_sheet(tickets, title="دراسة عن الرضا").startswith(b"%PDF")
