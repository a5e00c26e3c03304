"""Write the transcripts of a panel's sessions as JSON Lines."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from llm_respondents.readout.progress import require_panel_named
from llm_respondents.readout.transcripts import transcript_lines
from surveys.management.base import Made, UseCaseCommand
from surveys.selectors import study_named


class Command(UseCaseCommand):
    help = "Write every call of a panel's sessions, word for word, as JSON Lines."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--study", required=True, help="The study's name.")
        parser.add_argument("--group", required=True, help="The panel's group.")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.jsonl")

    def perform(self, *, study: str, group: str, out: Path, **_options: Any) -> Made:
        panel = require_panel_named(study_named(study), group)
        calls = 0
        with out.open("w", encoding="utf-8") as file:
            for line in transcript_lines(panel.group):
                file.write(line + "\n")
                calls += 1
        return Made([f"{calls} calls in {out}"], {"calls": calls, "file": str(out)})
