"""The funnel ends with those whom the latest comparison kept."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from factories import PASSWORD, make_link, make_person

from analysis.models import AnalysisPlan, AnalysisRun
from surveys.workspace.funnel import flows_of, groups_with_flows

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(open_study):
    link = make_link(open_study)
    for _ in range(4):
        make_person(link)
    return AnalysisPlan.objects.create(
        study=open_study, name="main", definition={}, sha256="0", model_answers_when_frozen=0
    )


def finish(plan, kept, **more):
    return AnalysisRun.objects.create(
        plan=plan,
        status=AnalysisRun.Status.DONE,
        seed=1,
        finished_at=timezone.now(),
        result={"comparison": {"groups": [{"key": "people", "rows": kept}]}},
        **more,
    )


def kept_of(study):
    (funnel,) = flows_of(
        groups_with_flows(get_user_model().objects.get(username="owner"), study.slug)
    ).people
    return {bar.stage: (bar.count, bar.share) for bar in funnel.bars}.get("kept")


def test_it_says_how_many_the_latest_run_kept_and_which_run_that_is(client, plan):
    finish(plan, kept=1)
    latest = finish(plan, kept=3)
    assert kept_of(plan.study) == (3, 75)
    client.login(username="owner", password=PASSWORD)
    page = client.get(reverse("surveys:study", kwargs={"slug": plan.study.slug})).content.decode()
    assert f"kept by plan main in run {latest.pk}" in page


def test_without_a_finished_run_in_the_list_nobody_is_said_to_be_kept(plan):
    assert kept_of(plan.study) is None
    finish(plan, kept=3, archived_at=timezone.now())
    AnalysisRun.objects.create(plan=plan, seed=1)
    assert kept_of(plan.study) is None
