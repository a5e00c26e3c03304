"""Where somebody is signed in: counted, and ended everywhere but here."""

from collections.abc import Iterator

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from surveys.models import Action
from surveys.services.audit import Actor, record


def other_sessions(user: AbstractBaseUser, keep: str) -> list[Session]:
    """The sessions of a user that are good, without the one of this key.

    Who a session belongs to is inside it: all are read. Only members have any, people who take part
    have none.
    """
    return list(_sessions_of(user, keep))


def _sessions_of(user: AbstractBaseUser, keep: str) -> Iterator[Session]:
    good = Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=keep)
    for session in good.iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            yield session


@transaction.atomic
def end_sessions(*, user: AbstractBaseUser, by: Actor, keep: str = "") -> int:
    """Sign a user out everywhere, but where `keep` is the key of the session; how many."""
    keys = [session.pk for session in other_sessions(user, keep)]
    Session.objects.filter(pk__in=keys).delete()
    if keys:
        record(by=by, action=Action.SESSIONS_ENDED, subject=user, after={"ended": len(keys)})
    return len(keys)
