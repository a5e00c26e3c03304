"""The settings of a study that a report prints are the facts that a report can print."""

from dataclasses import fields
from pathlib import Path

import pytest
from django.conf import settings
from factories import TESTER

from analysis.plans.files import PlanFacts
from analysis.report.facts import ModelArm, ModellingFacts, PeopleArm, Provenance, StudyFacts
from surveys import services
from surveys.errors import StudyError
from surveys.instrument_files.settings import (
    PeopleSettings,
    ReportFacts,
    StatedFacts,
    fact_labels,
)


@pytest.mark.parametrize(
    ("table", "facts"), [(ReportFacts, StudyFacts), (PeopleSettings, PeopleArm)]
)
def test_every_fact_with_a_label_can_be_set_and_no_other(table, facts):
    printed = {each.name for each in fields(facts) if each.metadata.get("label")}
    assert set(table.__annotations__) == printed


def test_the_form_and_the_report_call_a_fact_by_the_same_words():
    kinds = (StudyFacts, PeopleArm, ModelArm, ModellingFacts, Provenance)
    printed = {
        each.name: each.metadata["label"]
        for kind in kinds
        for each in fields(kind)
        if each.metadata.get("label")
    }
    stated = {**fact_labels(StatedFacts), **dict.fromkeys(PlanFacts.__annotations__)}
    assert stated.keys() - {"question"} <= printed.keys()
    for key, label in fact_labels(StatedFacts).items():
        assert printed.get(key, label) == label


def test_every_fact_that_can_be_given_is_in_the_documentation():
    page = (Path(settings.BASE_DIR) / "docs" / "instruments.md").read_text()
    for key in (*fact_labels(StatedFacts), *PlanFacts.__annotations__, "panels"):
        assert f"`{key}`" in page


def test_a_draft_with_a_setting_that_there_is_not_cannot_be_opened(draft_study):
    draft_study.settings = {"minutes": 8, "scale_direction": "balancd", "quota": 3}
    draft_study.save()
    with pytest.raises(StudyError, match="did you mean 'balanced'") as refused:
        services.open_study(study=draft_study, by=TESTER)
    assert refused.value.code == "settings_invalid"
    assert set(refused.value.details) == {"settings.scale_direction", "settings.quota"}
