"""Freeze an analysis plan: hash and date it before model data are looked at."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from analysis.plans.drafting.services import draft_named, freeze_draft
from analysis.plans.files import bundled_plan, parse_plan
from analysis.plans.services import freeze_plan
from surveys.instrument_files.toml_tables import read_text
from surveys.management.base import Made, SteeringCommand
from surveys.selectors import study_named
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = "Freeze an analysis plan of a study, with its hash and date."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", help="The study's name.")
        parser.add_argument("plan", nargs="?", type=Path, help="A plan file (default: bundled).")
        parser.add_argument(
            "--draft",
            metavar="NAME",
            help="Freeze the study's draft of this name instead of a file.",
        )
        parser.add_argument(
            "--reference-group",
            default="",
            metavar="GROUP",
            help="The group of people that models are compared with (default: the only one).",
        )

    def perform(
        self,
        *,
        study: str,
        plan: Path | None,
        draft: str | None,
        reference_group: str,
        by: Actor,
        **_options: Any,
    ) -> Made:
        if draft and (plan or reference_group):
            raise CommandError("A draft says everything itself; name neither a file nor a group.")
        if draft:
            frozen = freeze_draft(draft=draft_named(study_named(study), draft), by=by)
        else:
            path = plan or bundled_plan(study)
            text = read_text(path)
            frozen = freeze_plan(
                study=study_named(study),
                plan=parse_plan(text, file=path.name),
                source=text,
                reference_group=reference_group,
                by=by,
            )
        facts = {
            "plan": frozen.pk,
            "name": frozen.name,
            "study": study,
            "sha256": frozen.sha256,
            "frozen_at": frozen.frozen_at.isoformat(),
            "model_answers_when_frozen": frozen.model_answers_when_frozen,
        }
        seen = frozen.model_answers_when_frozen
        return Made(
            lines=[
                f"Plan {frozen.name} of {study}, frozen {frozen.frozen_at:%Y-%m-%d %H:%M} UTC.",
                f"SHA-256 {frozen.sha256}",
                f"Model answers in the study at that moment: {seen}.",
            ],
            facts=facts,
            following=f"manage.py run_panel --study {study} …, then manage.py fit_models {study}",
        )
