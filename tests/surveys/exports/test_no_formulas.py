"""No file makes a spreadsheet carry out what somebody wrote, and words come back exactly."""

import csv
import io
import json
import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from django.urls import reverse
from exported import exported, tea_study
from factories import TESTER, make_link, make_person
from hypothesis import example, given
from hypothesis import strategies as st

from surveys.exports.cells import CsvWriter, as_written, harmless
from surveys.models import RecruiterParameters, RecruitingLink
from surveys.recruiters.link_lists import ListDraft, read_lines
from surveys.selectors import consent_text
from surveys.services import decline
from surveys.services.people.link_lists import make_link_list

ROOT = Path(__file__).parents[3]
EVIL = (
    '=HYPERLINK("http://x","y")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "well;=1+1",
    'a "word";"=1+1"',
    "line\n=1+1",
    "'=1+1",
    "＝1+1",
)
# Commas as programs separate, and what German and other spreadsheets take for it.
SEPARATORS = (",", ";", "\t")
_CARRIED_OUT = re.compile(r"""[\s"]*[=+\-@＝＋－＠][=+\-@\s"'(]*\w""")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*(e[+-]?\d+)?", re.IGNORECASE)


def carried_out(text: str) -> list[str]:
    """The cells of a file that a spreadsheet would begin to work out, whatever separates them."""
    rows = (
        row
        for separator in SEPARATORS
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    )
    cells = (cell for row in rows for cell in row)
    return [one for one in cells if _CARRIED_OUT.match(one) and not _NUMBER.fullmatch(one)]


def written(words: str) -> str:
    file = io.StringIO()
    CsvWriter(file).write(["before", words, 1])
    return file.getvalue()


@given(st.text(alphabet="=+-@\t\r\n;,\"' (aA1.~＝é", max_size=12))
@example("=1")
@example("'=1")
@example("''=1")
@example("\t=1")
@example("=\n1")
def test_words_of_any_sort_are_carried_out_nowhere_and_come_back_exactly(words):
    assert carried_out(written(words)) == []
    assert as_written(str(harmless(words))) == words


@pytest.mark.parametrize("words", EVIL)
def test_what_is_known_to_be_carried_out_is_not(words):
    assert carried_out(f'before,"{words.replace(chr(34), chr(34) * 2)}"\n') != [] or words[0] == "'"
    assert carried_out(written(words)) == []


@pytest.mark.parametrize(
    "same", ["-5", "-0.25", "+3,5", "1e-05", "no formula ;-)", "=~", "a-b", -5, None]
)
def test_numbers_and_signs_alone_stay_as_they_are(same):
    assert harmless(same) == same


def test_a_long_text_takes_no_longer_than_its_length():
    for piece in ("\t=", "=", ";", "'", " "):
        words = piece * 50_000
        assert as_written(str(harmless(words))) == words


def test_every_file_of_rows_is_written_in_the_one_way():
    """Or a door that is built tomorrow would be open."""
    apart = re.compile(r"csv\.(writer|DictWriter)\(|to_csv\(|to_excel\(|Workbook\(")
    rooms = ("surveys", "analysis", "llm_respondents", "config")
    found = [
        path.relative_to(ROOT).as_posix()
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if apart.search(path.read_text(encoding="utf-8"))
    ]
    assert found == ["surveys/exports/cells.py"]


@pytest.fixture
def evil_study(owner, open_study):
    """A study whose people, links, titles and members are all called like formulas."""
    owner.first_name, owner.last_name = EVIL[0][:30], EVIL[3]
    owner.save()
    open_study.titles = {"en": EVIL[0], "de": EVIL[1]}
    open_study.save()
    link = make_link(open_study, recruiter="prolific")
    for words in EVIL:
        person = make_person(link, recruiter_id=words)
        person.respondent.sampling = {"stratum": words}
        person.respondent.save()
        RecruiterParameters.objects.create(respondent=person.respondent, values={words: words})
        RecruitingLink.objects.filter(pk=link.pk).update(label=words)
        link = make_link(open_study, recruiter="prolific")
    decline(link=link, consent_text=consent_text(open_study, "en"), recruiter_id="=no")
    draft = ListDraft(EVIL[0], read_lines("=P3;=cmd()\n=x;@SUM(1)\n"), "personal")
    make_link_list(study=open_study, draft=draft, by=TESTER)
    return open_study


def test_no_file_of_the_office_is_carried_out(client, owner, evil_study):
    client.force_login(owner)
    slug = evil_study.slug
    (one,) = evil_study.link_lists.all()
    addresses = [
        reverse("surveys:payment_list", args=[slug]),
        reverse("surveys:log_file", args=[slug]),
        reverse("surveys:link_list_file", args=[slug, one.pk]),
        *(
            reverse(name, args=args) + "?file=csv"
            for name, args in (
                ("surveys:study_list", []),
                ("surveys:jobs", []),
                ("surveys:recruit", [slug]),
            )
        ),
    ]
    for address in addresses:
        response = client.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        text = content.decode("utf-8-sig")
        assert response["Content-Type"].startswith("text/csv"), address
        assert carried_out(text) == [], address
    payment = client.get(addresses[0]).content.decode("utf-8-sig")
    kept = [as_written(row["id"]) for row in csv.DictReader(io.StringIO(payment, newline=""))]
    assert {*EVIL} <= {*kept}


@pytest.mark.parametrize("share", [False, True])
def test_no_file_of_an_export_is_carried_out(owner, tmp_path, share):
    study = evil_export(owner)
    exported(study, tmp_path, demographics=True, recruiter_ids=True, paradata=True, share=share)
    files = list(tmp_path.rglob("*.csv"))
    assert len(files) > 9
    for path in files:
        assert carried_out(path.read_text(encoding="utf-8")) == [], path.name


def evil_export(owner):
    """People whose strata are all that is known to be carried out, in one order."""
    data = "id,q1,q2,age,w\n" + "".join(f"p{n},1,3,34,1.5\n" for n in range(len(EVIL)))
    study = tea_study(owner, data)
    people = study.respondents.filter(group__key="people").order_by("pk")
    for words, person in zip(EVIL, people, strict=True):
        person.sampling = {"stratum": words}
        person.save()
    return study


def strata(folder) -> list[str]:
    """What the file has of them."""
    file = folder / "data" / "answers-people_form-raw_data.csv"
    with file.open(encoding="utf-8", newline="") as rows:
        return [row["sampling_stratum"] for row in csv.DictReader(rows)]


def test_an_export_for_programs_has_the_exact_words_and_any_other_gives_them_back(owner, tmp_path):
    study = evil_export(owner)
    exported(study, tmp_path / "exact", formats=("csv",), exact=True)
    exported(study, tmp_path / "safe", formats=("csv",))

    assert strata(tmp_path / "exact") == list(EVIL)
    assert strata(tmp_path / "safe") != list(EVIL)
    assert [as_written(one) for one in strata(tmp_path / "safe")] == list(EVIL)


def test_numbers_below_nought_stay_numbers(owner, tmp_path):
    exported(tea_study(owner), tmp_path, formats=("csv",))
    long = pd.read_csv(tmp_path / "data" / "answers-people_form-long_data.csv")
    assert set(long["missing_code"].dropna()) == {-99.0, -97.0}


@pytest.mark.lavaan
@pytest.mark.parametrize("exact", [False, True])
def test_r_reads_the_exact_words_by_the_script_that_is_exported(owner, tmp_path, exact):
    exported(evil_export(owner), tmp_path, formats=("r",), exact=exact)
    script = 'source("load.R"); cat(jsonlite::toJSON(people$sampling_stratum))'
    ran = subprocess.run(
        ["Rscript", "-e", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    # R itself reads a lone carriage return as the end of a line.
    assert [one.replace("\r", "\n") for one in json.loads(ran.stdout)] == [
        one.replace("\r", "\n") for one in EVIL
    ]
