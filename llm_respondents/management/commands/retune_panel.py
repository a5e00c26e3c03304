"""Set the pace and the cap of a panel while it runs."""

from decimal import Decimal
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from llm_respondents.codes import Refusal
from llm_respondents.errors import PanelSpecError
from llm_respondents.management.panel_lines import facts_of
from llm_respondents.money.lines import in_currency
from llm_respondents.readout.progress import panel_numbered
from llm_respondents.services import cap_spend, retune_panel
from surveys.management.base import Made, SteeringCommand
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = (
        "Set how many calls each worker of the queue makes at once for a panel, its spend cap, or "
        "both. A worker that is at the panel does so within seconds."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("panel", type=int, metavar="PANEL")
        parser.add_argument("--concurrency", type=int, metavar="N", help="0: as the list says.")
        parser.add_argument("--spend-cap", type=Decimal, metavar="AMOUNT")

    @transaction.atomic
    def perform(
        self,
        *,
        panel: int,
        concurrency: int | None,
        spend_cap: Decimal | None,
        by: Actor,
        **_options: Any,
    ) -> Made:
        found = panel_numbered(panel)
        if concurrency is None and spend_cap is None:
            raise PanelSpecError(Refusal.NOTHING_TO_RETUNE)
        if concurrency is not None:
            retune_panel(panel=found, concurrency=concurrency or None, by=by)
        if spend_cap is not None:
            cap_spend(panel=found, cap=spend_cap, by=by)
        pace = found.concurrency or "as many as the list of endpoints says"
        cap = found.spend_cap_nano
        held = "none" if cap is None else in_currency(cap)
        line = f"Panel {found.pk} ({found}): calls at once {pace}, spend cap {held}."
        facts = {**facts_of(found), "concurrency": found.concurrency}
        return Made([line], facts, "a worker at the panel does so within seconds")
