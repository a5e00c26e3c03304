"""Who does not see a report hears it: PDF/UA, checked by rules of veraPDF's corpus."""

import page as checker
import pytest

ROLES = {"/H1", "/H2", "/H3", "/P", "/L", "/LI", "/Table", "/TR", "/TH", "/TD", "/Figure", "/Link"}


def faults(pdf):
    """The rules of PDF/UA-1 that a file breaks."""
    report = checker.validate_pdf_bytes(pdf, profile="ua1")
    return {failure.rule_id for failure in report.failures}


@pytest.mark.parametrize("paper", ["printed", "letter"])
def test_both_documents_keep_every_rule(paper, request):
    for document in request.getfixturevalue(paper).both:
        assert faults(document.pdf) == set()


PLANTED = [
    (b"/Alt ", b"/Olt ", "FIGURE-ALTERNATIVE"),
    (b"/Scope ", b"/Skope ", "TABLE-HEADERS"),
    (b"/Marked true", b"/Marked null", "TAGGED"),
    (b"pdfuaid:part>1<", b"pdfuaid:part>7<", "ID-PART"),
    (b"/DisplayDocTitle true", b"/DisplayDocTitle null", "VIEWER-PREFERENCES"),
    (b"/S /H2 ", b"/S /H5 ", "HEADING"),
    (b"/Contents (", b"/Kontents (", "LINK"),
]


@pytest.mark.parametrize(("sound", "broken", "rule"), PLANTED, ids=[rule for *_, rule in PLANTED])
def test_a_planted_fault_is_found(printed, sound, broken, rule):
    assert sound in printed.report.pdf
    assert any(rule in found for found in faults(printed.report.pdf.replace(sound, broken)))


def elements(node, role=""):
    """Every structure element below a node, in reading order."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for each in node:
            yield from elements(each)
    elif isinstance(node, dict) and "/S" in node:
        yield node
        yield from elements(node.get("/K", []))


def test_headings_tables_lists_and_figures_are_told_apart(printed):
    for document in printed.both:
        tree = document.reader.trailer["/Root"]["/StructTreeRoot"]
        found = list(elements(tree["/K"]))
        assert {each["/S"] for each in found} >= ROLES - {"/H3"}
        headings = [each for each in found if each["/S"] == "/H1"]
        assert len(headings) == 1


def test_a_figure_says_in_words_what_it_shows(printed):
    tree = printed.report.reader.trailer["/Root"]["/StructTreeRoot"]
    spoken = [each["/Alt"] for each in elements(tree["/K"]) if each["/S"] == "/Figure"]
    assert any(words.startswith("Two flows, which are not added together.") for words in spoken)
    assert all(len(words) > 20 for words in spoken)


def test_the_text_is_read_in_the_order_in_which_it_is_understood(printed):
    first = " ".join(printed.report.pages[0].split())
    leads = (
        "Privacy concern, prosocialness",
        "What was asked.",
        "Of whom.",
        "What came out.",
        "What is not comparable, and why.",
        "What differs in wording.",
    )
    places = [first.index(lead) for lead in leads]
    assert places == sorted(places)
