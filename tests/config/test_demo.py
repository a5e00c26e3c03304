"""The demo shows an experiment with conditions, to people and models alike."""

import pytest
from factories import make_user

from config.management.commands.demo import Command
from surveys.models import Administration, Study


@pytest.mark.django_db(transaction=True)
def test_people_and_sessions_of_the_demo_go_through_every_condition():
    make_user("demo")
    demo = Command()
    demo.quiet = True
    told = demo._experiment(4, seed=1)

    study = Study.objects.get(slug=told["study"])
    for kind in ("human", "llm"):
        done = Administration.objects.filter(study=study, respondent__kind=kind, status="completed")
        assert len({tuple(sorted(one.condition.items())) for one in done}) == 4, kind
    assert study.plans.filter(frozen_at__isnull=False).exists()
