"""Exported files hold what the database holds, as other programs read them."""

import csv
import hashlib
import json
import subprocess
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import pandas as pd
import pyreadstat
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from exported import MAPPING, exported, in_database, tea_study
from factories import TESTER, make_person
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveys.errors import StudyError
from surveys.exports.missing import MISSING_CODES
from surveys.imports import parse_data, parse_mapping
from surveys.models import Action, AuditEntry, ConsentText
from surveys.services import withdraw
from surveys.services.data.exports import export_choice
from surveys.services.data.imports import import_responses

DDI = "{ddi:codebook:2_5}"
ITEMS = ("liking_good", "liking_bitter")
KINDS = ("people", "simulated", "models")
LETTERS = {"a": -99, "b": -98, "c": -97}


@pytest.fixture
def study(owner):
    return tea_study(owner)


@pytest.fixture
def folder(study, tmp_path):
    exported(study, tmp_path, demographics=True, recruiter_ids=True)
    return tmp_path


def table(folder, kind, form="raw"):
    return pd.read_csv(folder / "data" / f"answers-{kind}_form-{form}_data.csv")


def expected(study):
    """(respondent, column) -> the value, or the code of its reason."""
    return {
        key: MISSING_CODES[one][0] if isinstance(one, str) else one
        for key, one in in_database(study).items()
    }


def cells(frame):
    return {
        (int(row["respondent"]), name): row[name] for _, row in frame.iterrows() for name in ITEMS
    }


def test_csv_holds_the_values_of_the_database_and_na_where_there_is_none(study, folder):
    found = {}
    for kind in KINDS:
        found |= cells(table(folder, kind))

    there = in_database(study)
    assert found.keys() == there.keys()
    for key, value in there.items():
        assert pd.isna(found[key]) if isinstance(value, str) else found[key] == value


def test_long_files_have_every_answer_with_its_reason_once(study, folder):
    rows = pd.concat([table(folder, kind, "long") for kind in KINDS])

    told = {
        (row.respondent, row.column): row.missing_reason if pd.isna(row.value) else row.value
        for row in rows.itertuples()
    }
    assert len(rows) == len(told)
    assert told == in_database(study)
    codes = rows.dropna(subset="missing_reason")
    assert all(
        MISSING_CODES[one.missing_reason][0] == one.missing_code for one in codes.itertuples()
    )


def test_scored_files_turn_reverse_keyed_items_and_nothing_else(study, folder):
    raw, scored = table(folder, "people"), table(folder, "people", "scored")

    assert scored["liking_bitter"].tolist() == (4 - raw["liking_bitter"]).tolist() == [1, 2, 3]
    assert scored["liking_good"].equals(raw["liking_good"])


@pytest.mark.parametrize("kind", KINDS)
def test_spss_files_hold_values_labels_measures_and_missing_codes(study, folder, kind):
    frame, meta = pyreadstat.read_sav(folder / f"{kind}.sav", user_missing=True)

    there = expected(study)
    assert cells(frame) == {key: there[key] for key in cells(frame)}
    labels = meta.variable_value_labels["liking_good"]
    assert labels[1.0] == 'Not at "all"'
    assert labels[3.0] == "Völlig & ganz"
    assert labels[-99.0] == "declined"
    assert meta.column_names_to_labels["liking_good"] == "Tea “tastes” good, <b>always</b>."
    assert meta.variable_measure["liking_good"] == "ordinal"
    assert meta.missing_ranges["liking_good"] == [
        {"lo": -98.0, "hi": -96.0},
        {"lo": -99.0, "hi": -99.0},
    ]
    without, _ = pyreadstat.read_sav(folder / f"{kind}.sav")
    assert without[list(ITEMS)].min().min() >= 1, (
        "programs take the codes for missing by themselves"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_stata_files_hold_values_labels_and_lettered_missing_codes(study, folder, kind):
    frame, meta = pyreadstat.read_dta(folder / f"{kind}.dta", user_missing=True)

    there = expected(study)
    found = {key: LETTERS.get(one, one) for key, one in cells(frame).items()}
    assert found == {key: there[key] for key in found}
    labels = meta.variable_value_labels["liking_good"]
    assert labels[2] == "Neither"
    letters = {one for (_, name), one in cells(frame).items() if name == "liking_good"} - {1, 2, 3}
    named = {"a": "declined", "b": "no usable reply", "c": "not asked"}
    assert {letter: labels[letter] for letter in letters} == {one: named[one] for one in letters}
    pandas = pd.read_stata(folder / f"{kind}.dta", convert_categoricals=False)
    assert {key for key, one in cells(pandas).items() if pd.isna(one)} == {
        key for key in found if there[key] < 0
    }


def test_people_simulated_people_and_models_are_never_in_one_file(study, folder):
    labels = {kind: set(table(folder, kind)["provenance"]) for kind in KINDS}

    assert labels["simulated"] == {"people, simulated"}
    assert labels["models"] == {"model-generated"}
    assert not any("model" in label or "simulated" in label for label in labels["people"])
    assert [len(table(folder, kind)) for kind in KINDS] == [3, 1, 2]


def test_demographics_and_recruiter_ids_are_in_files_of_their_own_or_nowhere(
    study, folder, tmp_path
):
    about = pd.read_csv(folder / "demographics.csv").dropna()
    assert about["age"].tolist() == [34, 20]
    assert pd.read_csv(folder / "recruiter_ids.csv")["recruiter_id"].tolist() == ["p1", "p2", "p3"]

    without = tmp_path / "without"
    exported(study, without)
    text = "".join(p.read_text(encoding="utf-8") for p in without.rglob("*.csv"))
    assert not (without / "demographics.csv").exists()
    assert not (without / "recruiter_ids.csv").exists()
    assert "p1" not in text


def test_the_manifest_counts_everybody_and_checks_every_file(study, tmp_path, link):
    gone = tea_study_person_who_withdrew(study)
    manifest = exported(study, tmp_path)

    groups = manifest["groups"]
    people = groups[gone.respondent.group.key]
    assert people["exported"] == {"completed": 3}
    assert people["left_out"] == {"withdrawn": 1}
    assert sum(groups["m"]["exported"].values()) == 2
    files = {one["name"]: one for one in manifest["files"]}
    there = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert files.keys() == there - {"manifest.json"}
    for name, one in files.items():
        content = (tmp_path / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
        if name.startswith("data/"):
            rows = list(csv.reader(content.decode().splitlines()))
            assert (one["rows"], one["columns"]) == (len(rows) - 1, len(rows[0]))
    assert (
        str(gone.respondent_id) not in table(tmp_path, "people")["respondent"].astype(str).tolist()
    )


def tea_study_person_who_withdrew(study):
    from exported import passage

    from surveys.services import people_group

    begun = passage(study, people_group(study=study, simulated=False), [1, 1])
    return withdraw(administration=begun, by=TESTER)


def test_groups_can_be_chosen(study, tmp_path):
    manifest = exported(study, tmp_path, groups=("m",), formats=("csv",))

    assert list(manifest["groups"]) == ["m"]
    assert {p.name for p in (tmp_path / "data").iterdir()} == {
        f"answers-models_form-{form}_data.csv" for form in ("raw", "scored", "long")
    }


def test_a_copy_for_others_has_pseudonyms_no_times_and_only_who_agreed(open_study, link, tmp_path):
    from factories import answer_everything

    told = ConsentText.objects.filter(study=open_study, language="en")
    people = [make_person(link, recruiter_id=f"secret{n}") for n in range(3)]
    for one in people:
        answer_everything(one)
    told.update(sharing=None)
    unsaid = exported(open_study, tmp_path / "unsaid", share=True, recruiter_ids=True)
    (group,) = unsaid["groups"].values()
    assert (group["exported"], group["left_out"]) == ({}, {"no_consent_to_sharing": 3})

    told.update(sharing=True)
    manifest = exported(open_study, tmp_path / "said", share=True, recruiter_ids=True)
    (group,) = manifest["groups"].values()
    assert group["exported"] == {"in_progress": 3}
    frame = table(tmp_path / "said", "people")
    assert frame["respondent"].tolist() == [1, 2, 3]
    assert not {"started_at", "ended_at"} & set(frame.columns)
    text = "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "said").rglob("*.csv"))
    assert "secret" not in text


def test_the_codebook_says_what_every_column_of_every_table_is(study, folder):
    rows = pd.read_csv(folder / "codebook.csv", keep_default_na=False)

    described = set(zip(rows["file"], rows["column"], strict=True))
    for path in [*(folder / "data").iterdir(), folder / "demographics.csv"]:
        header = next(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        name = path.relative_to(folder).as_posix()
        assert {(name, column) for column in header} <= described
    assert (rows["meaning"] != "").all()
    bitter = rows[(rows["column"] == "liking_bitter") & rows["file"].str.contains("raw")].iloc[0]
    assert (bitter["reverse_keyed"], bitter["text_en"]) == ("1", "'=Tea is bitter")


class Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], []

    def handle_starttag(self, tag, _attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text.append(data)


def test_the_codebook_is_a_page_too_and_takes_no_markup_from_a_question(folder):
    page = Words()
    page.feed((folder / "codebook.html").read_text(encoding="utf-8"))

    assert "b" not in page.tags
    assert "Tea “tastes” good, <b>always</b>." in page.text
    assert "Tea & <biscuits> · codebook" in page.text


# DDI-Codebook 2.5: the children of a variable in the order of its schema.
VAR = ["labl", "qstn", "valrng", "invalrng", "catgry", "concept", "varFormat"]


def test_ddi_describes_every_file_and_variable_in_the_order_of_the_schema(study, folder):
    root = ET.parse(folder / "ddi.xml").getroot()

    assert (root.tag, root.get("version")) == (DDI + "codeBook", "2.5")
    assert [one.tag.removeprefix(DDI) for one in root] == [
        "stdyDscr", *["fileDscr"] * 17, "dataDscr",
    ]  # fmt: skip
    files = {
        one.get("ID"): one.findtext(f"{DDI}fileTxt/{DDI}fileName")
        for one in root.iter(DDI + "fileDscr")
    }
    variables = list(root.iter(DDI + "var"))
    assert len({one.get("ID") for one in variables}) == len(variables)
    for one in variables:
        order = [VAR.index(child.tag.removeprefix(DDI)) for child in one]
        assert order == sorted(order)
        assert one.get("files") in files
    good = next(one for one in variables if one.get("name") == "liking_good")
    assert good.findtext(f"{DDI}qstn/{DDI}qstnLit") == "Tea “tastes” good, <b>always</b>."
    assert {
        (one.findtext(DDI + "catValu"), one.findtext(DDI + "labl"), one.get("missing"))
        for one in good.iter(DDI + "catgry")
    } >= {("1", 'Not at "all"', None), ("-99", "declined", "Y")}


def test_the_data_set_is_described_as_psych_ds_has_it(folder):
    told = json.loads((folder / "dataset_description.json").read_text(encoding="utf-8"))

    assert (told["@context"], told["@type"]) == ("https://schema.org/", "Dataset")
    assert {"name", "description"} <= told.keys()
    names = {one["name"] for one in told["variableMeasured"]}
    for path in (folder / "data").iterdir():
        assert set(next(csv.reader(path.read_text(encoding="utf-8").splitlines()))) <= names


def test_an_export_is_in_the_log_and_a_folder_with_files_is_left_alone(study, folder):
    row = AuditEntry.objects.filter(action=Action.DATA_EXPORTED).get()
    assert (
        row.after["sha256"] == hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    )
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    with pytest.raises(StudyError) as no:
        exported(study, folder)
    assert no.value.code == "folder_not_empty"
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("given", "code"),
    [({"formats": ["xls"]}, "format_unknown"), ({"groups": ["x"]}, "group_unknown")],
)
def test_what_there_is_not_is_refused(study, given, code):
    with pytest.raises(StudyError) as no:
        export_choice(given, study)
    assert no.value.code == code


def test_the_command_exports_and_tells_a_program_what(study, tmp_path):
    out = StringIO()
    call_command(
        "export_data", "tea", out=str(tmp_path / "x"), formats=["csv", "r"], json=True, stdout=out
    )

    made = json.loads(out.getvalue())
    names = [one["name"] for one in made["files"]]
    assert {"load.R", "codebook.csv", "ddi.xml", "manifest.json"} <= set(names)
    assert not any(name.endswith((".sav", ".dta")) for name in names)
    with pytest.raises(CommandError, match="folder_not_empty"):
        call_command("export_data", "tea", out=str(tmp_path / "x"), stdout=StringIO())


AGAIN = """\
[source]
citation = "The export."
licence = "CC0-1.0"
[data]
respondents = "people"
id_column = "respondent"
missing = {{ NA = "skipped", "-99" = "refused", "-97" = "not_shown", a = "refused", c = "skipped" }}
{layout}
[study]
slug = "again"
version = "1.0"
languages = ["en"]
title.en = "Again"
[study.consent]
version = "1.0"
contact = "tea@example.org"
information.en = "We ask about tea."
statement.en = "I take part."
{blocks}
[[columns]]
name = "liking_good"
item = "liking.good"
[[columns]]
name = "liking_bitter"
item = "liking.bitter"
{turned}
"""
ANSWERS = st.sampled_from(["1", "2", "3", "NA", "R", ""])


FORMS = {
    "data/answers-people_form-raw_data.csv": "",
    "data/answers-people_form-scored_data.csv": "",
    "data/answers-people_form-long_data.csv": 'shape = "long"\nitem_column = "column"\n'
    'value_column = "value"',
    "people.sav": 'format = "sav"',
    "people.dta": 'format = "dta"',
}


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(st.tuples(ANSWERS, ANSWERS), min_size=1, max_size=6))
def test_whatever_is_exported_can_be_imported_again_from_every_format(owner, rows):
    """As far as a table can say it: the reason of a missing answer is in the long file."""
    block = MAPPING[MAPPING.index("[[study.blocks]]") : MAPPING.index("[[instruments]]")]
    lines = [f"p{n},{one},{two},," for n, (one, two) in enumerate(rows)]
    data = "id,q1,q2,age,w\n" + "\n".join(lines) + "\n"
    with transaction.atomic(), TemporaryDirectory() as made:
        first = tea_study(owner, data)
        before = values_by_person(first, by="respondent")
        exported(first, Path(made), formats=("csv", "sav", "dta"), groups=("people",))
        for number, (name, layout) in enumerate(FORMS.items() if before else ()):
            # A scored file has the reverse-keyed item turned, which an import must not do again.
            turned = "values = { 1 = 3, 2 = 2, 3 = 1 }" if "scored" in name else ""
            text = AGAIN.format(blocks=block, layout=layout, turned=turned)
            text = text.replace("again", f"again{number}")
            again = parse_mapping(text, file="again.toml")
            read = parse_data((Path(made) / name).read_bytes(), again.layout)
            second = import_responses(mapping=again, data=read, owner=owner, by=TESTER).study
            after = values_by_person(second)
            assert after == {str(of): values for of, values in before.items()}, name
        transaction.set_rollback(True)


def values_by_person(study, by="recruiter_id"):
    """Of whoever is a person with at least one value: the scored values, None where missing."""
    names = {
        one.pk: one.recruiter_id if by == "recruiter_id" else one.pk
        for one in study.respondents.filter(group__key="people")
    }
    found = {}
    for (of, name), one in in_database(study).items():
        if of in names:
            found.setdefault(names[of], {})[name] = None if isinstance(one, str) else one
    return found


@pytest.mark.lavaan
def test_r_reads_what_the_database_holds(study, folder):
    """SPSS and Stata files by haven, CSV by the script that is exported: values, labels, codes."""
    script = """
    library(haven)
    out <- list()
    items <- c("liking_good", "liking_bitter")
    for (kind in c("people", "simulated", "models")) {
      sav <- read_sav(paste0(kind, ".sav"), user_na = TRUE)
      dta <- read_dta(paste0(kind, ".dta"))
      letters <- c(a = -99, b = -98, c = -97)
      coded <- function(x) { tag <- na_tag(x); ifelse(is.na(tag), as.numeric(x), letters[tag]) }
      source("load.R")
      csv <- get(kind)
      tidy <- readr::read_csv(paste0("data/answers-", kind, "_form-raw_data.csv"), na = "NA",
        show_col_types = FALSE)
      out[[kind]] <- list(respondent = sav$respondent,
        sav = lapply(sav[items], function(x) as.numeric(unclass(x))),
        dta = lapply(dta[items], coded),
        csv = lapply(csv[items], function(x) as.numeric(unclass(x))),
        tidy = lapply(tidy[items], as.numeric),
        missing = lapply(sav[items], function(x) is.na(x)),
        label = attr(sav$liking_good, "label"), csv_label = attr(csv$liking_good, "label"),
        labels = names(attr(csv$liking_good, "labels")),
        words = as.character(as_factor(csv$liking_bitter)))
    }
    cat(jsonlite::toJSON(out, auto_unbox = FALSE, na = "null", digits = NA))
    """
    ran = subprocess.run(
        ["Rscript", "-e", script], cwd=folder, capture_output=True, text=True, check=True
    )
    there, values = expected(study), in_database(study)
    words = {1: 'Not at "all"', 2: "Neither", 3: "Völlig & ganz"}
    for read in json.loads(ran.stdout).values():
        for place, of in enumerate(read["respondent"]):
            for name in ITEMS:
                missing = isinstance(values[of, name], str)
                assert read["sav"][name][place] == read["dta"][name][place] == there[of, name]
                assert read["missing"][name][place] is missing
                value = None if missing else there[of, name]
                assert read["csv"][name][place] == read["tidy"][name][place] == value
            said = values[of, "liking_bitter"]
            assert read["words"][place] == (None if isinstance(said, str) else words[said])
        assert read["label"] == read["csv_label"] == ["Tea “tastes” good, <b>always</b>."]
        assert read["labels"] == list(words.values())
