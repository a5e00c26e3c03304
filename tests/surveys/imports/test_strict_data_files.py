"""A data file that a lenient reader would put right in silence is refused with its place."""

import pytest

from surveys.errors import ImportFileError
from surveys.imports import FileLayout, load_mapping, parse_data, read_data_file

HEADER = "id,comment,q1,q2\n"
FOUR = HEADER + 'a,"oops",1,2\nb,x,3,4\nc,"fine",5,1\nd,y,2,2\n'


def read(content, **layout):
    content = content if isinstance(content, bytes) else content.encode()
    return parse_data(content, FileLayout("id", **layout), name="people.csv")


def refusal(content, **layout):
    with pytest.raises(ImportFileError) as no:
        read(content, **layout)
    (problem, *others) = no.value.problems
    assert not others, "one cause is told once"
    return problem


def test_a_stray_quote_is_refused_where_it_opens(shared_dir):
    folder = shared_dir / "cases" / "import"
    with pytest.raises(ImportFileError) as no:
        read_data_file(folder / "stray_quote.csv", FileLayout("id"))

    assert no.value.code == "stray_quote"
    assert str(no.value).startswith("stray_quote.csv: line 2, column comment: ")
    assert "(line 4) 'f' follows" in str(no.value)


@pytest.mark.parametrize(
    ("content", "code", "where"),
    [
        (FOUR.replace('"oops"', '"oops'), "stray_quote", "line 2, column comment"),
        (FOUR.replace('"oops"', '"oo"ps"'), "stray_quote", "line 2, column comment"),
        (FOUR.replace("d,y", 'd,"y'), "quote_unclosed", "line 5, column comment"),
        (FOUR.replace('"oops"', '"oops').replace('"fine"', 'fine"'), "swallowed_rows",
         "line 2, column comment"),
        (FOUR.replace("b,x,3", "b,x"), "ragged_line", "line 3, column q2"),
        (FOUR.replace("b,x", "b,x,x"), "ragged_line", "line 3, cell 5"),
        (FOUR.removesuffix(",2,2\n"), "cut_file", "line 5, column q1"),
        (FOUR.removesuffix(',1\nd,y,2,2\n').replace('"fine",5', '"fi'), "quote_unclosed",
         "line 4, column comment"),
        (FOUR.replace(",", ";"), "wrong_delimiter", "line 1"),
        (FOUR.replace(",", "\t"), "wrong_delimiter", "line 1"),
        (FOUR.encode("utf-16"), "is_utf_16", "file"),
        (HEADER + 'Id,Remark,How,What\n"{""ImportId"":""x""}",c,d,e\na,b,1,2\n', "header_row",
         "line 3"),
    ],
)  # fmt: skip
def test_what_would_be_read_wrongly_is_named_by_line_and_column(content, code, where):
    problem = refusal(content)

    assert (problem.code, problem.where) == (code, where)


def test_a_swallowed_row_is_refused_even_where_the_quotes_match():
    """Four people, and three of them between two quotation marks: the reader sees a valid file."""
    problem = refusal(HEADER + 'a,"oops,1,2\nb,x,3,4\nc,fine",5,1\nd,y,2,2\n')

    assert (problem.code, problem.arguments) == ("swallowed_rows", {"first": 2, "last": 4})
    said = problem.message
    assert "line_breaks = true" in said
    data = read(HEADER + 'a,"oops,1,2\nb,fine",5,1\nd,y,2,2\n', line_breaks=True)
    assert [row.cells["id"] for row in data.rows] == ["a", "d"]


def test_texts_of_several_lines_are_read_as_they_were_written():
    data = read(FOUR.replace('"oops"', '"one, two\nand ""three"""'))

    assert data.rows[0].cells["comment"] == 'one, two\nand "three"'
    assert [row.line for row in data.rows] == [3, 4, 5, 6]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_lines_end_as_any_system_ends_them(end):
    data = read(FOUR.replace("\n", end))

    assert [row.cells["q2"] for row in data.rows] == ["2", "4", "1", "2"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"$FL2@(#) SPSS DATA FILE", "an SPSS file"),
        (b"$FL3@(#) SPSS DATA FILE", "an SPSS file"),
        (b"<stata_dta><header>", "a Stata file"),
        (b"\x72\x02\x01\x00", "a Stata file"),
        (b"PK\x03\x04\x14\x00", "a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old workbook"),
        (b"\x1f\x8b\x08\x00", "a compressed file"),
        (b"%PDF-1.7", "a PDF"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b'[{"id": 1}]', "JSON"),
    ],
)
def test_a_file_of_another_kind_is_recognised_by_its_content(content, kind):
    problem = refusal(content)

    assert problem.code == "other_format"
    assert kind in problem.message


def test_the_header_that_was_found_is_told():
    wrong = refusal(FOUR.replace(",", ";"))
    assert (wrong.arguments["likely"], wrong.arguments["count"]) == (";", 4)
    assert "(id, comment, q1, q2)" in wrong.message

    with pytest.raises(ImportFileError, match="which is: id, comment, q1, q2;") as no:
        parse_data(FOUR.encode(), FileLayout("nr"))
    assert no.value.code == "column_missing"


def test_every_line_under_the_header_is_a_row_or_counted():
    three = HEADER + 'Id,Remark,How,What\n"{""ImportId"":""x""}",c,d,e\na,b,1,2\n\n\nb,c,2,1'
    data = read(three, header_rows=3)

    assert [row.cells["id"] for row in data.rows] == ["a", "b"]
    assert data.left_out == {"header_row": 2, "blank_line": 2}
    assert data.lines_read == 6
    assert not data.ended, "the last line may have been cut"


def test_a_mapping_says_how_its_file_is_written(tmp_path, shared_dir):
    text = (shared_dir / "cases" / "import" / "stray_quote.toml").read_text(encoding="utf-8")
    path = tmp_path / "mapping.toml"
    said = 'respondents = "people"\nheader_rows = 2\ndecimal = ","\nline_breaks = true\n'
    path.write_text(text.replace("[data]\n", f"[data]\n{said}"), encoding="utf-8")

    assert load_mapping(path).layout == FileLayout("id", ",", "utf-8", ",", 2, True)
