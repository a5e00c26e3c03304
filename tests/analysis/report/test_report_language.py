"""A report in the language of its study."""

import re
from dataclasses import replace

import pytest
from printed_reports import broken_words, print_report
from sample_report import sample_content
from veiled_catalogue import Veiled, letters_left

from analysis import language as spoken
from analysis.language import gettext, language, speaking
from analysis.report.content import named_here

# Names that are the same in every language.
NAMES = {
    "VAAR", "ICC", "CFI", "TLI", "RMSEA", "SRMR", "AVE", "HTMT", "TOST", "Wald", "Holm", "Jensen",
    "Shannon", "Wasserstein", "JARS", "CHERRIES", "GUIDE", "LLM", "AAPOR", "SHA", "LEVEL", "max",
    "report", "tables", "csv", "const", "xxm",  # the subscript of SE
}  # fmt: skip


@pytest.fixture(scope="module")
def veiled():
    """The sample's documents in a language of x's, with the words of the study itself."""
    content = replace(sample_content(scenarios=()), language="xx")
    catalogue = Veiled(spoken._catalogue("de"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spoken, "_catalogue", lambda _: catalogue)
        return print_report(content), set(re.findall("[A-Za-z]{3,}", repr(content)))


@pytest.mark.parametrize("name", ["report", "supplement"])
def test_every_sentence_of_ours_is_in_the_catalogue(veiled, name):
    """What is printed in English letters was given by the study, or is a name."""
    printed, given = veiled
    lines = getattr(printed, name).text
    assert letters_left(lines) - given - NAMES == set()


@pytest.fixture(scope="module")
def german():
    with broken_words() as broken:
        made = print_report(replace(sample_content(scenarios=()), language="de"))
    assert broken == []
    return made


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


# "95%-KI" is a word; a number with one place behind its point may be a version or a section.
_BARE_PERCENT = re.compile(r"\S*\d%(?!-KI)")
_POINTS = re.compile(r"(?<![\w./])[−-]?(?:\.\d+|\d+\.\d{2}\d*)(?![\w./])")


def test_numbers_are_german_in_every_sentence_table_and_figure(german):
    given = repr(sample_content(scenarios=()))
    for document in german.both:
        text = document.text.replace("\N{NO-BREAK SPACE}", " ")
        found = {one[0].strip() for kind in (_BARE_PERCENT, _POINTS) for one in kind.finditer(text)}
        # What the study says of itself stays as it was written; thousands are apart by a point.
        ours = {one for one in found if one not in given and not re.fullmatch(r"\d\.\d{3}", one)}
        assert ours == set()
        assert re.search(r"−0,\d\d \[−0,\d\d; −?0,\d\d\]", text)
    assert "CFI von mindestens 0,90" in german.report.text


def test_groups_of_people_are_called_in_the_language_of_the_document():
    content = sample_content(scenarios=())
    people = content.comparison.groups[0]
    groups = (replace(people, label="Simulated people"), *content.comparison.groups[1:])
    content = replace(content, comparison=replace(content.comparison, groups=groups))
    with speaking("de"):
        named = named_here(content)
    assert named.label(people.key) == "Simulierte Personen"
    # What a member called a panel is nobody's to translate.
    models = [one.label for one in groups if one.kind == "llm"]
    assert models == [one.label for one in named.comparison.groups if one.kind == "llm"]


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
