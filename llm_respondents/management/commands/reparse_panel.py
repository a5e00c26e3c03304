"""Read a panel's stored replies again with today's parser; nothing is asked anew."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from llm_respondents.readout.progress import panel_numbered
from llm_respondents.services import reparse_panel
from surveys.management.base import Made, SteeringCommand
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = (
        "Show which answers of a panel today's parser reads differently from the stored replies. "
        "With --apply they are recorded, and what they were is kept as a revision."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--panel", type=int, required=True, metavar="ID")
        parser.add_argument("--apply", action="store_true", help="Record the differences.")

    def perform(self, *, panel: int, apply: bool, by: Actor, **_options: Any) -> Made:
        changes = reparse_panel(panel=panel_numbered(panel), apply=apply, by=by)
        kinds = Counter(f"{change.before} → {change.after}" for change in changes)
        lines = [f"{count:6}  {kind}" for kind, count in kinds.most_common()]
        done = "recorded" if apply else "found; --apply records them"
        return Made(
            [*lines, f"{len(changes)} differences {done}."],
            {"panel": panel, "applied": apply, "changes": [asdict(change) for change in changes]},
        )
