"""Columns whose names are longer than Stata keeps go out under names that can be told apart."""

import pyreadstat

from surveys.exports.codebooks import entries
from surveys.exports.columns import columns_of
from surveys.exports.content import Answered, ExportContent, ExportItem, ExportRow
from surveys.exports.ddi import DescribedFile, ddi_codebook
from surveys.exports.statistics_files import LONGEST_NAME, StatisticsTable, short_names

BLOCK = "conscientiousness_at_work"


def an_item(key: str) -> ExportItem:
    options = {"en": [(1, "no"), (2, "yes")]}
    return ExportItem(
        ref=f"{BLOCK}.{key}",
        question="item",
        block=BLOCK,
        instrument="work",
        version="1.0",
        construct="work",
        facet="",
        reverse_keyed=False,
        textual=False,
        minimum=1,
        maximum=2,
        texts={"en": f"Do you keep {key}?"},
        options=options,
    )


# So many that the place of the last has three digits.
ITEMS = tuple(an_item(f"order_of_papers_{number}") for number in range(1, 111))


def a_row(number: int, values: list[int], assigned: str) -> ExportRow:
    answers = {
        item.ref: Answered(value, "", 1, None, 1) for item, value in zip(ITEMS, values, strict=True)
    }
    about = {"respondent": number, "condition_which_of_the_two_letters": assigned}
    return ExportRow("people", about, answers, demographics={}, recruiter_id="")


def test_names_are_cut_and_numbered_where_their_beginnings_are_alike():
    long = "a" * 40
    names = short_names(["short", f"{long}_1", f"{long}_2", "a" * LONGEST_NAME])
    assert names["short"] == "short"
    assert names["a" * LONGEST_NAME] == "a" * LONGEST_NAME
    assert names[f"{long}_1"] == "a" * 25 + "_2"
    assert names[f"{long}_2"] == "a" * 25 + "_3"


def test_long_names_reach_spss_and_stata_and_the_codebook_says_whose_they_are(tmp_path):
    paths = [tmp_path / "people.sav", tmp_path / "people.dta"]
    about = {"respondent": "Number", "condition_which_of_the_two_letters": "The letter"}
    columns = [column for item in ITEMS for column in columns_of(item, "en")]
    table = StatisticsTable(paths, about, columns)
    answers = [[1, 2] * 55, [2, 1] * 55]
    table.take(a_row(1, answers[0], "first"))
    table.take(a_row(2, answers[1], "second"))
    table.close()

    for path, read in zip(paths, (pyreadstat.read_sav, pyreadstat.read_dta), strict=True):
        frame, meta = read(str(path))
        assert all(len(name) <= LONGEST_NAME for name in frame.columns)
        assert frame.iloc[:, 1].tolist() == ["first", "second"]
        assert frame.iloc[:, 2:].to_numpy().tolist() == answers
        assert meta.column_labels[2] == "Do you keep order_of_papers_1?"

    content = ExportContent(
        slug="work", title="Work", version="1.0", checksum="", languages=("en",), language="en",
        items=ITEMS, demographics={}, groups={}, licence="", citation="", facts={},
        conditions={"condition_which_of_the_two_letters": "The letter that was read"},
    )  # fmt: skip
    file = DescribedFile("people.dta", table.rows, table.header, table.full)
    told = {one.column: one for one in entries(content, [file])}
    assert [told[name].item.ref for name in table.header[2:]] == [one.ref for one in ITEMS]
    assert told[table.header[1]].meaning == "The letter that was read"
    assert f'name="{table.header[2]}"' in ddi_codebook(content, [file])
