"""The log: who acts, through which door, and the row that each act of steering leaves.

Every use case that steers is told `by` whom, an `Actor`, and calls `record` in its own transaction.
That is the last lock too: whoever is named must have the role that the act needs (`surveys.roles`),
whichever door was forgotten. Doors ask before, so that nobody is shown a form in vain.
"""

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Model
from django.db.transaction import TransactionManagementError

from surveys.models import Action, AuditEntry, Door, Study
from surveys.models.audit import LABEL_LENGTH, NAME_LENGTH
from surveys.roles import Act
from surveys.selectors import role_in
from surveys.services.access.acts import ACT_OF
from surveys.services.access.refusals import require_role

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Actor:
    """A user at a door; or only a name, where a command's operator has no user here."""

    door: Door
    user: AbstractBaseUser | None = None
    name: str = ""

    @property
    def user_id(self) -> int | None:
        """The user's key; None where there is no user."""
        return self.user.pk if self.user else None

    @property
    def called(self) -> str:
        """The name that is kept, also when the user is gone."""
        return self.name or (self.user.get_username() if self.user else "")

    def as_json(self) -> dict[str, Any]:
        """Plain values that a queued job carries; `job_actor` reads them."""
        return {"user": self.user_id, "name": self.called}


# Whoever holds the token of an administration. Nobody's name is known or kept.
PARTICIPANT = Actor(Door.PARTICIPANT)


def page_actor(user: AbstractBaseUser | AnonymousUser) -> Actor:
    """Whoever uses a page. Raises `PermissionDenied` for one who is not logged in."""
    return _logged_in(Door.PAGE, user)


def rest_actor(user: AbstractBaseUser | AnonymousUser) -> Actor:
    """Whoever sends a REST request. Raises `PermissionDenied` for one who is not known."""
    return _logged_in(Door.REST, user)


def command_actor(user: AbstractBaseUser | None = None) -> Actor:
    """Whoever runs a command: a user that was named, else the operating system's account."""
    return Actor(Door.COMMAND, user) if user else Actor(Door.COMMAND, name=_account())


def job_actor(queued_by: Mapping[str, Any]) -> Actor:
    """A job, on behalf of whoever queued it (`Actor.as_json`), also if the user is gone since."""
    user = get_user_model().objects.filter(pk=queued_by["user"]).first()
    return Actor(Door.JOB, user, queued_by["name"])


def require(*, by: Actor, study: Study, act: Act) -> None:
    """Raise `RoleNeeded` where `by` is a user whose role in the study is not enough for `act`.

    A command that names nobody is the operator's; a job was allowed when it was queued; people
    act for themselves.
    """
    if by.user is None or by.door not in _ASKED:
        return
    require_role(role_in(study, by.user), act)


_ASKED = (Door.PAGE, Door.REST, Door.COMMAND)


def record(
    *,
    by: Actor,
    action: Action,
    subject: Model | str,
    study: Study | None = None,
    label: str | None = None,
    before: Mapping[str, Any] = NOTHING,
    after: Mapping[str, Any] = NOTHING,
    made_now: bool = False,
) -> AuditEntry:
    """Write down that `by` did `action` to `subject`; undone with the transaction it belongs to.

    `before` and `after` are settings by name, as plain JSON values: caps, status, counts, hashes.
    Answers, demographics, personas, tokens and keys are none. `label` stands in for the subject's
    own words, where those could name a person or are a sentence: the log is read in more languages
    than one (`surveys.workspace.log_words`), and keeps names, codes and keys. A subject that is no
    row has a name for its kind. A study that is `made_now` has nobody to ask yet.

    Raises `RoleNeeded`, as `require` does. Raises `TransactionManagementError` outside of a
    transaction: an act that fails later would leave a row of what never was.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            f"{action} is recorded outside of a transaction; record it in the one that does it."
        )
    act = ACT_OF[action]
    if study is not None and act is not None and not made_now:
        require(by=by, study=study, act=act)
    return AuditEntry.objects.create(
        actor_id=by.user_id,
        actor_name=by.called[:NAME_LENGTH],
        door=by.door,
        action=action,
        study=study,
        subject_kind=subject if isinstance(subject, str) else type(subject).__name__.lower(),
        subject_id=None if isinstance(subject, str) else subject.pk,
        subject_label=(str(subject) if label is None else label)[:LABEL_LENGTH],
        before=dict(before),
        after=dict(after),
    )


def _logged_in(door: Door, user: AbstractBaseUser | AnonymousUser) -> Actor:
    if not isinstance(user, AbstractBaseUser):
        raise PermissionDenied
    return Actor(door, user)


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user need not have a name.
        return f"uid {os.getuid()}"
