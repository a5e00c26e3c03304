"""Studies of the version before: where nobody real has begun, none reads a place to fill in."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from surveys.models import RecruitingLink, Study
from tests.factories import make_link, make_person

BEFORE = [("surveys", "0008_provenance_and_parameters")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("contact", "begun", "may_begin"),
    [("[name, e-mail]", False, False), ("[name, e-mail]", True, True), ("Ada [1]", False, True)],
)
def test_who_may_begin_after_the_upgrade(open_study, contact, begun, may_begin):
    make_person(make_link(open_study, simulated=True))
    if begun:
        make_person(make_link(open_study))
    open_study.consent_texts.update(contact=contact)
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        _migrated(BEFORE)
    finally:
        _migrated(latest)
    study = Study.objects.get()
    assert (study.people_may_begin, study.archived_at, study.previous) == (may_begin, None, None)
    assert RecruitingLink.objects.count() == 1 + begun


def _migrated(targets) -> None:
    MigrationExecutor(connection).migrate(targets)
