"""The settings of a study that a report prints are the facts that a report can print."""

from dataclasses import fields

import pytest

from analysis.report.facts import PeopleArm, StudyFacts
from surveys import services
from surveys.errors import StudyError
from surveys.instrument_files.settings import PeopleSettings, ReportSettings
from tests.factories import TESTER


@pytest.mark.parametrize(
    ("settings", "facts"), [(ReportSettings, StudyFacts), (PeopleSettings, PeopleArm)]
)
def test_every_fact_with_a_label_can_be_set_and_no_other(settings, facts):
    printed = {each.name for each in fields(facts) if each.metadata.get("label")}
    assert set(settings.__annotations__) == printed


def test_a_draft_with_a_setting_that_there_is_not_cannot_be_opened(draft_study):
    draft_study.settings = {"minutes": 8, "scale_direction": "balancd", "quota": 3}
    draft_study.save()
    with pytest.raises(StudyError, match="did you mean 'balanced'") as refused:
        services.open_study(study=draft_study, by=TESTER)
    assert refused.value.code == "settings_invalid"
    assert set(refused.value.details) == {"settings.scale_direction", "settings.quota"}
