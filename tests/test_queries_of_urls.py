"""How often an address asks the database, whichever it is: of all that the resolver knows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from test_roles_of_urls import OURS, Site, rolled_back

from surveys.jobs.workers import say_alive

pytestmark = pytest.mark.django_db

# Nothing but what begins and ends a piece of a transaction.
NOT_ASKED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
AT_MOST = 15


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with rolled_back(django_db_blocker):
        made = Site()
        say_alive("another-host:1:0000")
        yield made


def asked(site: Site, name: str) -> int:
    """Queries of a GET by the study's owner, after one that counted what is counted once."""
    address = OURS[name]
    where = site.path(address)
    if name == "people-list":
        where += f"?study={site.study.slug}"
    client = site.clients["owner"]
    b"".join(client.get(where))
    with CaptureQueriesContext(connection) as captured:
        b"".join(client.get(where))
    return len([one for one in captured if not one["sql"].startswith(NOT_ASKED)])


@pytest.mark.parametrize("name", sorted(OURS))
def test_an_address_asks_seldom(site, name):
    assert asked(site, name) <= AT_MOST
