"""The supplier of people was once called a panel: what was stored and given out still works."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from surveys.models import Respondent
from tests.factories import make_link

BEFORE = [("surveys", "0003_audit_log")]


@pytest.mark.django_db(transaction=True)
def test_links_and_people_of_the_version_before_keep_their_recruiter(owner, open_study):
    token = make_link(open_study, recruiter="prolific").token
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        old = _migrated(BEFORE)
        link = old.get_model("surveys", "RecruitingLink").objects.get(token=token)
        group = old.get_model("surveys", "RespondentGroup").objects.create(
            study_id=open_study.pk, key="before", label="Before", kind="human"
        )
        assert link.recruiting_panel == "prolific"
        old.get_model("surveys", "Respondent").objects.create(
            study_id=open_study.pk,
            group=group,
            kind="human",
            link=link,
            recruiting_panel="prolific",
            panel_id="5f2c",
        )
    finally:
        _migrated(latest)
    person = Respondent.objects.get(recruiter_id="5f2c")
    assert (person.recruiter, person.link.recruiter, person.link.token) == (
        "prolific",
        "prolific",
        token,
    )


def test_an_address_that_was_given_out_before_still_lets_people_begin(open_study):
    link = make_link(open_study, recruiter="prolific")
    address = reverse("surveys:information", args=[link.token]) + "?PROLIFIC_PID=5f2c"
    assert Client().get(address).status_code == 200


def _migrated(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps
