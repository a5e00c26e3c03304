"""Writing the log: one row for each act of steering, in the transaction of the act itself."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.transaction import TransactionManagementError

from surveys.actors import Actor
from surveys.models import Action, AuditEntry, Study
from surveys.models.audit import LABEL_LENGTH, NAME_LENGTH

NOTHING: Mapping[str, Any] = {}


def record(
    *,
    by: Actor,
    action: Action,
    subject: Model,
    study: Study | None = None,
    label: str | None = None,
    before: Mapping[str, Any] = NOTHING,
    after: Mapping[str, Any] = NOTHING,
) -> AuditEntry:
    """Write down that `by` did `action` to `subject`; undone with the transaction it belongs to.

    `before` and `after` are settings by name, as plain JSON values: caps, status, counts, hashes.
    Answers, demographics, personas, tokens and keys are none. `label` stands in for the subject's
    own words, where those could name a person.

    Raises `TransactionManagementError` outside of a transaction: an act that fails later would
    leave a row of what never was.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError(
            f"{action} is recorded outside of a transaction; record it in the one that does it."
        )
    return AuditEntry.objects.create(
        actor_id=by.user_id,
        actor_name=by.called[:NAME_LENGTH],
        door=by.door,
        action=action,
        study=study,
        subject_kind=type(subject).__name__.lower(),
        subject_id=subject.pk,
        subject_label=(str(subject) if label is None else label)[:LABEL_LENGTH],
        before=dict(before),
        after=dict(after),
    )
