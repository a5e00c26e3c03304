"""R and lavaan, given the archive and nothing else, find what the run found."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import TESTER
from pytest_django.plugin import DjangoDbBlocker

from analysis.archive.services import build_archive
from analysis.plans.files import Draws
from surveys.models import Study
from tests.analysis.archives import PROMPTS, add_group, make_run, opened, table
from tests.analysis.rolled_back import make_open_study, rolled_back

pytestmark = [pytest.mark.lavaan, pytest.mark.django_db]


@pytest.fixture(scope="module")
def study(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Study]:
    """People, a panel that answers one item always alike, and one whose sessions repeat."""
    with rolled_back(django_db_blocker):
        study = make_open_study()
        add_group(study, "people", "human", profile="people", n=150, seed=1)
        add_group(
            study,
            "one-constant-item",
            "llm",
            profile="people-like",
            n=150,
            seed=1000,
            constant=["privacy.control_2"],
            method=PROMPTS,
        )
        add_group(study, "repeating", "llm", profile="reversed", n=150, seed=2000, orders=50)
        yield study


def reproduced(run, folder: Path) -> tuple[str, dict[str, bytes]]:
    """What the script of the archive says, and the archive's files with those that R wrote."""
    files = opened(build_archive(run=run, by=TESTER).content)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    done = subprocess.run(
        ["Rscript", "reproduce.R"],
        cwd=folder / "lavaan",
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    written = (folder / "lavaan" / "output").iterdir()
    return done.stdout, {**files, **{path.name: path.read_bytes() for path in written}}


def number(text: str) -> float | None:
    return None if text in ("NA", "") else float(text)


@pytest.mark.parametrize(("estimator", "missing"), [("ML", "listwise"), ("MLR", "fiml")])
def test_lavaan_finds_the_paths_and_fit_of_the_run_to_three_decimals(
    study, tmp_path, estimator, missing
):
    draws = Draws(20_260_103, 100, 0, 0)  # the bootstrap widens errors; lavaan draws nothing
    run = make_run(study, estimator=estimator, missing=missing, draws=draws, sensitivity=())
    said, files = reproduced(run, tmp_path)
    assert " 0 differ " in said
    lavaan = {
        (row["fit"], row["lhs"], row["rhs"], row["group"]): row for row in table(files, "paths.csv")
    }
    paths = [row for row in table(files, "results/tables/paths.csv") if row["std"] != "NA"]
    assert {row["group"] for row in paths} == {"people", "one-constant-item", "repeating"}
    for row in paths:
        place = (row["fit"], row["outcome_variable"], row["predictor_variable"], row["group"])
        for ours, theirs in (
            ("est", "est"), ("fit_se", "se"), ("std", "std_all"), ("fit_std_se", "std_all_se")
        ):  # fmt: skip
            assert number(row[ours]) == pytest.approx(number(lavaan[place][theirs]), abs=5e-4)
        # The errors that the report prints are the fit's own, but for sessions that repeat: theirs
        # are those of the cluster bootstrap.
        assert (row["se"] == row["fit_se"]) is (row["group"] != "repeating")
    assert_indices_agree(files)


def assert_indices_agree(files):
    lavaan = {(row["fit"], row["index"]): number(row["value"]) for row in table(files, "fit.csv")}
    compared = 0
    for row in table(files, "results/tables/fit.csv"):
        for index in ("chisq", "df", "cfi", "tli", "rmsea", "srmr"):
            assert number(row[index]) == pytest.approx(lavaan[row["fit"], index], abs=5e-4)
            compared += 1
    assert compared >= 3 * 6
