"""Sessions in the database, as Django keeps them, found by a query that is put together once.

Every page of the office and every poll begins with it.
"""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db.models import CharField, DateTimeField, QuerySet
from django.utils import timezone

from surveys.statements import Slot, Statement


def _good() -> QuerySet[AbstractBaseSession]:
    key, now = Slot(0, CharField()), Slot(1, DateTimeField())
    return DatabaseStore.get_model_class().objects.filter(session_key=key, expire_date__gt=now)


_found: Statement[AbstractBaseSession] = Statement(_good)


class SessionStore(DatabaseStore):
    """Django's, but for how a row is found."""

    def load(self) -> dict[str, Any]:
        """What the session holds; of one that is over nothing, and its key is forgotten."""
        row = _found.first(self.session_key or "", timezone.now())
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row.session_data)
