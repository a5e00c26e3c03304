"""Weights, clusters, strata and subgroups of imported people, as docs/comparison.md has them."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override
from factories import TESTER
from pytest_django.plugin import DjangoDbBlocker

from analysis.archive.services import build_archive
from analysis.plans.files import Draws
from analysis.web.factors import factor_tables
from analysis.web.people import people_design_rows
from tests.analysis.archives import opened, table
from tests.analysis.imported import run_with_panels
from tests.analysis.rolled_back import Reported, reported, rolled_back

pytestmark = pytest.mark.django_db  # the module's own fixture needs the test database

DOCS = Path(settings.BASE_DIR) / "docs"
EXAMPLE = DOCS / "examples" / "sampled-people"


@pytest.fixture(scope="module")
def made(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> tuple[Reported, dict[str, bytes]]:
    """The report and the archive of one panel, whose sessions were told nothing of a person."""
    with rolled_back(django_db_blocker):
        run = run_with_panels(
            study="sampled-people",
            data=EXAMPLE / "people.csv",
            profiles=("people-like",),
            draws=Draws(1, 60, 0, 0),
        )
        archive = build_archive(run=run, by=TESTER, demographics=True)
        return reported(run), opened(archive.content)


@pytest.fixture(scope="module")
def compared(made) -> Reported:
    return made[0]


def test_the_page_shows_the_example_as_it_is_run():
    page = (DOCS / "comparison.md").read_text(encoding="utf-8")
    plan = (EXAMPLE / "plan.toml").read_text(encoding="utf-8")
    excerpts = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert excerpts
    assert all(excerpt in plan for excerpt in excerpts)


def test_who_has_no_weight_is_left_out_and_the_rest_are_weighted_within_their_design(compared):
    sampling = compared.comparison.sampling
    assert (sampling.n, sampling.clusters, sampling.strata, sampling.lone_strata) == (284, 36, 4, 0)
    assert sampling.weighted
    assert sampling.weights_effective_n < 284
    assert sampling.effective_n < sampling.weights_effective_n
    people = compared.comparison.groups[0]
    assert people.effective_n == pytest.approx(sampling.effective_n)


def test_subgroups_that_are_too_small_cannot_be_told_and_gaps_come_with_intervals(compared):
    rows = {(row.measure, row.subgroup): row for row in compared.comparison.subgroups}
    assert {name for _measure, name in rows} == {
        "female", "male", "diverse", "below 35", "35 to below 55", "55 and above",
    }  # fmt: skip
    small = rows["size", "diverse"]
    assert (small.n < 30, small.agreement, small.reason) == (True, None, "too_few")
    assert rows["size", "female"].interval is not None
    gaps = {(row.by, row.measure): row for row in compared.comparison.parity}
    assert (gaps["gender", "size"].subgroups, gaps["gender", "size"].compared) == (3, 2)
    assert gaps["gender", "size"].interval is not None


def test_the_path_is_steeper_in_women_and_the_test_says_so(compared):
    (row,) = compared.comparison.moderation
    slopes = {slope.subgroup: slope.est for slope in row.slopes}
    assert slopes["female"] < slopes["male"] < 0
    assert row.df == 1
    assert row.pvalue < 0.05


def test_people_are_adjusted_for_what_no_session_was_told(compared):
    people, model = (fit for fit in compared.comparison.fits if fit.label == "own")
    assert "SHR ~ PRV + about_gender_male + about_gender_diverse" in people.syntax
    assert "about_gender" not in model.syntax


def test_the_archive_has_weights_and_a_table_for_each_result(made):
    files = made[1]
    rows = table(files, "data/scored.csv")
    weights = [row["weight"] for row in rows if row["group"] == "people"]
    assert len(weights) == 284
    assert all(float(weight) > 0 for weight in weights)
    (sampling,) = table(files, "results/tables/sampling.csv")
    assert (sampling["sampling_clusters"], sampling["sampling_strata"]) == ("36", "4")
    subgroups = table(files, "results/tables/subgroups.csv")
    assert {row["cannot_tell"] for row in subgroups if row["subgroup"] == "diverse"} == {"too_few"}
    assert len(table(files, "results/tables/parity.csv")) == 4
    slopes = table(files, "results/tables/moderation.csv")
    assert {row["subgroup"] for row in slopes} == {"female", "male"}
    means = table(files, "results/tables/latent_means.csv")
    assert [row["construct"] for row in means] == ["PRV", "SHR"]
    assert len(table(files, "results/tables/reliability.csv")) == 4
    book = {(row["file"], row["column"]) for row in table(files, "data/codebook.csv")}
    assert {("data/scored.csv", "weight"), ("results/tables/parity.csv", "gap")} <= book


@pytest.mark.lavaan
def test_lavaan_finds_the_weighted_and_clustered_paths_in_the_archive(made, tmp_path):
    for name, content in made[1].items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    script = ["Rscript", "reproduce.R"]
    done = subprocess.run(
        script, cwd=tmp_path / "lavaan", capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 fits" in done.stdout


def test_the_page_of_the_run_says_the_same_in_both_languages(compared):
    shown = people_design_rows(compared.comparison)
    page = " ".join(render_to_string("analysis/_people_design.html", shown).split())
    assert "Weighted: 284 people are worth" in page
    assert "36 clusters (cluster), design effect" in page
    assert '<td data-label="Subgroup">gender: diverse</td>' in page
    assert "cannot tell (too_few)" in page
    with override("de"):
        german = render_to_string("analysis/_people_design.html", shown)
    assert "Gewichtet: 284 Personen zählen so viel wie" in german
    assert "nicht zu erkennen" in german


def test_the_page_shows_factors_and_items_as_the_plan_asks(compared):
    shown = {"factors": tuple(factor_tables(compared.comparison))}
    page = " ".join(render_to_string("analysis/_factors.html", shown).split())
    captions = re.findall("<caption>(.*?)</caption>", page)
    assert captions == [
        "Latent means of models less those of people", "Bias of indicators", "Aligned factors",
        "T-size fit", "Reliability by construct and group", "Heterotrait–monotrait ratios (HTMT)",
    ]  # fmt: skip
    assert re.search(
        r"People, SHR</th><td class=\"number\"[^>]*>0\.\d\d \[0\.\d\d,.0\.\d\d\]", page
    )
    assert re.search(r"People, PRV / SHR</th><td class=\"number\"[^>]*>0\.\d\d \[", page)
    assert re.search(r"people-like, (PRV|SHR)</th>", page)
    assert re.search(r"People</th><td class=\"number\"[^>]*>0\.\d{3} \(\w+ fit\)</td>", page)
    with override("de"):
        shown = {"factors": tuple(factor_tables(compared.comparison))}
        german = render_to_string("analysis/_factors.html", shown)
    assert "Verzerrung der Indikatoren" in german
    assert "Anpassung)" in german


@pytest.mark.parametrize(
    "sentence",
    [
        "Every model of the people is fitted with their sampling weights",
        "reliabilities and correlations of scores are unweighted",
        "Weighting: Sampling weights in every model of the people (n = 284, effective n",
        "Clusters (cluster)",
        "Standard errors and tests of the people's models count clusters.",
        "gender (reference: female) as a predictor of Data sharing",
        "cannot tell: fewer than 30 people",
        "Parity gap: best minus worst subgroup",
        "No weight, cluster or stratum recorded",
        "those of people-like",
        "The plan also asks for latent means (Supplement, Table",
        "T-size fit: what misfit the data exclude",
        "Bias of indicators: dMACS",
    ],
)
def test_the_report_says_how_people_were_counted(compared, sentence):
    assert compared.says(sentence)
