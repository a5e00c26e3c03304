"""How far the batches of a panel are, as they were last seen, and how many lie ahead. Nobody is
called.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum

from llm_respondents.batches.waves import waves_left
from llm_respondents.models import Attempt, Batch, Panel
from llm_respondents.readout.sentences import remark_of
from llm_respondents.store.leases import unfinished, work_items

# How long a provider takes for a batch, at most or by its own aim.
WINDOW = timedelta(hours=24)
# The provider's status, in our words, of a batch that the provider does not know any more.
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class BatchState:
    """One batch: of its `calls` so many are `collected`, or given up; `status` is `Batch.Status`.

    `provider_status` is the provider's own word, or `UNKNOWN`; `remark` is a `codes.BatchRemark`
    and `detail` its sentence in the reader's language, with what the provider said. `deadline` is
    the time by which the provider means to be done; None before the batch is sent. Amounts are in
    nano.
    """

    id: int
    wave: int
    provider_id: str
    status: str
    provider_status: str
    remark: str
    detail: str
    calls: int
    collected: int
    reserved_nano: int
    created_at: datetime
    submitted_at: datetime | None
    deadline: datetime | None
    ended_at: datetime | None

    @property
    def status_in_words(self) -> str:
        """The status in the reader's language."""
        return str(Batch.Status(self.status).label)

    @property
    def is_open(self) -> bool:
        """Whether replies may still come of it."""
        return self.status in (Batch.Status.PREPARING, Batch.Status.SUBMITTED)

    @property
    def is_unknown(self) -> bool:
        """Whether somebody has to say what becomes of it: the provider knows it no more."""
        return self.is_open and self.provider_status == UNKNOWN

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs; times as text."""
        facts = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }
        return {**facts, "is_open": self.is_open, "is_unknown": self.is_unknown}


def batch_states(panel: Panel) -> list[BatchState]:
    """The batches of a panel in the order in which they were made; cheap enough to be polled."""
    waiting = Q(calls__collected=False)
    batches = (
        Batch.objects.filter(panel=panel)
        .annotate(
            all=Count("calls"),
            outstanding=Count("calls", filter=waiting),
            held=Sum("calls__reserved_nano", filter=waiting, default=0),
        )
        .order_by("wave", "pk")
    )
    return [
        BatchState(
            id=batch.pk,
            wave=batch.wave,
            provider_id=batch.provider_id,
            status=batch.status,
            provider_status=batch.provider_status,
            remark=batch.remark,
            detail=str(remark_of(batch.remark, batch.remark_args)),
            calls=batch.all,
            collected=batch.all - batch.outstanding,
            reserved_nano=batch.held,
            created_at=batch.created_at,
            submitted_at=batch.submitted_at,
            deadline=batch.submitted_at + WINDOW if batch.submitted_at else None,
            ended_at=batch.ended_at,
        )
        for batch in batches
    ]


def waves_ahead(panel_id: int) -> int:
    """How many batches, one after the other, the open sessions of a panel need at least.

    Of each arm the session that has closed the fewest turns decides: only those are read.
    """
    closed = dict(
        Attempt.objects.filter(
            administration__in=unfinished(panel_id).order_by().values("pk"),
            closes_turn=True,
            used=True,
        )
        .order_by()
        .values_list("administration")
        .annotate(Count("turn", distinct=True))
    )
    furthest_behind: dict[str, int] = {}
    pairs = unfinished(panel_id).order_by("pk")
    for pk, arm in pairs.values_list("pk", "respondent__panel_member__cell__arm"):
        known = furthest_behind.setdefault(str(arm), pk)
        if closed.get(pk, 0) < closed.get(known, 0):
            furthest_behind[str(arm)] = pk
    items = work_items(panel_id, sorted(furthest_behind.values()))
    return max(map(waves_left, items), default=0)
