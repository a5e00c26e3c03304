"""The PDF as a document: pages, labels, fonts, contents, bytes."""

import re
import time

import pytest
from sample_report import sample_content

from analysis.report import build_pdf
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


def listed_pages(text):
    """Contents lines as (title, page)."""
    return re.findall(r"^(?:[0-9A-Z.]+)\s+(.+)\n(\d+)$", text, flags=re.MULTILINE)


def test_the_same_content_gives_the_same_bytes(content, printed):
    assert build_pdf(content) == printed.pdf


@pytest.mark.parametrize("paper", ["printed", "letter"])
def test_every_page_is_labelled_and_numbered(paper, request):
    report = request.getfixturevalue(paper)
    total = len(report.pages)
    for number, page in enumerate(report.pages, start=1):
        assert "SIMULATED DATA" in page
        assert "model-generated, not participants" in page
        assert "Study privacy-prosocial" in page
        assert f"Page {number} of {total}" in page


def test_both_papers_have_their_sizes(printed, letter):
    sizes = [
        tuple(round(float(side)) for side in report.reader.pages[0].mediabox[2:])
        for report in (printed, letter)
    ]
    assert sizes == [(595, 842), (612, 792)]


def test_an_unknown_paper_is_refused_with_a_code(content):
    with pytest.raises(UnknownPageSizeError, match="Choose A4 or Letter") as caught:
        build_pdf(content, page_size="A5")
    assert caught.value.code == "unknown_page_size"


def test_every_font_is_embedded_and_greek_comes_out_as_greek(printed):
    fonts = fonts_of(printed.reader)
    assert all(embedded for embedded in fonts.values())
    assert any("STIXGeneral" in name for name in fonts)
    assert any("DejaVuSans" in name for name in fonts)
    for sign in ("β", "χ²", "ω", "α", "π", "−.36", "≥", "→"):
        assert sign in printed.text


def test_the_file_says_its_title_and_language(printed):
    assert printed.reader.metadata.title.startswith("Privacy concern")
    assert printed.reader.metadata.subject == "Study privacy-prosocial, report R-0007"
    assert printed.reader.trailer["/Root"]["/Lang"] == "en"


@pytest.mark.parametrize("paper", ["printed", "letter"])
def test_contents_and_bookmarks_point_at_the_right_pages(paper, request):
    report = request.getfixturevalue(paper)
    entries = [
        entry
        for entry in flat(report.reader.outline)
        if entry.title not in (report.reader.metadata.title, "Contents")
    ]
    assert len(entries) > 20
    contents = " ".join(" ".join(page.split()) for page in report.pages[1:4])
    for entry in entries:
        page = report.reader.get_destination_page_number(entry) + 1
        title = re.sub(r"^\S+\s+", "", entry.title)
        assert title in " ".join(report.pages[page - 1].split())
        assert re.search(rf"{re.escape(title)} {page}\b", contents), (title, page)


def flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


def test_tables_and_figures_are_numbered_without_gaps(printed):
    for kind in ("Table", "Figure"):
        captions = re.findall(rf"^{kind} (\d+)\s+\S", "\n".join(printed.pages), flags=re.MULTILINE)
        numbers = list(dict.fromkeys(int(number) for number in captions))
        assert numbers == list(range(1, len(numbers) + 1))


def test_no_cross_reference_is_left_open(printed):
    assert not re.search(r"(Section|Appendix|Table|Figure)\s0", printed.text)


def test_vaar_stands_on_one_page_with_its_companions(printed, letter):
    for report in (printed, letter):
        pages = [page for page in report.pages if "VAAR: the four numbers" in page]
        page = next(page for page in pages if "Evidence" in page and "Contents" not in page)
        for companion in ("R² ratio", "Variance", "Wasserstein-1", "Profile ICC(A,1)"):
            assert companion in page


def test_vaar_is_called_this_projects_definition_wherever_a_table_prints_it(printed):
    captions = re.findall(r"^Table \d+\s+(.*VAAR.*)$", "\n".join(printed.pages), re.MULTILINE)
    assert captions
    assert all("this project’s definition" in c or c.startswith("Beside VAAR") for c in captions)
    assert "its formula was not available" in " ".join(printed.pages[0].split())


def test_figures_carry_their_text_alternative_inside_the_file(printed):
    streams = b"".join(page.get_contents().get_data() for page in printed.reader.pages)
    spoken = bytes.fromhex(
        "".join(re.findall(rb"/Alt <FEFF([0-9A-F]+)>", streams)[0].decode())
    ).decode("utf-16-be")
    assert spoken.startswith("Two flows, which are not added together.")


def test_a_plan_with_two_paths_gives_a_report_too():
    small = sample_content(scenarios=())
    assert build_pdf(small).startswith(b"%PDF")


def test_the_pdf_is_made_in_under_ten_seconds(content):
    started = time.process_time()
    build_pdf(content)
    assert time.process_time() - started < 10
