"""Which sheet of a workbook is read, for a draft and for an import, through every door."""

import re
import tomllib
import zipfile
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from exported import MAPPING as TEA
from rest_framework.test import APIClient

from surveys.errors import ImportFileError
from surveys.imports import parse_data
from surveys.imports.drafts.writing import draft_file
from surveys.imports.files.data_files import FileLayout
from surveys.jobs.queue import carry_out
from surveys.models import ImportedFile, Job


def workbook(**sheets):
    """The bytes of a workbook; sheet -> rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def test_of_a_workbook_the_longest_sheet_is_read_and_another_can_be_said():
    answers = [["ResponseId", "Q1_1", "Q1_2"], ["Response ID", "I plan.", "I wait."]]
    answers += [[f"R_{n}", n % 5 + 1, (n + 1) % 5 + 1] for n in range(20)]
    content = workbook(Codebook=[["name", "text"], ["Q1_1", "I plan."]], Data=answers)
    draft = draft_file(content, name="a.xlsx")

    assert "# The workbook has several sheets (rows: Codebook: 2, Data: 22)" in draft.text
    said = tomllib.loads(draft.text)["data"]
    assert (said["sheet"], said["header_rows"], draft.rows) == ("Data", 2, 20)
    assert {one.name: one.text for one in draft.columns}["Q1_2"] == "I wait."
    assert parse_data(content, FileLayout(format="xlsx")).header == ("name", "text")
    assert len(parse_data(content, FileLayout(format="xlsx", sheet="Data")).rows) == 21
    with pytest.raises(ImportFileError, match="no sheet 'Dat'; did you mean 'Data'"):
        parse_data(content, FileLayout(format="xlsx", sheet="Dat"))


def with_results(content, results):
    """The workbook as a program saves it that computes: `results` stand at the formulas."""
    saved = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(saved, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            for place, (kind, result) in results.items():
                cell = f'<c r="{place}"><f>'.encode()
                before, found, after = text.partition(cell)
                if found:
                    after = re.sub(rb"<v ?/>|<v></v>", f"<v>{result}</v>".encode(), after, count=1)
                    text = before + cell.replace(b'">', f'" t="{kind}">'.encode()) + after
            new.writestr(name, text)
    return saved.getvalue()


def test_a_formula_that_nobody_computed_is_refused_and_not_read_as_an_empty_answer():
    rows = [["id", "q1", "q2"], [1, 2, "=B2+1"], [2, 3, '=""'], [3, 4, 5]]
    written = workbook(Data=rows, Sums=[["=Data!B2"]])
    with pytest.raises(
        ImportFileError, match=r"without their results \(C2, C3\); open the workbook"
    ):
        draft_file(written, name="a.xlsx")
    # A result that is an empty text is one, and other sheets may hold what they like.
    saved = with_results(written, {"C2": ("n", "3"), "C3": ("str", "")})
    read = parse_data(saved, FileLayout(format="xlsx", sheet="Data"))
    assert [row.cells["q2"] for row in read.rows] == ["3", "", "5"]


def two_waves():
    """A workbook whose second sheet is longer, and a mapping of a study of tea for both."""
    head = ["id", "q1", "q2", "age", "w"]
    sheets = {
        f"Wave {wave}": [head, *([f"{wave}-{n}", n % 3 + 1, 2, 30, 1] for n in range(size))]
        for wave, size in ((1, 4), (2, 9))
    }
    content = workbook(**sheets)
    return content, TEA.replace('respondents = "people"', 'respondents = "people"\nformat = "xlsx"')


def test_the_sheet_of_a_draft_can_be_chosen_by_command(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(two_waves()[0])
    path, out = tmp_path / "a.xlsx", tmp_path / "new" / "m.toml"
    call_command("draft_mapping", path, out=out, sheet="Wave 1", stdout=StringIO())

    assert tomllib.loads(out.read_text())["data"]["sheet"] == "Wave 1"
    with pytest.raises(CommandError, match=r"a\.xlsx: .*no sheet 'Wave 3'; did you mean"):
        call_command("draft_mapping", path, out=tmp_path / "n.toml", sheet="Wave 3")


@pytest.mark.django_db
def test_the_sheet_of_an_import_can_be_chosen_and_is_kept_with_its_name(owner, tmp_path):
    content, mapping = two_waves()
    (tmp_path / "a.xlsx").write_bytes(content)
    (tmp_path / "m.toml").write_text(mapping)
    paths = (str(tmp_path / "m.toml"), str(tmp_path / "a.xlsx"))
    call_command("import_responses", *paths, owner=owner.username, stdout=StringIO())
    call_command(
        "import_responses", *paths, owner=owner.username, sheet="Wave 2", stdout=StringIO()
    )

    kept = ImportedFile.objects.order_by("pk").values_list("data_name", "rows_imported")
    assert list(kept) == [("a.xlsx", 4), ("a.xlsx [Wave 2]", 9)]
    (tmp_path / "m.toml").write_text(TEA)
    with pytest.raises(CommandError, match="no workbook"):
        call_command("import_responses", *paths, owner=owner.username, sheet="Wave 2")


@pytest.mark.django_db
def test_pages_and_rest_take_the_sheet_of_a_workbook(client, owner):
    content, mapping = two_waves()

    def files(**more):
        given = {"file": SimpleUploadedFile("a.xlsx", content), **more}
        return {**given, "mapping": SimpleUploadedFile("m.toml", mapping.encode())}

    client.force_login(owner)
    page = client.post("/import/draft/", files(sheet="Wave 1")).content.decode()
    assert "a.xlsx: 4 rows" in page
    assert '<option value="Wave 2">' in page
    api = APIClient()
    api.force_authenticate(owner)
    drafted = api.post("/api/imports/draft/", files(sheet="Wave 2"), format="multipart").json()
    assert drafted["rows"] == 9
    table = SimpleUploadedFile("a.csv", b"id,q1\n1,2\n")
    no = api.post("/api/imports/draft/", {"file": table, "sheet": "A"}, format="multipart")
    assert no.json()["code"] == "no_sheets"

    assert client.post("/import/", files(sheet="Wave 2")).status_code == 302
    assert api.post("/api/imports/", files(sheet="Wave 1"), format="multipart").status_code == 202
    for job in Job.objects.filter(kind="import").order_by("pk"):
        carry_out.call(job.pk)
    kept = ImportedFile.objects.order_by("pk").values_list("data_name", "rows_imported")
    assert list(kept) == [("a.xlsx [Wave 2]", 9), ("a.xlsx [Wave 1]", 4)]
