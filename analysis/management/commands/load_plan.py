"""Make or change the draft of a plan from its file."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from analysis.plans.drafting.services import check_draft, load_draft
from surveys.instrument_files.toml_tables import parse_toml, read_text
from surveys.management.base import Made, SteeringCommand
from surveys.selectors import study_named
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = "Make a draft of the plan in a file, or change the study's draft of that name."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", help="The study's name.")
        parser.add_argument("plan", type=Path, metavar="PLAN.toml")

    def perform(self, *, study: str, plan: Path, by: Actor, **_options: Any) -> Made:
        values = parse_toml(read_text(plan), file=plan.name)
        draft = load_draft(study=study_named(study), values=values, by=by)
        problems = check_draft(draft).problems
        told = [f"  {one.where}: {one.message} [{one.code}]" for one in problems]
        head = "It can be frozen." if not problems else "What keeps it from being frozen:"
        facts = {
            "draft": draft.pk,
            "name": draft.name,
            "study": study,
            "revision": draft.revision,
            "problems": [one.as_json() for one in problems],
        }
        freeze = f"manage.py freeze_plan {study} --draft {draft.name}"
        return Made(
            lines=[f"Draft {draft.name} of {study} holds the plan.", head, *told],
            facts=facts,
            following="mend that, and load it again" if problems else freeze,
        )
