"""Carry out a frozen plan on the answers there are."""

from typing import Any

from django.core.management.base import CommandParser

from analysis.selectors import plan_named, summary_rows
from analysis.services import fit_models
from analysis.services.runs import DEFAULT_SEED
from analysis.summary import summary_lines
from surveys.management.base import Made, UseCaseCommand


class Command(UseCaseCommand):
    help = "Fit the models of a frozen plan to people and panels, and compare them."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", help="The study's name.")
        parser.add_argument(
            "--plan", default="main", help="The frozen plan's name (default: main)."
        )
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="Seed of random draws.")

    def perform(self, *, study: str, plan: str, seed: int, **_options: Any) -> Made:
        run = fit_models(plan=plan_named(study, plan), seed=seed)
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
        return Made(lines=summary_lines(rows), facts=facts)
