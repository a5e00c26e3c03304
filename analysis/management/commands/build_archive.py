"""Write the replication archive of a run."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from analysis.archive.services import build_archive
from analysis.runs.selectors import latest_run
from surveys.management.base import Made, SteeringCommand
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = "Write the replication archive of the latest run of a study's plan as a zip file."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", help="The study's name.")
        parser.add_argument(
            "--plan", default="main", help="The frozen plan's name (default: main)."
        )
        parser.add_argument("--run", type=int, help="A run's number (default: the latest).")
        parser.add_argument(
            "--out", type=Path, required=True, metavar="FILE.zip", help="Where to write it."
        )
        parser.add_argument(
            "--transcripts",
            action="store_true",
            help="Show transcripts whole, with the personas that models spoke as.",
        )
        parser.add_argument(
            "--demographics",
            action="store_true",
            help="Add the demographic answers of single people.",
        )

    def perform(
        self,
        *,
        study: str,
        plan: str,
        run: int | None,
        out: Path,
        transcripts: bool,
        demographics: bool,
        by: Actor,
        **_options: Any,
    ) -> Made:
        chosen = latest_run(study, plan, run)
        archive = build_archive(
            run=chosen, by=by, redact=not transcripts, demographics=demographics
        )
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(archive.content)
        facts = {
            "run": chosen.pk,
            "file": str(out),
            "sha256": archive.sha256,
            "bytes": len(archive.content),
        }
        lines = [f"{out} ({facts['bytes']:,} bytes)", f"SHA-256 {archive.sha256}"]
        following = "unpack it and run Rscript lavaan/reproduce.R there"
        return Made(lines=lines, facts=facts, following=following)
