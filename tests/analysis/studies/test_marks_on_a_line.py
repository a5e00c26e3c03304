"""Imported marks on a line: fitted, reported, archived and exported as docs/imports.md has them."""

import csv
import json
import random
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pyreadstat
import pytest
from django.conf import settings
from django.core.management import call_command
from factories import TESTER, make_user
from pytest_django.plugin import DjangoDbBlocker

from analysis.archive.services import build_archive
from analysis.plans.files import Draws, load_plan
from analysis.plans.services import freeze_plan
from analysis.runs.services import fit_models
from surveys.models import Kind, Study
from tests.analysis.archives import opened, table
from tests.analysis.rolled_back import reported, rolled_back

pytestmark = pytest.mark.django_db  # the module's own fixture needs the test database

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "marks-on-a-line"
GROUP = "gpt-4o-imported"
SESSIONS = 60
COLUMNS = {
    "worry_1": "worry_trace", "worry_2": "worry_profile", "worry_3": "worry_calm",
    "share_1": "sharing_device", "share_2": "sharing_study", "share_3": "sharing_company",
    "hours": "online_hours",
}  # fmt: skip


def replies() -> dict[tuple[str, str], float]:
    """Session and column of an export -> the number that a model replied."""
    chance = random.Random(5)
    told = {}
    for number in range(SESSIONS):
        level = chance.gauss(0, 1)
        for name, column in COLUMNS.items():
            own = 0.8 * level * (-1 if name in ("worry_3", "hours") else 1) + 0.6 * chance.gauss(
                0, 1
            )
            if name.startswith("worry"):
                told[str(number), column] = float(min(100, max(0, round(55 + 18 * own))))
            else:
                told[str(number), column] = min(10.0, max(0.0, round(5 - 1.8 * own, 1)))
    return told


def as_lines() -> str:
    """The replies word for word, as JSON Lines; hours stand as values of their source."""
    lines = []
    for (session, column), number in replies().items():
        item = column.replace("_", ".", 1)
        said = {"raw": f"Answer: {number:g}"}
        if item == "online.hours":
            item, said = "online_hours", {"value": number}
        lines.append(json.dumps({"session": session, "item": item, **said}))
    return "\n".join(lines) + "\n"


def in_file() -> dict[tuple[str, str], float]:
    """Id and column of an export -> the number, where the file of people has one."""
    rows = csv.DictReader((EXAMPLE / "people.csv").read_text().splitlines(), delimiter=";")
    return {
        (row["id"], column): float(row[name].replace(",", "."))
        for row in rows
        for name, column in COLUMNS.items()
        if row[name] not in ("", "-99")
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory, django_db_setup: None, django_db_blocker: DjangoDbBlocker):
    """The report, the archive and the exports of people and models on the same lines."""
    folder = tmp_path_factory.mktemp("marks")
    (folder / "models.jsonl").write_text(as_lines())
    with rolled_back(django_db_blocker):
        make_user("owner")
        for mapping, data in (
            ("mapping.toml", EXAMPLE / "people.csv"),
            ("models.toml", folder / "models.jsonl"),
        ):
            call_command("import_responses", EXAMPLE / mapping, data, stdout=StringIO())
        study = Study.objects.get(slug="marks-on-a-line")
        plan = replace(load_plan(EXAMPLE / "plan.toml"), draws=Draws(1, 20, 20, 10))
        run = fit_models(plan=freeze_plan(study=study, plan=plan, by=TESTER), by=TESTER)
        archive = opened(build_archive(run=run, by=TESTER).content)
        how = ("--format", "csv", "--format", "sav", "--out", str(folder / "out"))
        call_command("export_data", "marks-on-a-line", *how, verbosity=0)
        yield reported(run), archive, folder / "out"


def test_people_and_models_on_a_line_are_compared(made):
    report = made[0]

    groups = {one.key: (one.kind, one.rows) for one in report.comparison.groups}
    assert groups == {"people": (Kind.HUMAN, 240), GROUP: (Kind.LLM, SESSIONS)}
    assert report.says("Imported model answers, collected elsewhere: GPT-4o, asked for a number.")


def numbers_of(rows: list[dict[str, str]]) -> list[dict[str, float]]:
    """The numbers of each row of an export."""
    return [
        {name: float(row[name]) for name in COLUMNS.values() if row[name] not in ("", "NA")}
        for row in rows
    ]


def by_row(told: dict[tuple[str, str], float]) -> list[dict[str, float]]:
    """Column -> number, of each person or session in the order of their file."""
    found: dict[str, dict[str, float]] = {}
    for (of, column), number in told.items():
        found.setdefault(of, {})[column] = number
    return list(found.values())


def in_any_order(rows: list[dict[str, float]]) -> list[str]:
    """Rows as texts that can be compared wherever they stand."""
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


@pytest.mark.parametrize(("whose", "told"), [("people", in_file), ("models", replies)])
def test_exports_give_back_what_the_files_had(made, whose, told):
    folder, wanted = made[2], by_row(told())
    (raw,) = folder.rglob(f"answers-{whose}_form-raw_data.csv")
    frame, _about = pyreadstat.read_sav(str(folder / f"{whose}.sav"))
    spss = [
        {name: row[name] for name in COLUMNS.values() if row[name] == row[name]}
        for row in frame.to_dict("records")
    ]

    assert numbers_of(list(csv.DictReader(raw.read_text("utf-8").splitlines()))) == wanted
    assert spss == wanted


def test_the_archive_has_the_numbers_and_turns_the_reversed_line_at_its_middle(made):
    """Rows of an archive stand in an order of their own."""
    raw, scored = (table(made[1], f"data/{name}.csv") for name in ("raw", "scored"))
    plain = [{name: row[f"{name}.value"] for name in COLUMNS.values()} for row in raw]
    calm = [(of["worry_calm"], then["worry_calm"]) for of, then in zip(plain, scored, strict=True)]

    assert in_any_order(numbers_of(plain)) == in_any_order(by_row(in_file()) + by_row(replies()))
    assert all(float(then) == 100 - float(of) for of, then in calm if of not in ("", "NA"))


def test_worry_goes_with_less_sharing_in_both_as_they_were_drawn(made):
    """Drawn with -0.5 and -1 between what stands behind the marks, which carry error."""
    rows = {row["group"]: row for row in table(made[1], "results/tables/paths.csv")}

    assert float(rows["people"]["std"]) == pytest.approx(-0.5, abs=0.12)
    assert float(rows[GROUP]["std"]) < -0.7
