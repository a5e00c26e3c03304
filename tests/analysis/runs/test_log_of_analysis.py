"""Whoever freezes, fits, stops, prints or archives leaves a row in the study's log."""

from dataclasses import replace

import pytest
from factories import TESTER

from analysis.archive.services import build_archive
from analysis.errors import NothingToCompare, PlanFrozenError, RunNotDone
from analysis.models import REPORT, AnalysisRun
from analysis.plans.files import Draws, bundled_plan, load_plan
from analysis.plans.services import freeze_plan
from analysis.report.services import build_report
from analysis.runs.services import cancel_run, fit_models, start_fit
from surveys.jobs.queue import carry_out
from surveys.models import Action, AuditEntry, Door, Job
from surveys.services.audit import page_actor
from surveys.views.log import NAMES
from surveys.workspace.log_words import SUBJECTS
from tests.analysis.respondents import answer_as, make_group


def rows_of(use_case, *given, **arguments) -> list[AuditEntry]:
    """What a use case adds to the log, in the order written."""
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    use_case(*given, **arguments)
    rows = list(AuditEntry.objects.exclude(pk__in=before).order_by("pk"))
    for row in rows:
        assert {*row.before, *row.after} <= NAMES.keys()
        assert row.subject_kind in SUBJECTS
    return rows


@pytest.fixture
def plan_file():
    plan = load_plan(bundled_plan("privacy-prosocial"))
    return replace(plan, draws=Draws(bootstrap=0, permutations=0, noise_draws=0), sensitivity=())


@pytest.fixture
def plan(open_study, plan_file):
    return freeze_plan(study=open_study, plan=plan_file, by=TESTER)


@pytest.fixture
def answers(open_study):
    people = make_group(open_study, "people", "human")
    answer_as(open_study, people, profile="people", n=60)
    panel = make_group(open_study, "panel", "llm")
    answer_as(open_study, panel, profile="reversed", n=60, seed=1000)


def test_freezing_is_recorded_once_with_its_hash(open_study, plan_file):
    (row,) = rows_of(freeze_plan, study=open_study, plan=plan_file, by=TESTER)
    plan = open_study.plans.get()
    assert (row.action, row.subject_label, row.study) == (Action.PLAN_FROZEN, "main", open_study)
    assert row.after == {"sha256": plan.sha256, "model_answers_when_frozen": 0}
    assert rows_of(freeze_plan, study=open_study, plan=plan_file, by=TESTER) == []
    with pytest.raises(PlanFrozenError):
        freeze_plan(study=open_study, plan=replace(plan_file, estimator="MLR"), by=TESTER)
    assert AuditEntry.objects.filter(action=Action.PLAN_FROZEN).count() == 1


def test_a_fit_that_cannot_begin_leaves_no_row(plan):
    with pytest.raises(NothingToCompare):
        fit_models(plan=plan, by=TESTER)
    assert not AuditEntry.objects.filter(action=Action.RUN_STARTED).exists()


@pytest.fixture
def queue(settings):
    """A queue that keeps what is put into it; nobody works on it."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}


def test_stopping_a_run_is_recorded_only_while_it_is_under_way(plan, queue):
    run = AnalysisRun.objects.create(plan=plan, seed=1, job=start_fit(plan=plan, by=TESTER))
    (row,) = rows_of(cancel_run, run=run, by=TESTER)
    assert (row.action, row.subject_id) == (Action.RUN_CANCELLED, run.pk)
    with pytest.raises(RunNotDone):
        build_archive(run=run, by=TESTER)
    run.refresh_from_db()
    assert rows_of(cancel_run, run=run, by=TESTER) == []


def test_a_fit_its_report_and_its_archive_are_recorded_for_whoever_queued_them(
    plan, answers, owner, queue, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    (begun,) = rows_of(carry_out.call, start_fit(plan=plan, by=page_actor(owner)).pk)
    (written,) = rows_of(carry_out.call, Job.objects.get(kind=REPORT).pk)
    run = AnalysisRun.objects.get()
    assert (begun.action, begun.door, begun.actor) == (Action.RUN_STARTED, Door.JOB, owner)
    assert begun.after == {"seed": run.seed, "preview": False}
    assert (written.action, written.door, written.actor) == (
        Action.REPORT_WRITTEN,
        Door.JOB,
        owner,
    )
    assert written.after["sha256"] == run.reports.get().sha256
    assert rows_of(build_report, run=run, by=TESTER) == []
    (archived,) = rows_of(build_archive, run=run, demographics=True, by=TESTER)
    assert archived.action == Action.ARCHIVE_BUILT
    assert (archived.after["redact"], archived.after["demographics"]) == (True, True)
