"""How far the batches of a panel are, and what becomes of one that its provider lost."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from llm_respondents.batches.states import BatchState, batch_states
from llm_respondents.money.lines import in_currency
from llm_respondents.readout.progress import panel_numbered
from llm_respondents.services import LostBatch, count_batch_as_lost
from surveys.management.base import Made, SteeringCommand
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = (
        "Show how far the batches of a panel are, as they were last seen. With --count-as-lost a "
        "batch that its provider does not know any more is given up: what was held back for it "
        "counts as spent, and `run_panel --panel ID --batch` asks its questions again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--panel", type=int, required=True, metavar="ID")
        parser.add_argument(
            "--count-as-lost", type=int, metavar="BATCH", help="Give up this unknown batch."
        )
        parser.add_argument(
            "--not-billed",
            action="store_true",
            help="With --count-as-lost: the bill shows that it cost nothing.",
        )

    def perform(
        self, *, panel: int, count_as_lost: int | None, not_billed: bool, by: Actor, **_options: Any
    ) -> Made:
        found = panel_numbered(panel)
        lines: list[str] = []
        facts: dict[str, Any] = {"panel": panel}
        if count_as_lost is not None:
            lost = count_batch_as_lost(
                panel=found, batch_id=count_as_lost, billed=not not_billed, by=by
            )
            lines, facts["lost"] = _lost_lines(panel, lost), asdict(lost)
        states = batch_states(found)
        lines += [_line(state) for state in states] or ["The panel has no batches."]
        following = f"manage.py run_panel --panel {panel} --batch collects and goes on"
        facts |= {"batches": [state.as_json() for state in states]}
        return Made(lines, facts, following)


def _lost_lines(panel: int, lost: LostBatch) -> list[str]:
    booked = (
        f"{in_currency(lost.spent_nano)} count as spent"
        if lost.spent_nano
        else f"{in_currency(lost.freed_nano)} are free again"
    )
    return [
        f"Batch {lost.batch_id} is given up with {lost.calls} calls; {booked}.",
        f"run_panel --panel {panel} --batch asks them again.",
    ]


def _line(state: BatchState) -> str:
    name = f" ({state.provider_id})" if state.provider_id else ""
    parts = [
        f"Batch {state.id}{name}, wave {state.wave}: {state.status}",
        f"{state.calls} calls, {state.calls - state.collected} without a reply so far"
        if state.is_open
        else f"{state.calls} calls",
    ]
    if state.is_open and state.provider_status:
        parts.append(f"at the provider: {state.provider_status}")
    if state.is_open and state.deadline:
        parts.append(f"due by {state.deadline:%Y-%m-%d %H:%M} UTC")
    return ", ".join(parts) + (f"; {state.detail}" if state.detail else "")
