"""Connections to the database are kept, and a restarted server is no error page."""

from urllib.request import urlopen

import pytest
from django.conf import settings
from django.db import connection
from factories import personal


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_restart_of_the_database_between_two_pages_is_not_noticed(live_server, person):
    address = live_server.url + personal("page", person, number=1)
    for _ in range(3):
        assert urlopen(address, timeout=30).status == 200
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert cursor.fetchone()[0] >= 1


def test_connections_to_a_file_are_kept_and_those_to_a_server_checked():
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        assert database["CONN_MAX_AGE"] > 0
    else:
        assert database["CONN_HEALTH_CHECKS"]


@pytest.mark.django_db
def test_a_file_keeps_nothing_of_a_row_that_was_deleted():
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA secure_delete").fetchone() == (1,)
