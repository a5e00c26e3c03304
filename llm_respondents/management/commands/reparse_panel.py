"""Read a panel's stored replies again with today's parser; nothing is asked anew."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from llm_respondents.readout.collected import collected_group_named
from llm_respondents.readout.progress import panel_numbered
from llm_respondents.services import reparse_panel
from llm_respondents.services.reparsing import reparse_collected
from surveys.management.base import Made, SteeringCommand
from surveys.selectors import study_named
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = (
        "Show which answers of a panel today's parser reads differently from the stored replies. "
        "With --apply they are recorded, and what they were is kept as a revision."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--panel", type=int, metavar="ID")
        which.add_argument("--imported", metavar="STUDY/GROUP", help="Imported model answers.")
        parser.add_argument("--apply", action="store_true", help="Record the differences.")

    def perform(
        self,
        *,
        panel: int | None = None,
        imported: str | None = None,
        apply: bool,
        by: Actor,
        **_options: Any,
    ) -> Made:
        if imported is not None:
            slug, _, key = imported.partition("/")
            group = collected_group_named(study_named(slug), key)
            changes = reparse_collected(group=group, apply=apply, by=by)
        else:
            assert panel is not None
            changes = reparse_panel(panel=panel_numbered(panel), apply=apply, by=by)
        kinds = Counter(f"{change.before} → {change.after}" for change in changes)
        lines = [f"{count:6}  {kind}" for kind, count in kinds.most_common()]
        done = "recorded" if apply else "found; --apply records them"
        return Made(
            [*lines, f"{len(changes)} differences {done}."],
            {
                "panel": panel,
                "imported": imported,
                "applied": apply,
                "changes": [asdict(change) for change in changes],
            },
            "fit the models again" if apply else f"manage.py reparse_panel {panel} --apply",
        )
