"""A study is read once: how many queries that takes does not depend on how large the study is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from django.db import transaction
from factories import TESTER, make_draft, make_user
from pytest_django.plugin import DjangoDbBlocker
from queries import queries_of

from analysis.archive.services import build_archive
from analysis.models import AnalysisPlan, AnalysisRun
from analysis.plans.files import Draws, bundled_plan, load_plan
from analysis.plans.services import freeze_plan
from analysis.report.services import build_report
from analysis.runs.services import fit_models
from surveys import services
from surveys.instrument_files import bundled_instruments, bundled_study
from surveys.models import Study
from tests.analysis.respondents import answer_as, make_group
from tests.analysis.rolled_back import rolled_back

pytestmark = pytest.mark.django_db

MOST = 20
# One of them more than a report: replies of panels and those collected elsewhere are two tables.
MOST_OF_ARCHIVE = MOST + 1
# What is kept of the work itself, some of it about once a second: its lease, its run, the log.
BOOKS = ("surveys_job", "surveys_auditentry", "analysis_analysisrun", "SAVEPOINT")


def small_run(study: Study) -> AnalysisRun:
    """Forty people and one panel, with the bundled plan; nothing is drawn or varied."""
    answer_as(study, make_group(study, "people", "human"), profile="people", n=40)
    answer_as(study, make_group(study, "panel", "llm"), profile="people-like", n=40, seed=500)
    return fit_models(plan=frozen(study), by=TESTER)


def frozen(study: Study, name: str = "main") -> AnalysisPlan:
    plan = load_plan(bundled_plan("privacy-prosocial"))
    lean = replace(plan, name=name, draws=Draws(1, 0, 0, 0), sensitivity=())
    return freeze_plan(study=study, plan=lean, by=TESTER)


def grow(study: Study) -> None:
    """Two more panels, two more plans, and twice the people."""
    people = study.groups.get(kind="human")
    answer_as(study, people, profile="people", n=40, seed=2000)
    for key in ("second", "third"):
        answer_as(study, make_group(study, key, "llm"), profile="reversed", n=40, seed=3000)
        frozen(study, key)


def six_blocks() -> Study:
    """A study with the three bundled instruments and three more of the same words."""
    for instrument in bundled_instruments():
        services.publish_instrument(
            definition=replace(instrument, slug=f"{instrument.slug}-again"), by=TESTER
        )
    bundled = bundled_study("privacy-prosocial")
    again = (
        replace(block, key=f"{block.key}_again", instrument=f"{block.instrument}-again")
        for block in bundled.blocks
    )
    definition = replace(bundled, slug="six-blocks", blocks=(*bundled.blocks, *again))
    return services.open_study(study=make_draft(make_user("another"), definition), by=TESTER)


@pytest.fixture(scope="module")
def small(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[AnalysisRun]:
    with rolled_back(django_db_blocker):
        yield small_run(services.open_study(study=make_draft(make_user("owner")), by=TESTER))


@pytest.fixture
def run(small, db):
    return AnalysisRun.objects.get(pk=small.pk)


@dataclass(frozen=True)
class Taken:
    """How many queries each of three takes, for a run that has a report already."""

    archive: int
    report: int
    fit: int


def taken(run: AnalysisRun) -> Taken:
    build_report(run=run, page_size="Letter", by=TESTER)
    return Taken(archive_queries(run.pk), report_queries(run.pk), fit_queries(run.pk))


@pytest.fixture(scope="module")
def of_the_small(small: AnalysisRun) -> Taken:
    with transaction.atomic():
        counted = taken(AnalysisRun.objects.get(pk=small.pk))
        transaction.set_rollback(True)
    return counted


def archive_queries(pk: int, **options) -> int:
    def build() -> None:
        build_archive(run=AnalysisRun.objects.get(pk=pk), by=TESTER, **options)

    return queries_of(build, apart_from=BOOKS)


def report_queries(pk: int) -> int:
    def build() -> None:
        build_report(run=AnalysisRun.objects.get(pk=pk), page_size="Letter", by=TESTER)

    return queries_of(build, apart_from=BOOKS)


def fit_queries(pk: int) -> int:
    plan = AnalysisRun.objects.get(pk=pk).plan_id

    def fit() -> None:
        fit_models(plan=AnalysisPlan.objects.get(pk=plan), by=TESTER)

    return queries_of(fit, apart_from=BOOKS)


def test_an_archive_takes_at_most_twenty_one_queries(of_the_small, run):
    assert of_the_small.archive <= MOST_OF_ARCHIVE
    assert archive_queries(run.pk, demographics=True) <= MOST_OF_ARCHIVE


def test_a_report_takes_at_most_twenty_queries(of_the_small):
    assert of_the_small.report <= MOST


def test_a_fit_reads_the_study_once(of_the_small):
    assert of_the_small.fit <= MOST


def test_more_groups_people_and_plans_take_no_more_queries(of_the_small, run):
    plan = run.plan_id
    grow(run.plan.study)
    larger = fit_models(plan=AnalysisPlan.objects.get(pk=plan), by=TESTER)
    assert len(larger.result["comparison"]["groups"]) == 4
    assert taken(larger) == of_the_small


def test_twice_the_blocks_take_no_more_queries(of_the_small, db):
    larger = small_run(six_blocks())
    assert larger.plan.study.blocks.count() == 6
    assert taken(larger) == of_the_small
