"""The same files make the same zip, byte for byte, and carry their checksums."""

import hashlib
import io
import math
import zipfile

import pytest

from analysis.archive import ArchiveFile, pack
from analysis.archive.errors import ArchiveError
from analysis.archive.text_files import cell, csv_file, json_file

FILES = [ArchiveFile("b/second.csv", b"x\n1\n"), ArchiveFile("a.txt", "é".encode())]


def test_the_order_and_the_hour_of_packing_change_nothing():
    assert pack(FILES) == pack(FILES[::-1])
    with zipfile.ZipFile(io.BytesIO(pack(FILES))) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["a.txt", "b/second.csv", "checksums.txt"]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


def test_every_file_has_its_checksum():
    with zipfile.ZipFile(io.BytesIO(pack(FILES))) as archive:
        lines = archive.read("checksums.txt").decode().splitlines()
    expected = hashlib.sha256("é".encode()).hexdigest()
    assert lines[0] == f"{expected}  a.txt"
    assert len(lines) == 2


def test_two_files_of_one_name_are_refused():
    with pytest.raises(ArchiveError) as caught:
        pack([FILES[0], FILES[0]])
    assert caught.value.code == "name_repeated"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NA"),
        (math.nan, "NA"),
        (True, "1"),
        (3.0, "3"),
        (1 / 3, "0.3333333333333333"),
        ("", ""),
        ("Straße, 5", "Straße, 5"),
    ],
)
def test_a_cell_is_what_statistics_programs_read(value, text):
    assert cell(value) == text


def test_tables_quote_what_has_to_be_quoted():
    file = csv_file("t.csv", ["a", "b"], [["x, y", 'say "z"'], [None, 2]])
    assert file.content == b'a,b\n"x, y","say ""z"""\nNA,2\n'


def test_a_number_that_json_does_not_have_is_refused_rather_than_written():
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_file("x.json", {"a": math.nan})
