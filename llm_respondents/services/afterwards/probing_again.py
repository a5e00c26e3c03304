"""Probing a panel's endpoint anew, when something about it may have changed."""

from asgiref.sync import async_to_sync, sync_to_async
from django.db import transaction

from llm_respondents.codes import FOUND_BY_CALLING, Halt, Refusal
from llm_respondents.design.spec import PanelSpec
from llm_respondents.errors import PanelStateError
from llm_respondents.models import Panel
from llm_respondents.readout.progress import panel_numbered
from llm_respondents.services.method import record_method
from llm_respondents.services.named_endpoints import Terms, terms_of
from llm_respondents.services.runs import require_price
from llm_respondents.services.steering import NO_HALT
from llm_respondents.services.workers import make_provider, queue_options, require_provider
from surveys.services.audit import Actor


def require_endpoint(panel: Panel) -> Terms:
    """See to it that a panel can be probed; on what terms.

    Raises `PanelStateError` (`panel_over`, `nothing_to_probe`, `price_unknown`,
    `endpoints_unreadable`) and `MissingKey`.
    """
    spec = PanelSpec.from_stored(panel.spec)
    if panel.is_over:
        raise PanelStateError(Refusal.PANEL_OVER, panel=str(panel))
    if spec.simulated:
        raise PanelStateError(Refusal.NOTHING_TO_PROBE)
    require_provider(spec)
    terms = terms_of(spec)
    require_price(panel, spec, terms.price)
    return terms


def probe_again(*, panel_id: int, by: Actor) -> Halt | None:
    """Probe the endpoint of a panel anew; return what keeps the panel from running, if so.

    Its findings take the place of those before, and hold for whoever begins to work afterwards. A
    panel that had halted for what the endpoint did, and would not any more, is ready again.
    Sessions that have begun go on with their instruction where it stands.

    Raises as `require_endpoint` does, and `PanelStateError` (`panel_unknown`).
    """
    panel = panel_numbered(panel_id)
    terms = require_endpoint(panel)
    halt = async_to_sync(_probe)(panel, terms, by)
    _tell(panel, halt)
    record_method(panel)
    return halt


async def _probe(panel: Panel, terms: Terms, by: Actor) -> Halt | None:
    # The client takes two seconds to load; only a worker that calls an endpoint pays for it.
    from llm_respondents.providers.endpoint import EndpointProvider
    from llm_respondents.services.probing import objection, probe_now

    spec = PanelSpec.from_stored(panel.spec)
    provider = await sync_to_async(make_provider)(panel.study, spec, queue_options(spec))
    try:
        assert isinstance(provider, EndpointProvider), "whatever is not scripted is an endpoint"
        return await probe_now(panel, provider, terms, by=by) or objection(panel)
    finally:
        await provider.aclose()


@transaction.atomic
def _tell(panel: Panel, halt: Halt | None) -> None:
    """Set the status that follows, unless somebody works on the panel or has ended it."""
    panel.refresh_from_db(from_queryset=Panel.objects.select_for_update())
    if panel.status not in (Panel.Status.READY, Panel.Status.HALTED):
        return
    still = Panel.objects.filter(pk=panel.pk)
    if halt:
        arguments = dict(halt.arguments)
        still.update(status=Panel.Status.HALTED, halt_code=halt.code, halt_args=arguments)
    elif panel.halt_code in FOUND_BY_CALLING:
        still.update(status=Panel.Status.READY, **NO_HALT)
    panel.refresh_from_db()
