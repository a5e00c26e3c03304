"""A list takes as many queries for five rows as for one: plans, runs, reports and their pages."""

from dataclasses import replace

import pytest
from django.utils import timezone
from factories import TESTER
from queries import queries_of

from analysis.models import AnalysisPlan, AnalysisRun, Report
from analysis.plans.files import bundled_plan, load_plan
from analysis.plans.services import freeze_plan
from surveys.models import Study

pytestmark = pytest.mark.django_db


def add(study: Study, number: int) -> AnalysisPlan:
    """A plan, a run of it that failed, and a report."""
    plan = load_plan(bundled_plan("privacy-prosocial"))
    frozen = freeze_plan(study=study, plan=replace(plan, name=f"plan-{number}"), by=TESTER)
    run = AnalysisRun.objects.create(
        plan=frozen, seed=1, status=AnalysisRun.Status.FAILED, finished_at=timezone.now()
    )
    Report.objects.create(run=run, page_size="A4", file="reports/one.pdf", sha256="0" * 64)
    return frozen


@pytest.mark.parametrize(
    "path",
    ["/api/plans/", "/api/runs/", "/api/reports/", "/studies/privacy-prosocial/compare/"],
)
def test_five_rows_take_as_many_queries_as_one(client, open_study, owner, path):
    client.force_login(owner)
    add(open_study, 0)
    client.get(path)
    one = queries_of(lambda: client.get(path))
    for number in range(1, 5):
        add(open_study, number)
    response = []
    assert queries_of(lambda: response.append(client.get(path))) == one
    assert response[0].status_code == 200


def test_freezing_a_plan_takes_at_most_twenty_queries(open_study):
    before = queries_of(lambda: add(open_study, 0))
    assert before <= 20
