"""From a frozen plan to a report: what is stored, what is refused, what stays the same."""

from dataclasses import replace

import pytest
from factories import TESTER, answer_everything, make_person

from analysis.compare.errors import ComparisonCancelled
from analysis.errors import NothingToCompare, PlanFrozenError, RunNotDone
from analysis.models import AnalysisRun
from analysis.plans.files import Alternatives, Draws, bundled_plan, load_plan
from analysis.plans.services import freeze_plan
from analysis.report.services import build_report
from analysis.runs.selectors import summary_rows
from analysis.runs.services import fit_models
from analysis.runs.summary import summary_lines
from surveys.instrument_files import InstrumentFileError
from surveys.jobs.watch import Conduct
from tests.analysis.respondents import answer_as, make_group


@pytest.fixture
def plan_file():
    """The bundled plan, drawing little and varying nothing: most tests look at something else."""
    plan = load_plan(bundled_plan("privacy-prosocial"))
    return replace(plan, draws=Draws(bootstrap=0, permutations=0, noise_draws=0), sensitivity=())


@pytest.fixture
def people(open_study):
    group = make_group(open_study, "simulated-people", "human")
    answer_as(open_study, group, profile="people", n=80)
    return group


@pytest.fixture
def panel(open_study):
    group = make_group(open_study, "reversed-panel", "llm")
    answer_as(open_study, group, profile="reversed", n=80, seed=1000)
    return group


def test_a_frozen_plan_knows_how_many_answers_of_models_there_were(open_study, people, plan_file):
    before = freeze_plan(study=open_study, plan=plan_file, by=TESTER)
    answer_as(open_study, make_group(open_study, "late", "llm"), profile="people-like", n=2)
    after = freeze_plan(study=open_study, plan=replace(plan_file, name="second"), by=TESTER)
    assert before.model_answers_when_frozen == 0
    assert after.model_answers_when_frozen == 2 * 38 + 2 * 2


def test_freezing_the_same_plan_again_changes_nothing(open_study, people, plan_file):
    first = freeze_plan(study=open_study, plan=plan_file, by=TESTER)
    assert freeze_plan(study=open_study, plan=plan_file, by=TESTER) == first


def test_a_frozen_plan_is_never_replaced_under_its_name(open_study, people, plan_file):
    freeze_plan(study=open_study, plan=plan_file, by=TESTER)
    with pytest.raises(PlanFrozenError) as caught:
        freeze_plan(study=open_study, plan=replace(plan_file, estimator="MLR"), by=TESTER)
    assert caught.value.code == "plan_is_frozen"


def test_people_alone_are_not_a_comparison(open_study, people, plan_file):
    plan = freeze_plan(study=open_study, plan=plan_file, by=TESTER)
    with pytest.raises(NothingToCompare, match="no panel"):
        fit_models(plan=plan, by=TESTER)
    assert not AnalysisRun.objects.exists()


def test_two_groups_of_people_need_a_named_reference(open_study, people, plan_file):
    make_group(open_study, "people", "human")
    with pytest.raises(NothingToCompare) as caught:
        freeze_plan(study=open_study, plan=plan_file, by=TESTER)
    assert caught.value.code == "no_reference_group"
    named = freeze_plan(
        study=open_study, plan=plan_file, reference_group="simulated-people", by=TESTER
    )
    assert named.definition["comparison"]["reference_group"] == "simulated-people"


def test_a_reversed_path_shows_in_the_summary(open_study, people, panel, plan_file):
    run = fit_models(plan=freeze_plan(study=open_study, plan=plan_file, by=TESTER), by=TESTER)
    human, model = summary_rows(run)
    assert human["paths"]["PRV->SHR"]["std"] < 0 < model["paths"]["PRV->SHR"]["std"]
    assert human["vaar"] is None
    assert model["vaar"]["hard"] == 0.5
    table = "\n".join(summary_lines([human, model]))
    assert "model-generated, simulated" in table
    assert "people, simulated" in table


def test_the_same_data_and_plan_give_the_same_report_byte_for_byte(
    open_study, people, panel, plan_file, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    plan = freeze_plan(study=open_study, plan=plan_file, by=TESTER)
    first, second = (
        build_report(run=fit_models(plan=plan, by=TESTER), by=TESTER) for _ in range(2)
    )
    assert first.sha256 == second.sha256
    assert first.run.data_sha256 == second.run.data_sha256


def test_a_report_of_a_run_without_a_result_is_refused(open_study, people, plan_file):
    plan = freeze_plan(study=open_study, plan=plan_file, by=TESTER)
    run = AnalysisRun.objects.create(plan=plan, seed=1)
    with pytest.raises(RunNotDone, match="running"):
        build_report(run=run, by=TESTER)


def test_a_grid_gives_a_row_for_each_combination_and_measure(
    open_study, people, panel, plan_file, link
):
    careless = make_person(link, recruiter_id="careless")
    answer_everything(careless, code=5)
    grid = (
        Alternatives("estimator", ("ML", "MLR")),
        Alternatives("exclusions", ("planned", "nobody")),
    )
    plan = freeze_plan(
        study=open_study,
        plan=replace(plan_file, sensitivity=grid),
        reference_group="simulated-people",
        by=TESTER,
    )
    run = fit_models(plan=plan, by=TESTER)
    rows = [row for row in run.result["sensitivity"] if row["measure"] == "hard"]
    assert [row["choices"] for row in rows] == [
        {"estimator": estimator, "exclusions": exclusions}
        for estimator in ("ML", "MLR")
        for exclusions in ("planned", "nobody")
    ]
    assert [row["main"] for row in rows] == [True, False, False, False]


def test_a_grid_with_an_option_that_its_choice_lacks_is_refused(open_study, people, plan_file):
    grid = (Alternatives("exclusions", ("planned", "everybody")),)
    with pytest.raises(InstrumentFileError, match="nobody"):
        freeze_plan(study=open_study, plan=replace(plan_file, sensitivity=grid), by=TESTER)


def test_uncertainty_is_the_same_for_any_number_of_processes(open_study, people, panel, plan_file):
    draws = Draws(seed=3, bootstrap=40, permutations=40, noise_draws=20)
    plan = freeze_plan(study=open_study, plan=replace(plan_file, draws=draws), by=TESTER)
    one, two = (
        fit_models(plan=plan, conduct=Conduct(processes=n), by=TESTER).result for n in (1, 2)
    )
    assert one == two
    assert one["comparison"]["vaar"][0]["intervals"]["evidence"]["method"] == "percentile bootstrap"


def test_a_cancelled_run_is_stored_as_failed_and_leaves_no_result(
    open_study, people, panel, plan_file
):
    draws = Draws(bootstrap=40, permutations=40, noise_draws=20)
    plan = freeze_plan(study=open_study, plan=replace(plan_file, draws=draws), by=TESTER)
    with pytest.raises(ComparisonCancelled):
        fit_models(plan=plan, conduct=Conduct(cancelled=lambda: True), by=TESTER)
    run = AnalysisRun.objects.get()
    assert (run.status, run.error_code, run.result) == ("failed", "cancelled", None)
