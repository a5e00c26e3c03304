"""A report in the language of its study."""

from dataclasses import replace

import pytest
from conftest import print_report
from sample_report import sample_content

from analysis.report.language import gettext, language, speaking


@pytest.fixture(scope="module")
def german():
    return print_report(replace(sample_content(scenarios=()), language="de"))


def test_the_first_page_is_german(german):
    first = " ".join(german.report.pages[0].split())
    for words in (
        "SIMULIERTE DATEN",
        "Was gefragt wurde.",
        "Wer antwortete. 284 Personen von 300",
        "dem erwarteten Vorzeichen überein",
        "Was nicht vergleichbar ist, und warum.",
        "Anhang, Tabelle S",
        "Seite 1 von",
    ):
        assert words in first


def test_headings_and_titles_of_tables_are_german(german):
    for words in ("Inhalt", "Grenzen", "Tabelle 2 Gruppen, wie sie ausgewertet wurden"):
        assert words in german.report.text
    assert "Themen von CHERRIES: die Personen" in german.supplement.text
    assert german.report.reader.trailer["/Root"]["/Lang"] == "de"


def test_no_english_heading_is_left(german):
    for document in german.both:
        titles = {entry.title.partition("  ")[2] for entry in flat(document.reader.outline)}
        assert not titles & {"Contents", "Measurement", "Limits", "Who answered", "Ranking"}


def flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


def test_a_language_without_a_catalogue_reads_as_english():
    with speaking("fr"):
        assert language() == "fr"
        assert gettext("What was asked") == "What was asked"
    assert language() == "en"


def test_an_empty_cell_stays_empty_in_german():
    """The catalogue keeps its own head under the empty sentence."""
    with speaking("de"):
        assert gettext("") == ""
