"""Every kind of question goes out as it was stored: as text and for SPSS."""

import csv

import pyreadstat
import pytest
from django.core.management import call_command
from every_kind import OPINION, open_day_study
from factories import TESTER

from surveys.models import Answer
from surveys.services.rehearsal import rehearse, simulated_link
from surveys.simulation import bundled_profile

pytestmark = pytest.mark.django_db

FORMS = ("--format", "csv", "--format", "sav")


def as_text(value) -> str:
    """A number without idle zeros, a day as ISO writes it, words as they are."""
    try:
        return f"{float(value):g}"
    except (TypeError, ValueError):
        return str(value)


def test_every_kind_comes_back_from_csv_and_sav_with_its_value(owner, tmp_path):
    study = open_day_study(owner)
    link = simulated_link(study=study, by=TESTER)
    profile = bundled_profile("people")
    assert rehearse(link=link, profile=profile, people=5, seed=1, by=TESTER).finished == 5
    call_command("export_data", "day", "--out", str(tmp_path / "out"), *FORMS, verbosity=0)
    (table,) = (tmp_path / "out").rglob("answers-simulated_form-raw_data.csv")
    rows = list(csv.DictReader(table.read_text("utf-8").splitlines()))
    frame, _about = pyreadstat.read_sav(str(tmp_path / "out" / "simulated.sav"))
    spss = {name.lower(): list(map(as_text, frame[name])) for name in frame.columns}

    answers = Answer.objects.filter(missing_reason="").select_related("item")
    assert len({one.item.key for one in answers}) == len(OPINION), (
        "some kind was answered by nobody"
    )
    for key in {one.item.key for one in answers}:
        stored = sorted(as_text(held(one)) for one in answers if one.item.key == key)
        (column,) = [name for name in rows[0] if name.endswith(key)]
        csv_cells = [as_text(row[column]) for row in rows if row[column] != "NA"]
        assert sorted(csv_cells) == stored, column
        present = [cell for cell in spss[column.lower()] if cell not in ("nan", "None", "")]
        assert sorted(present) == stored, column


def held(answer: Answer):
    """What was answered, in whichever of its three places it stands."""
    return next(one for one in (answer.value, answer.number, answer.text) if one is not None)
