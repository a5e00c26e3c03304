"""The example of a vignette experiment is loaded by command, gone through, and planned for."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from factories import TESTER, make_link, make_user

from analysis.plans.files import load_plan
from analysis.plans.services import comparison_plan, freeze_plan
from surveys.models import Administration, Answer, Study
from surveys.selectors import presentation_of
from surveys.services import open_study
from surveys.services.definitions import readiness
from surveys.services.rehearsal import rehearse
from surveys.simulation import bundled_profile

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "sharing-vignette"


@pytest.fixture
def study(db):
    make_user("ann")
    call_command("load_study", str(EXAMPLE / "study.toml"), owner="ann", verbosity=0)
    return Study.objects.get(slug="sharing-vignette")


def test_it_is_complete_but_for_the_contact_and_its_plan_can_be_frozen(study):
    ready = readiness(study)
    assert ready.lacking == ()
    assert [problem.where for problem in ready.people] == ["consent.contact"]
    opened = open_study(study=study, by=TESTER, people=False)
    frozen = freeze_plan(study=opened, plan=load_plan(EXAMPLE / "plan.toml"), by=TESTER)
    plan = comparison_plan(frozen)
    assert [one.by for one in plan.people.adjustments] == ["recipient", "benefit"]
    assert plan.people.subgroups[0].by == "recipient"


def test_simulated_people_go_through_every_condition_of_it(study):
    opened = open_study(study=study, by=TESTER, people=False)
    link = make_link(opened, simulated=True)
    rehearse(link=link, profile=bundled_profile("people"), people=4, seed=1, by=TESTER)
    people = list(Administration.objects.filter(study=opened, status="completed"))
    assert len({tuple(sorted(one.condition.items())) for one in people}) == 4
    for one in people:
        (story,) = presentation_of(one).question("scene.acceptable").preface
        assert ("insurer" in story.text) == (one.condition["recipient"] == "insurer")
        answers = Answer.objects.filter(administration=one)
        decided = answers.get(item__key="share").value
        hidden = {1: {"why_keep"}, 0: {"why_share"}, None: {"why_keep", "why_share"}}[decided]
        left = answers.filter(missing_reason="not_shown").values_list("item__key", flat=True)
        assert set(left) == hidden
