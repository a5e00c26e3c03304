"""What becomes of a batch that its provider does not know any more: somebody has to say it."""

from dataclasses import dataclass

from django.db import transaction

from llm_respondents.batches.states import UNKNOWN
from llm_respondents.codes import BatchRemark, Refusal
from llm_respondents.errors import PanelStateError
from llm_respondents.models import Batch, Panel
from llm_respondents.store.leases import held
from llm_respondents.store.tallies import forget_tally
from surveys.models import Action
from surveys.services.audit import Actor, record


@dataclass(frozen=True, slots=True)
class LostBatch:
    """A batch that was given up: so many calls will be made again, and what is booked for them."""

    batch_id: int
    calls: int
    spent_nano: int
    freed_nano: int


@transaction.atomic
def count_batch_as_lost(
    *, panel: Panel, batch_id: int, by: Actor, billed: bool = True
) -> LostBatch:
    """Give up a batch that its provider does not know; its questions can then be asked again.

    What was held back for its calls counts as spent, the most that they can have cost; with
    `billed` false it is free again, for whoever has seen on the bill that nothing was charged.

    Raises `PanelStateError` (`batch_missing`, `batch_not_lost`, `batch_held`).
    """
    # The client is not loaded for this, but a web process need not load the runner either.
    from llm_respondents.batches.store import GivenUp, give_up_batch

    Panel.objects.select_for_update().get(pk=panel.pk)
    batch = Batch.objects.select_for_update().filter(panel=panel, pk=batch_id).first()
    if batch is None:
        raise PanelStateError(Refusal.BATCH_MISSING, panel=str(panel), batch=batch_id)
    if batch.status != Batch.Status.SUBMITTED or batch.provider_status != UNKNOWN:
        state = batch.provider_status or batch.status
        raise PanelStateError(Refusal.BATCH_NOT_LOST, batch=batch_id, state=state)
    if held(panel.pk).filter(batch_calls__batch=batch, batch_calls__collected=False).exists():
        raise PanelStateError(Refusal.BATCH_HELD, batch=batch_id)
    panel.refresh_from_db(fields=("reserved_nano", "spent_nano"))
    before = panel.reserved_nano
    remark = BatchRemark.COUNTED_AS_LOST if billed else BatchRemark.LOST_UNBILLED
    given_up = GivenUp(remark, status=UNKNOWN, billed=billed)
    calls = give_up_batch(panel.pk, batch.pk, given_up)
    forget_tally(panel.pk)
    panel.refresh_from_db(fields=("reserved_nano", "spent_nano"))
    freed = before - panel.reserved_nano
    lost = LostBatch(batch.pk, calls, freed if billed else 0, 0 if billed else freed)
    booked = {"calls": calls, "spent_nano": lost.spent_nano, "freed_nano": lost.freed_nano}
    record(
        by=by,
        action=Action.BATCH_LOST,
        study=panel.study,
        subject=batch,
        label=str(panel),
        after={"wave": batch.wave, "billed": billed, **booked},
    )
    return lost
