"""Carry out a frozen plan on the answers there are."""

import os
from typing import Any

from django.core.management.base import CommandParser

from analysis.runs.selectors import plan_named, summary_rows
from analysis.runs.services import fit_models
from analysis.runs.summary import summary_lines
from surveys.jobs.watch import Conduct
from surveys.management.base import Made, SteeringCommand
from surveys.management.progress import ProgressBar
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = "Fit the models of a frozen plan to people and panels, and compare them."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", help="The study's name.")
        parser.add_argument(
            "--plan", default="main", help="The frozen plan's name (default: main)."
        )
        parser.add_argument("--seed", type=int, help="Seed of random draws (default: the plan's).")
        parser.add_argument("--preview", action="store_true", help="Draw less: a quick look.")
        parser.add_argument(
            "--processes",
            type=int,
            default=os.cpu_count() or 1,
            metavar="N",
            help="Work at once (default: one per core). The result does not depend on it.",
        )

    def perform(
        self,
        *,
        study: str,
        plan: str,
        seed: int | None,
        preview: bool,
        processes: int,
        verbosity: int,
        by: Actor,
        **_options: Any,
    ) -> Made:
        with _Bars(quiet=verbosity == 0) as bars:
            run = fit_models(
                plan=plan_named(study, plan),
                by=by,
                seed=seed,
                preview=preview,
                conduct=Conduct(processes, progress=bars.show),
            )
        rows = summary_rows(run)
        facts = {
            "run": run.pk,
            "study": study,
            "plan": plan,
            "plan_sha256": run.plan.sha256,
            "data_sha256": run.data_sha256,
            "groups": rows,
            "summary": summary_lines(rows),
        }
        following = f"manage.py build_report {study} --out report.pdf"
        return Made(lines=summary_lines(rows), facts=facts, following=following)


class _Bars:
    """One progress bar for the stage at hand."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._stage = ""
        self._bar: ProgressBar | None = None

    def __enter__(self) -> "_Bars":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, stage: str, done: int, total: int) -> None:
        """Move the stage's bar, opening it first where it is new."""
        if stage != self._stage or self._bar is None:
            self.__exit__()
            self._stage = stage
            self._bar = ProgressBar(stage, total, quiet=self._quiet)
        self._bar.show(done)
