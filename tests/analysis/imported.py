"""Real people, imported as in docs/imports.md, beside scripted panels."""

from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from factories import TESTER, make_user
from pytest_django.plugin import DjangoDbBlocker

from analysis.models import AnalysisRun
from analysis.plans.files import Draws, load_plan
from analysis.plans.services import freeze_plan
from analysis.runs.services import fit_models
from surveys.models import Study
from tests.analysis.rolled_back import Reported, reported, rolled_back

SESSIONS = 200


def compared_with_panels(
    blocker: DjangoDbBlocker, *, study: str, data: Path, profiles: Sequence[str], draws: Draws
) -> Reported:
    """What a run of `run_with_panels` found, and what its report says."""
    with rolled_back(blocker):
        return reported(run_with_panels(study=study, data=data, profiles=profiles, draws=draws))


def run_with_panels(
    *, study: str, data: Path, profiles: Sequence[str], draws: Draws
) -> AnalysisRun:
    """Import `data` into the example `study`, freeze its plan, ask scripted panels, fit."""
    example = Path(settings.BASE_DIR) / "docs" / "examples" / study
    make_user("owner")
    mapping = example / "mapping.toml"
    call_command("import_responses", mapping, data, json=True, stdout=StringIO())
    plan = replace(load_plan(example / "plan.toml"), draws=draws)
    frozen = freeze_plan(study=Study.objects.get(slug=study), plan=plan, by=TESTER)
    for profile in profiles:
        call_command(
            "run_panel",
            study=study,
            provider="scripted",
            profile=profile,
            sessions=SESSIONS,
            verbosity=0,
            stdout=StringIO(),
        )
    return fit_models(plan=frozen, by=TESTER)
