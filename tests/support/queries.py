"""How often something asks the database."""

from collections.abc import Callable, Collection
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from surveys.selectors import forget_frozen_studies


def queries_of(call: Callable[[], Any], *, apart_from: Collection[str] = ()) -> int:
    """Queries that `call` makes of an installation that has just started.

    Those that hold one of the words `apart_from` are not counted.
    """
    forget_frozen_studies()
    with CaptureQueriesContext(connection) as captured:
        call()
    # Of a statement that its server keeps prepared, the text is not told.
    asked = [query["sql"] or "" for query in captured.captured_queries]
    return len([sql for sql in asked if not any(word in sql for word in apart_from)])
