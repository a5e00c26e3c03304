"""Marks on a line go out as they were set: exact, without codes that could be marks."""

import csv
from pathlib import Path
from xml.etree import ElementTree as ET

import pyreadstat
import pytest
from django.conf import settings
from exported import exported
from factories import TESTER

from surveys.imports import parse_data, parse_mapping
from surveys.services.data.imports import import_responses

pytestmark = pytest.mark.django_db

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "marks-on-a-line" / "mapping.toml"
HEAD = "id;worry_1;worry_2;worry_3;share_1;share_2;share_3;hours\n"


@pytest.fixture
def folder(owner, tmp_path):
    """Lines from -100 to 100, where -99 is a mark and no code, and from 0 to 10 with decimals."""
    text = EXAMPLE.read_text(encoding="utf-8").replace("missing = { -99", "missing = { R")
    mapping = parse_mapping(
        text.replace("minimum = 0\nmaximum = 100", "minimum = -100\nmaximum = 100")
    )
    data = parse_data(
        (HEAD + "a;-99;2;-40;5,3;9,9;0,1;7\nb;R;2;3;R;5;5;7\n").encode(), mapping.layout
    )
    study = import_responses(mapping=mapping, data=data, owner=owner, by=TESTER).study
    exported(study, tmp_path, formats=("csv", "sav", "dta"))
    return tmp_path


def test_a_mark_that_a_missing_code_would_be_stays_a_mark(folder):
    frame, about = pyreadstat.read_sav(str(folder / "people.sav"), user_missing=True)

    assert frame["worry_trace"][0] == -99
    assert frame["worry_trace"].isna()[1]
    assert "worry_trace" not in about.missing_ranges
    assert frame["sharing_device"].tolist() == [5.3, -99]
    assert about.missing_ranges["sharing_device"]


def test_decimals_are_kept_and_shown_and_the_measure_is_a_scale(folder):
    frame, about = pyreadstat.read_sav(str(folder / "people.sav"))
    stata, _about = pyreadstat.read_dta(str(folder / "people.dta"))

    assert [frame[f"sharing_{one}"][0] for one in ("device", "study", "company")] == [5.3, 9.9, 0.1]
    assert [stata[f"sharing_{one}"][0] for one in ("device", "study", "company")] == [5.3, 9.9, 0.1]
    assert about.variable_measure["sharing_device"] == "scale"
    assert not about.original_variable_types["sharing_device"].endswith(".0")
    assert about.variable_value_labels["sharing_device"][0] == "never"


def test_descriptions_say_how_far_numbers_reach(folder):
    rows = csv.DictReader((folder / "codebook.csv").read_text("utf-8").splitlines())
    reach = {row["column"]: row["values"] for row in rows if row["column"] != "value"}
    variables = {
        one.get("name"): one for one in ET.parse(folder / "ddi.xml").iter() if one.get("name")
    }
    device = variables["sharing_device"]

    assert (reach["worry_trace"], reach["online_hours"]) == (
        "from -100 to 100",
        "from 0 to 24",
    )
    (found,) = [one for one in device.iter() if one.tag.endswith("}range")]
    assert (found.get("min"), found.get("max")) == ("0", "10")
    assert device.get("intrvl") is None


def test_a_reversed_line_is_turned_at_its_middle(folder):
    (scored,) = folder.rglob("answers-people_form-scored_data.csv")
    first = next(csv.DictReader(scored.read_text("utf-8").splitlines()))

    assert first["worry_calm"] == "40"
