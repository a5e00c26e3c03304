"""An installation of versions before is brought up to date, and everybody finds what they had.

To go back and forth takes seconds, whatever there is: all is prepared first, and goes together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from factories import TESTER, make_draft, make_link, make_person, make_study_of_two, make_user
from pytest_django.plugin import DjangoDbBlocker

from surveys import selectors, services
from surveys.instrument_files import bundled_study
from surveys.models import Administration, Membership, RecruitingLink, Respondent, Study, Submission

# Before recruiters had their name, submissions their door, and studies a word on who may begin.
OLDEST = [("surveys", "0003_audit_log")]
TWO_ROLES = [("surveys", "0034_bounces")]
FOUR_ROLES = [("surveys", "0035_four_roles")]

Roles = set[tuple[str, str]]
# Slug of a study -> the contact of its consent, whether somebody real has begun.
STUDIES = {
    "placeholder": ("[name, e-mail]", False),
    "placeholder-and-begun": ("[name, e-mail]", True),
    "footnote": ("Ada [1]", False),
}


@dataclass(frozen=True)
class Upgraded:
    """What was known before, and the roles that members had on the way."""

    token: str
    roles: tuple[Roles, Roles]


def _migrated(targets: list[tuple[str, str]]) -> Any:
    MigrationExecutor(connection).migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps


def _roles(apps: Any) -> Roles:
    found = apps.get_model("surveys", "Membership").objects.filter(study__slug="privacy-prosocial")
    return set(found.values_list("user__username", "role"))


def _study(slug: str, contact: str, *, begun: bool) -> None:
    definition = replace(bundled_study("privacy-prosocial"), slug=slug)
    draft = make_draft(make_user(slug), definition)
    study = services.open_study(study=draft, by=TESTER)
    make_person(make_link(study, simulated=True))
    if begun:
        make_person(make_link(study))
    study.consent_texts.update(contact=contact)


def _of_the_oldest(apps: Any, link_token: str, administration: int) -> None:
    """Rows as the oldest version wrote them."""
    link = apps.get_model("surveys", "RecruitingLink").objects.get(token=link_token)
    assert link.recruiting_panel == "prolific"
    group = apps.get_model("surveys", "RespondentGroup").objects.create(
        study_id=link.study_id, key="before", label="Before", kind="human"
    )
    apps.get_model("surveys", "Respondent").objects.create(
        study_id=link.study_id,
        group=group,
        kind="human",
        link=link,
        recruiting_panel="prolific",
        panel_id="5f2c",
    )
    apps.get_model("surveys", "Submission").objects.create(
        administration_id=administration, idempotency_key="before"
    )


def _upgraded() -> Upgraded:
    open_study = services.open_study(
        study=make_study_of_two(make_user("owner"), make_user("collaborator")), by=TESTER
    )
    token = make_link(open_study, recruiter="prolific").token
    person = make_person(make_link(open_study))
    for slug, (contact, begun) in STUDIES.items():
        _study(slug, contact, begun=begun)
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        two_roles = _roles(_migrated(TWO_ROLES))
        _of_the_oldest(_migrated(OLDEST), token, person.pk)
        four_roles = _roles(_migrated(FOUR_ROLES))
    finally:
        _migrated(latest)
    return Upgraded(token, (two_roles, four_roles))


@pytest.fixture(scope="module")
def upgraded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Upgraded]:
    """Tables cannot be altered in the transaction that a test is: what is stored is deleted."""
    with django_db_blocker.unblock():
        selectors.forget_frozen_studies()
        try:
            yield _upgraded()
        finally:
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


pytestmark = pytest.mark.django_db


def test_links_and_people_keep_their_recruiter(upgraded):
    person = Respondent.objects.get(recruiter_id="5f2c")
    assert (person.recruiter, person.link.recruiter, person.link.token) == (
        "prolific",
        "prolific",
        upgraded.token,
    )


def test_submissions_without_a_door_are_not_recorded(upgraded):
    assert Submission.objects.get(idempotency_key="before").door == "not_recorded"


@pytest.mark.parametrize(
    ("slug", "may_begin"),
    [("placeholder", False), ("placeholder-and-begun", True), ("footnote", True)],
)
def test_where_nobody_real_has_begun_none_reads_a_place_to_fill_in(upgraded, slug, may_begin):
    study = Study.objects.get(slug=slug)
    assert (study.people_may_begin, study.archived_at, study.previous) == (may_begin, None, None)
    _contact, begun = STUDIES[slug]
    assert RecruitingLink.objects.filter(study=study).count() == 1 + begun


def test_everybody_is_in_the_group_of_their_respondent(upgraded):
    pairs = Administration.objects.values_list("group", "respondent__group")
    assert len(pairs) > len(STUDIES)
    assert all(own == of_respondent for own, of_respondent in pairs)


def test_collaborators_are_editors(upgraded):
    before, after = upgraded.roles
    assert before == {("owner", "owner"), ("collaborator", "collaborator")}
    assert after == {("owner", "owner"), ("collaborator", "editor")}
    members = Membership.objects.filter(study__slug="privacy-prosocial")
    assert set(members.values_list("user__username", "role")) == after
