"""The PDF as a document: pages, labels, fonts, contents, bytes."""

import re

import pytest
from sample_report import sample_content

from analysis.report import build_documents, long_tables
from analysis.report.errors import UnknownPageSizeError


def fonts_of(reader):
    """Base font names of the file, with whether a font program is embedded."""
    found = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            font = font.get_object()
            descriptor = font.get("/FontDescriptor")
            embedded = descriptor is not None and "/FontFile2" in descriptor.get_object()
            found[font["/BaseFont"]] = embedded
    return found


def test_the_same_content_gives_the_same_bytes_in_under_fifteen_seconds(printed, rebuilt):
    assert (rebuilt.report, rebuilt.supplement) == (printed.report.pdf, printed.supplement.pdf)
    assert rebuilt.seconds < 15


def test_nothing_is_drawn_before_everything_stands(rebuilt, printed):
    pictures = sum(each.count(b"/S /Figure") for each in (rebuilt.report, rebuilt.supplement))
    assert rebuilt.drawn == pictures > 10


@pytest.mark.parametrize("paper", ["printed", "letter"])
def test_every_page_is_labelled_and_numbered(paper, request):
    for document in request.getfixturevalue(paper).both:
        total = len(document.pages)
        for number, page in enumerate(document.pages, start=1):
            assert "SIMULATED DATA" in page
            assert "model-generated, not participants" in page
            assert "Study privacy-prosocial" in page
            assert f"Page {number} of {total}" in page


def test_both_papers_have_their_sizes(printed, letter):
    sizes = [
        tuple(round(float(side)) for side in report.report.reader.pages[0].mediabox[2:])
        for report in (printed, letter)
    ]
    assert sizes == [(595, 842), (612, 792)]


def test_an_unknown_paper_is_refused_with_a_code(content):
    with pytest.raises(UnknownPageSizeError, match="Choose A4 or Letter") as caught:
        build_documents(content, page_size="A5")
    assert caught.value.code == "unknown_page_size"


def test_every_font_is_embedded_and_greek_comes_out_as_greek(printed):
    fonts = fonts_of(printed.report.reader) | fonts_of(printed.supplement.reader)
    assert all(embedded for embedded in fonts.values())
    assert any("STIXGeneral" in name for name in fonts)
    assert any("DejaVuSans" in name for name in fonts)
    for sign in ("β", "χ²", "ω", "α", "π", "−.36", "≥", "→"):
        assert sign in printed.text


def test_the_file_says_its_title_and_language(printed):
    report, supplement = (each.reader for each in printed.both)
    assert report.metadata.title.startswith("Privacy concern")
    assert supplement.metadata.title == f"Supplement: {report.metadata.title}"
    assert report.metadata.subject == "Study privacy-prosocial, report R-0007"
    assert report.trailer["/Root"]["/Lang"] == "en"


@pytest.mark.parametrize("paper", ["printed", "letter"])
def test_contents_and_bookmarks_point_at_the_right_pages(paper, request):
    for document in request.getfixturevalue(paper).both:
        title = document.reader.metadata.title
        entries = [
            entry
            for entry in flat(document.reader.outline)
            if entry.title not in (title, "Contents")
        ]
        assert len(entries) > 12
        contents = " ".join(" ".join(page.split()) for page in document.pages[:3])
        for entry in entries:
            page = document.reader.get_destination_page_number(entry) + 1
            title = re.sub(r"^\S+\s+", "", entry.title)
            assert title in " ".join(document.pages[page - 1].split())
            assert re.search(rf"{re.escape(title)} {page}\b", contents), (title, page)


def flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


@pytest.mark.parametrize(("volume", "prefix"), [("report", ""), ("supplement", "S")])
def test_tables_and_figures_are_numbered_without_gaps(printed, volume, prefix):
    pages = getattr(printed, volume).pages
    for kind in ("Table", "Figure"):
        found = re.findall(rf"^{kind} {prefix}(\d+)\s+\S", "\n".join(pages), flags=re.MULTILINE)
        numbers = list(dict.fromkeys(int(number) for number in found))
        assert numbers == list(range(1, len(numbers) + 1))


def test_each_document_refers_to_tables_of_the_other(printed):
    signs = re.search(r"Supplement, Table (S\d+)", printed.report.pages[0]).group(1)
    assert re.search(
        rf"^Table {signs}\s+Paths with their expected signs",
        "\n".join(printed.supplement.pages),
        flags=re.MULTILINE,
    )
    assert re.search(r"Report, Figure \d", printed.supplement.text)


def test_the_report_is_short_and_the_rest_is_in_the_supplement(printed):
    assert 8 <= len(printed.report.pages) <= 12
    assert "Model syntax" not in printed.supplement.text
    for only in ("Wording of Privacy attitudes", "CHERRIES topics", "Correlations: People"):
        assert only in printed.supplement.text
        assert only not in printed.report.text


def test_a_table_longer_than_a_page_is_a_file_of_the_archive(content, printed):
    grid = next(file for file in long_tables(content) if file.name.endswith("specifications.csv"))
    assert grid.header[:2] == ("part", "Measure")
    assert len(grid.rows) == len(content.specifications)
    said = (
        f"Longer than a page ({len(grid.rows)} rows): file {grid.name} of the replication archive."
    )
    assert said in printed.supplement.text


def test_no_cross_reference_is_left_open(printed):
    assert not re.search(r"(Section|Appendix|Table|Figure)\s0", printed.text)


def test_vaar_stands_on_one_page_with_its_companions(printed, letter):
    for paper in (printed, letter):
        page = next(page for page in paper.report.pages if "VAAR: the f" in page)
        for companion in ("R² ratio", "Variance", "Wasserstein-1", "Profile ICC(A,1)"):
            assert companion in page


def test_vaar_is_called_this_projects_definition_wherever_a_table_prints_it(printed):
    captions = re.findall(
        r"^Table S?\d+\s+(.*VAAR.*)$",
        "\n".join(printed.report.pages + printed.supplement.pages),
        re.MULTILINE,
    )
    assert captions
    assert all("this project’s definition" in c or c.startswith("Beside VAAR") for c in captions)
    assert "its formula was not available" in " ".join(printed.report.pages[0].split())


def test_a_plan_with_two_paths_gives_a_report_too():
    small = sample_content(scenarios=())
    assert build_documents(small).report.startswith(b"%PDF")
