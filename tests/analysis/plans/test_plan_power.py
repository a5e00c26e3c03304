"""Power before data: a plan and expectations give the chance that each sign is decided."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from analysis.compare.errors import PlanError
from analysis.plans.expectations import read_paths

EXPECTED = ["PRV->SHR=-0.3", "PRO->SHR=0.2"]


def power(study, paths, studies=30, **options):
    out = StringIO()
    call_command(
        "plan_power",
        study.slug,
        path=paths,
        studies=studies,
        processes=1,
        verbosity=0,
        json=True,
        stdout=out,
        **options,
    )
    return json.loads(out.getvalue())


def agree(found, group, path):
    return next(r["agree"] for r in found["paths"] if (r["group"], r["path"]) == (group, path))


def test_more_people_decide_a_sign_more_often(open_study):
    few, many = (power(open_study, EXPECTED, people=n) for n in (40, 400))
    assert agree(few, "people", "PRO->SHR") < agree(many, "people", "PRO->SHR")
    assert agree(many, "people", "PRV->SHR") > 0.9


def test_the_same_seed_gives_the_same_power(open_study):
    one, two = (power(open_study, EXPECTED, studies=8, seed=5) for _ in range(2))
    assert one == two


def test_a_path_without_an_expectation_is_named(open_study):
    with pytest.raises(CommandError, match="PRO->SHR"):
        power(open_study, EXPECTED[:1])


def test_an_expectation_of_another_form_is_refused():
    with pytest.raises(PlanError, match="PREDICTOR->OUTCOME=NUMBER"):
        read_paths(["PRV-SHR"])
