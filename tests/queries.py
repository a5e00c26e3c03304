"""How often something asks the database."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from surveys.selectors import forget_frozen_studies


def queries_of(call: Callable[[], Any], *, apart_from: str = "\0") -> int:
    """Queries that `call` makes of an installation that has just started.

    Those that name the table `apart_from` are not counted.
    """
    forget_frozen_studies()
    with CaptureQueriesContext(connection) as captured:
        call()
    return sum(apart_from not in query["sql"] for query in captured.captured_queries)
