"""The instruments that come with the program, held to what good questionnaires need."""

import re
from collections import Counter

import pytest

from surveys.instrument_files import bundled_instruments, bundled_study

LANGUAGES = ("en", "de")
INSTRUMENTS = {instrument.slug: instrument for instrument in bundled_instruments()}
each_instrument = pytest.mark.parametrize("slug", INSTRUMENTS)
each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.mark.parametrize(
    ("slug", "items", "facets", "points", "reverse_keyed"),
    [
        ("privacy-attitudes", 10, [3, 3, 4], 7, 4),
        ("prosocialness", 16, [4, 4, 4, 4], 5, 4),
        ("data-sharing", 12, [3, 3, 3, 3], 7, 4),
    ],
)
def test_the_bundled_instruments_have_the_design_that_the_study_needs(
    slug, items, facets, points, reverse_keyed
):
    instrument = INSTRUMENTS[slug]

    assert len(instrument.items) == items
    assert list(Counter(item.facet for item in instrument.items).values()) == facets
    assert [scale.values for scale in instrument.response_scales] == [tuple(range(1, points + 1))]
    assert sum(item.reverse_keyed for item in instrument.items) == reverse_keyed


@each_instrument
def test_every_facet_has_both_keys_so_that_agreeing_with_everything_shows(slug):
    instrument = INSTRUMENTS[slug]

    for facet in instrument.facets:
        keys = {item.reverse_keyed for item in instrument.items if item.facet == facet.key}
        assert keys == {False, True}, facet.key


def test_sharing_crosses_four_scenarios_with_three_recipients():
    cells = {tuple(item.key.split("_")) for item in INSTRUMENTS["data-sharing"].items}

    assert len(cells) == 12
    assert {scenario for scenario, _ in cells} == {"health", "travel", "energy", "shopping"}
    assert {recipient for _, recipient in cells} == {"university", "authority", "company"}
    reverse_keyed = {
        item.key.split("_")[1] for item in INSTRUMENTS["data-sharing"].items if item.reverse_keyed
    }
    assert reverse_keyed == {"university", "authority", "company"}


@each_language
def test_nothing_that_is_read_in_the_sharing_block_mentions_privacy(language):
    shown = INSTRUMENTS["data-sharing"]
    texts = [shown.title, shown.instruction, *(item.text for item in shown.items)]

    for text in texts:
        assert not re.search(r"priva|datenschutz|schutz|protect|sicher|secur|secret|geheim",
                             text[language], re.IGNORECASE), text[language]  # fmt: skip


@each_instrument
@each_language
def test_items_are_single_sentences_that_are_short_enough_to_read_at_once(slug, language):
    for item in INSTRUMENTS[slug].items:
        text = item.text[language]
        assert text.endswith(".")
        assert not re.search(r"\. ", text), text
        assert len(text.split()) <= 22, text


@each_instrument
@each_language
def test_items_hold_no_negation_that_would_have_to_be_undone_to_answer(slug, language):
    negation = {"en": r"\b(not|never|no|\w+n't|don’t)\b", "de": r"\b(nicht|nie|kein\w*)\b"}
    excepted = {  # here the negation belongs to a situation, not to the answer
        "caring_2",
        "empathy_1",
    }
    for item in INSTRUMENTS[slug].items:
        if item.key not in excepted:
            assert not re.search(negation[language], item.text[language]), item.text[language]


@each_instrument
def test_the_two_languages_are_parallel_but_not_the_same(slug):
    for item in INSTRUMENTS[slug].items:
        assert item.text["en"] != item.text["de"]
        ratio = len(item.text["de"]) / len(item.text["en"])
        assert 0.7 < ratio < 1.7, item.key


@each_instrument
def test_each_says_whose_words_it_uses_and_which_published_work_it_parallels(slug):
    instrument = INSTRUMENTS[slug]

    assert instrument.wording_note.startswith("Worded for Counterpart")
    assert re.search(r"\(20\d\d\)", instrument.citation)
    assert instrument.licence == "CC-BY-4.0"
    assert instrument.orientation["en"].startswith("High scores: more")


def test_the_constructs_carry_the_names_that_models_are_written_with():
    assert {slug: one.construct for slug, one in INSTRUMENTS.items()} == {
        "privacy-attitudes": "privacy",
        "prosocialness": "prosocial",
        "data-sharing": "sharing",
    }
    study = bundled_study("privacy-prosocial")
    assert [block.key for block in study.blocks] == ["privacy", "prosocial", "sharing"]


def test_frozen_wording_is_never_edited_without_a_new_version():
    """Answers already given belong to these words. To change a word, raise the version."""
    assert {
        f"{one.slug} {one.version} {language}": one.checksum(language)[:16]
        for one in bundled_instruments()
        for language in one.languages
    } == {
        "data-sharing 1.0 en": "57151e314bc0d156",
        "data-sharing 1.0 de": "c3fdd2dec8176311",
        "privacy-attitudes 1.0 en": "75d7dc07336e5ed2",
        "privacy-attitudes 1.0 de": "972746355247600b",
        "prosocialness 1.0 en": "224b335621a3e8d5",
        "prosocialness 1.0 de": "34c967854b56c960",
    }
