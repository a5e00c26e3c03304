"""A construct that is one mean score is taken as it is, by fits, reports and archives."""

from dataclasses import replace

import numpy as np
import pytest
from factories import TESTER

from analysis.archive.services import build_archive
from analysis.plans.drafts import Draws
from analysis.plans.files import bundled_plan, load_plan
from analysis.plans.services import freeze_plan
from analysis.report.services import build_report
from analysis.runs.selectors import run_comparison
from analysis.runs.services import fit_models
from tests.analysis.respondents import answer_as, frame_of, make_group

pytestmark = pytest.mark.django_db


def test_slopes_of_composites_are_those_of_a_regression_of_mean_scores(
    open_study, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    for key, kind, seed in (("people", "human", 1), ("panel", "llm", 900)):
        group = make_group(open_study, key, kind)
        answer_as(open_study, group, profile="people", n=60, seed=seed)
    plan = load_plan(bundled_plan("privacy-prosocial"))
    composites = tuple(replace(one, indicators="mean") for one in plan.constructs)
    written = replace(plan, constructs=composites, draws=Draws(1, 0, 0, 0), sensitivity=())
    run = fit_models(plan=freeze_plan(study=open_study, plan=written, by=TESTER), by=TESTER)

    frame = frame_of(open_study)
    people = frame.group == "people"
    scores = {
        block: np.mean([v[people] for k, v in frame.items.items() if k.startswith(block)], axis=0)
        for block in ("privacy", "prosocial", "sharing")
    }
    z = {key: (one - one.mean()) / one.std() for key, one in scores.items()}
    predictors = np.column_stack([z["privacy"], z["prosocial"]])
    slopes = np.linalg.lstsq(predictors, z["sharing"], rcond=None)[0]
    found = [one for one in run_comparison(run).paths if one.group == "people"]
    assert [one.std for one in found] == pytest.approx(slopes.tolist(), abs=1e-5)
    assert build_report(run=run, by=TESTER).sha256
    assert build_archive(run=run, by=TESTER).sha256
