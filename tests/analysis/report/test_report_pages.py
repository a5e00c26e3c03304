"""Every page as it looks: nothing too small to read, no page a third empty, no word in two."""

import re

import pytest

SMALLEST = 7.0
# What a page holds: from the lowest line of text to the footer, in points.
FOOTER = 62.0
HEIGHT = {"printed": 842 - 72 - 62, "letter": 792 - 72 - 62}


def lines_of(page):
    """The lines of a page as (text, height above the lower edge, size of the type)."""
    found = []

    def visit(text, matrix, text_matrix, _font, size):
        if text.strip():
            y = matrix[1] * text_matrix[4] + matrix[3] * text_matrix[5] + matrix[5]
            found.append((text.strip(), y, size * abs(text_matrix[3] * matrix[3])))

    page.extract_text(visitor_text=visit)
    return found


@pytest.fixture(scope="module", params=["printed", "letter"])
def laid_out(request):
    paper = request.getfixturevalue(request.param)
    pages = [[lines_of(page) for page in each.reader.pages] for each in paper.both]
    return HEIGHT[request.param], pages


def test_no_letter_is_smaller_than_seven_points(laid_out):
    _, documents = laid_out
    small = {
        (text, round(size, 1))
        for pages in documents
        for page in pages
        for text, _, size in page
        if size < SMALLEST - 0.01
    }
    assert small == set()


def test_no_page_but_the_last_is_a_third_empty(laid_out):
    height, documents = laid_out
    for pages in documents:
        for number, page in enumerate(pages[:-1], start=1):
            lowest = min(y for _, y, _ in page if y > FOOTER)
            assert (lowest - FOOTER) / height < 1 / 3, f"page {number}: {page[-3:]}"


def test_no_word_is_broken_in_two(rebuilt):
    """reportlab breaks a word that is wider than its column; ours must never be."""
    assert rebuilt.broken == ()


def test_no_markup_is_printed(printed):
    for document in printed.both:
        for page in document.pages:
            assert not re.search(r"</?(font|b|i|sub)\b|&(lt|gt|amp|nbsp);", page), page


def test_no_heading_is_hyphenated_by_hand(printed):
    for document in printed.both:
        for page in document.pages:
            assert not re.search(r"[a-z]-\s*\n\s*[a-z]", page), page


def test_a_page_never_begins_or_ends_with_a_lone_row(printed):
    """A table that goes on has at least three rows on either page."""
    pages = [page.splitlines() for page in printed.supplement.pages]
    heads = [at for at, page in enumerate(pages) if page[3:4] and page[3].startswith("Parameter")]
    for at in heads:
        rows = [line for line in pages[at] if re.search(r" (free|fixed) ", line)]
        assert len(rows) >= 3
