"""Write the PDF of a run."""

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from analysis.report.services import build_report
from analysis.runs.selectors import latest_run
from surveys.management.base import Made, SteeringCommand
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = "Write the report of the latest run of a study's plan as a PDF."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", help="The study's name.")
        parser.add_argument(
            "--plan", default="main", help="The frozen plan's name (default: main)."
        )
        parser.add_argument("--run", type=int, help="A run's number (default: the latest).")
        parser.add_argument("--page-size", choices=("A4", "Letter"), default="A4")
        parser.add_argument("--out", type=Path, metavar="FILE.pdf", help="Copy the PDF to here.")

    def perform(
        self,
        *,
        study: str,
        plan: str,
        run: int | None,
        page_size: str,
        out: Path | None,
        by: Actor,
        **_options: Any,
    ) -> Made:
        report = build_report(run=latest_run(study, plan, run), page_size=page_size, by=by)
        path = Path(report.file.path)
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            path = Path(shutil.copyfile(path, out))
        facts = {
            "report": report.pk,
            "run": report.run_id,
            "file": str(path),
            "sha256": report.sha256,
            "bytes": path.stat().st_size,
        }
        return Made(lines=[f"{path} ({facts['bytes']:,} bytes)"], facts=facts)
