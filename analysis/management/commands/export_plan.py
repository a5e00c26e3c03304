"""Write a plan, a draft or a frozen one, as its file."""

from typing import Any

from django.core.management.base import CommandParser

from analysis.errors import AnalysisError, Refusal
from analysis.models import AnalysisPlan
from analysis.plans.drafting.services import draft_named
from surveys.instrument_files import to_toml
from surveys.management.base import Made, UseCaseCommand
from surveys.models import Study
from surveys.selectors import study_named


class Command(UseCaseCommand):
    nothing_follows = "what is printed is the plan's file, and goes where it is sent"
    help = "Write the draft of a plan as its file (TOML), or a frozen plan."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", help="The study's name.")
        parser.add_argument("plan", help="The plan's name.")
        parser.add_argument("--frozen", action="store_true", help="The frozen plan of that name.")

    def perform(self, *, study: str, plan: str, frozen: bool, **_options: Any) -> Made:
        named = study_named(study)
        text = _frozen(named, plan) if frozen else to_toml(draft_named(named, plan).content)
        facts = {"study": study, "name": plan, "frozen": frozen, "plan": text}
        return Made(lines=[text.rstrip("\n")], facts=facts)


def _frozen(study: Study, name: str) -> str:
    plans = AnalysisPlan.objects.filter(study=study).exclude(source="")
    plan = plans.filter(name=name).first()
    if plan is None:
        known = ", ".join(plans.values_list("name", flat=True)) or "-"
        raise AnalysisError(Refusal.PLAN_UNKNOWN, study=study.slug, plan=name, known=known)
    return plan.source
