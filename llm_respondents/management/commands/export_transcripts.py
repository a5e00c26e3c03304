"""Write the transcripts of panels' sessions as JSON Lines."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from llm_respondents.readout.progress import require_panel_named
from llm_respondents.readout.transcripts import panel_transcript, study_transcripts
from surveys.management.base import Made, UseCaseCommand
from surveys.selectors import study_named


class Command(UseCaseCommand):
    help = "Write every call of the sessions of panels, word for word, as JSON Lines."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--study", required=True, help="The study's name.")
        parser.add_argument("--group", help="The panel's group (default: all of the study).")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.jsonl")

    def perform(self, *, study: str, group: str | None = None, out: Path, **_options: Any) -> Made:
        found = study_named(study)
        panel = require_panel_named(found, group) if group else None
        lines = panel_transcript(panel) if panel else study_transcripts(found)
        calls = 0
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("w", encoding="utf-8") as file:
            for line in lines:
                file.write(line + "\n")
                calls += 1
        following = "each line is one call as JSON; do not share it before you have read it"
        return Made([f"{calls} calls in {out}"], {"calls": calls, "file": str(out)}, following)
