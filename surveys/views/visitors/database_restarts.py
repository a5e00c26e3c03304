"""A database that is restarted over a page: the page is asked for again, and nobody notices."""

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse

from surveys.views.visitors.error_pages import is_of_participants, unavailable

logger = logging.getLogger(__name__)
# A server that is started anew takes some seconds; so long a browser waits for its page.
_WAITS = (0.1, 0.5, 1.0, 2.0, 4.0)
_READING = ("GET", "HEAD")
# Classes of SQLSTATE: connection exceptions; shut down, crashed, starting up.
_GONE = ("08", "57P")


class DatabaseRestarts:
    """Calls a view again whose connection was lost, once there is one.

    What people send can be repeated: every form of theirs carries a key by which the second is
    known, whether or not the first was stored. What members send is not repeated.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, as it is."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer of another try; a calm 503 where the database stays away."""
        may = is_of_participants(request) or request.method in _READING
        if not (may and _is_lost(exception)) or request.resolver_match is None:
            return None
        view, args, kwargs = request.resolver_match
        for seconds in _WAITS:
            logger.warning("The database went away over a page; it is asked for again")
            connection.close()
            time.sleep(seconds)
            try:
                answer: HttpResponse = view(request, *args, **kwargs)
            except (OperationalError, InterfaceError) as again:
                if not _is_lost(again):
                    raise
            else:
                return answer
        return unavailable(request)


def _is_lost(exception: Exception) -> bool:
    """Whether an error is the loss of the connection, not a complaint of the database.

    Judged by the error: when a transaction is left, a new connection has been made already.
    """
    if not isinstance(exception, OperationalError | InterfaceError):
        return False
    if connection.vendor != "postgresql":
        return False
    # Without a code it was never answered by the server.
    code = getattr(exception.__cause__, "sqlstate", None) or "08"
    return code.startswith(_GONE)
