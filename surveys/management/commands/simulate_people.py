"""Rehearse a study: simulated people answer it through its own pages."""

from typing import Any

from django.core.management.base import CommandParser

from surveys.management.base import Made, SteeringCommand
from surveys.management.progress import ProgressBar
from surveys.selectors import study_named
from surveys.services.audit import Actor
from surveys.services.rehearsal import rehearse, simulated_link
from surveys.simulation import bundled_profile


class Command(SteeringCommand):
    help = "Let simulated people answer an open study through its participant pages."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", help="The study's name.")
        parser.add_argument("--people", type=int, default=300, metavar="N")
        parser.add_argument("--profile", default="people", help="Known traits (default: people).")
        parser.add_argument("--seed", type=int, default=1)

    def perform(
        self, *, study: str, people: int, profile: str, seed: int, by: Actor, **options: Any
    ) -> Made:
        link = simulated_link(study=study_named(study), by=by)
        with ProgressBar("people", people, quiet=options["verbosity"] == 0) as bar:
            went = rehearse(
                link=link,
                profile=bundled_profile(profile),
                people=people,
                seed=seed,
                by=by,
                progress=bar.show,
            )
        facts = {
            "study": study,
            "group": "simulated-people",
            "simulated": True,
            "finished": went.finished,
            "finished_before": went.finished_before,
        }
        done, before = went.finished, went.finished_before
        said = f"{done} simulated people answered {study} ({before} had before)."
        return Made([said], facts, f"manage.py freeze_plan {study} PLAN.toml")
