"""Write the report of a run, and its supplement."""

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from analysis.report.services import build_report
from analysis.runs.selectors import latest_run
from surveys.management.base import Made, SteeringCommand
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = "Write the report of the latest run of a study's plan, and its supplement, as PDFs."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", help="The study's name.")
        parser.add_argument(
            "--plan", default="main", help="The frozen plan's name (default: main)."
        )
        parser.add_argument("--run", type=int, help="A run's number (default: the latest).")
        parser.add_argument("--page-size", choices=("A4", "Letter"), default="A4")
        parser.add_argument(
            "--out",
            type=Path,
            metavar="FILE.pdf",
            help="Copy the report to here, and its supplement to FILE-supplement.pdf.",
        )
        parser.add_argument(
            "--only", choices=("report", "supplement"), help="Copy one of them, to --out itself."
        )

    def perform(
        self,
        *,
        study: str,
        plan: str,
        run: int | None,
        page_size: str,
        out: Path | None,
        only: str | None = None,
        by: Actor,
        **_options: Any,
    ) -> Made:
        report = build_report(run=latest_run(study, plan, run), page_size=page_size, by=by)
        files = {"report": report.file, "supplement": report.supplement}
        paths = {
            name: _copied(Path(file.path), _target(out, name, only))
            for name, file in files.items()
            if only in (None, name)
        }
        facts = {
            "report": report.pk,
            "run": report.run_id,
            **{name if name == "supplement" else "file": str(path) for name, path in paths.items()},
            "sha256": report.sha256,
            "supplement_sha256": report.supplement_sha256,
            "bytes": sum(path.stat().st_size for path in paths.values()),
        }
        lines = [f"{path} ({path.stat().st_size:,} bytes)" for path in paths.values()]
        following = f"manage.py build_archive {study} --out archive.zip, for others to check it"
        return Made(lines=lines, facts=facts, following=following)


def _target(out: Path | None, name: str, only: str | None) -> Path | None:
    """Where a document is copied to, if anywhere: the supplement beside the report."""
    if out is None or name == "report" or only is not None:
        return out
    return out.with_name(f"{out.stem}-supplement{out.suffix}")


def _copied(stored: Path, target: Path | None) -> Path:
    if target is None:
        return stored
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(stored, target))
