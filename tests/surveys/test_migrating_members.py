"""Members of the version before: collaborators become editors, and back."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("surveys", "0034_bounces")]
AFTER = [("surveys", "0035_four_roles")]


@pytest.mark.django_db(transaction=True)
def test_collaborators_are_editors_after_the_upgrade(open_study):
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        old = _migrated(BEFORE).get_model("surveys", "Membership")
        roles = dict(old.objects.values_list("user__username", "role"))
        assert roles == {"owner": "owner", "collaborator": "collaborator"}
        new = _migrated(AFTER).get_model("surveys", "Membership")
        roles = dict(new.objects.values_list("user__username", "role"))
        assert roles == {"owner": "owner", "collaborator": "editor"}
    finally:
        _migrated(latest)


def _migrated(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return MigrationExecutor(connection).loader.project_state(targets).apps
