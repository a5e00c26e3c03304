"""Before data: how likely is each sign to be decided, and how wide will VAAR's interval be?"""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from analysis.compare.json_codec import to_plain
from analysis.plans.expectations import PEOPLE, Assumptions, read_paths
from analysis.plans.files import bundled_plan, load_plan, resolve
from analysis.plans.power_analysis import analyse_power
from surveys.jobs.watch import Conduct
from surveys.management.base import Made, UseCaseCommand
from surveys.management.progress import ProgressBar
from surveys.selectors import codebook, person_fields, study_named


class Command(UseCaseCommand):
    help = "Power of a plan by simulated studies, fitted and scored like real ones."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", help="The study's name.")
        parser.add_argument("--plan", type=Path, help="A plan file (default: the bundled one).")
        parser.add_argument(
            "--path",
            action="append",
            default=[],
            metavar="PREDICTOR->OUTCOME=SLOPE",
            help="An expected standardised path of people; once for each path of the plan.",
        )
        parser.add_argument(
            "--model-path",
            action="append",
            default=[],
            metavar="PREDICTOR->OUTCOME=SLOPE",
            help="Where a model is expected to differ from people.",
        )
        parser.add_argument("--people", type=int, default=300, metavar="N")
        parser.add_argument("--sessions", type=int, default=200, metavar="N")
        parser.add_argument("--reliability", type=float, default=0.80)
        parser.add_argument("--predictor-correlation", type=float, default=0.0)
        parser.add_argument("--studies", type=int, default=500, metavar="N")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="N")

    def perform(self, *, study: str, plan: Path | None, **options: Any) -> Made:
        planned = study_named(study)
        resolved = resolve(
            load_plan(plan or bundled_plan(study)),
            codebook=codebook(planned),
            reference_group=PEOPLE,
            demographics=person_fields(planned),
        )
        assumed = Assumptions(
            people_n=options["people"],
            model_n=options["sessions"],
            paths=read_paths(options["path"]),
            model_paths=read_paths(options["model_path"]),
            reliability=options["reliability"],
            predictor_correlation=options["predictor_correlation"],
        )
        with ProgressBar("power", quiet=options["verbosity"] == 0) as bar:

            def show(_phase: str, done: int, total: int) -> None:
                bar.show(done, total)

            power = analyse_power(
                study=planned,
                plan=resolved,
                assumed=assumed,
                studies=options["studies"],
                seed=options["seed"],
                conduct=Conduct(options["processes"], show),
            )
        facts = to_plain(power)
        following = "change planned numbers until the signs are decided, then manage.py freeze_plan"
        return Made(lines=_lines(facts), facts=facts, following=following)


def _lines(power: dict[str, Any]) -> list[str]:
    lines = [f"{power['studies']} simulated studies, seed {power['seed']}.", ""]
    header = f"{'group':8}{'path':12}{'expected':>9}{'n':>6}{'agree':>8}{'contra':>8}{'open':>8}"
    lines += [header, "-" * len(header)]
    lines += [
        f"{row['group']:8}{row['path']:12}{row['expected']:>9.2f}{row['n']:>6}"
        f"{row['agree']:>8.2f}{row['contradict']:>8.2f}{row['undetermined']:>8.2f}"
        for row in power["paths"]
    ]
    lines += ["", "VAAR of the model, mean and 95 % of simulated studies:"]
    lines += [
        f"  {row['measure']:14}{row['mean']:.2f} "
        f"[{row['interval']['lower']:.2f}, {row['interval']['upper']:.2f}]"
        for row in power["vaar"]
    ]
    return lines
