"""The whole way through, once, on this machine, with simulated people and scripted models.

Each step is a command of its own, named here and not imported: anything the demo does, a researcher
can do by hand.
"""

import json
import secrets
import sys
import time
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandParser

from surveys.management.base import Made, UseCaseCommand
from surveys.models import Study

STUDY = "privacy-prosocial"
OWNER = "demo"
EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "sharing-vignette"
PANELS = (
    ("scripted-people-like", "people-like"),
    ("scripted-reversed", "reversed"),
    ("scripted-near-constant", "near-constant"),
)


class Command(UseCaseCommand):
    help = "Walk the whole way: simulated people, scripted panels, frozen plan, fit, report."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--people", type=int, default=300, metavar="N")
        parser.add_argument("--sessions", type=int, default=200, metavar="N", help="Per panel.")
        parser.add_argument("--seed", type=int, default=20_260_103)
        parser.add_argument(
            "--experiment",
            type=int,
            default=40,
            metavar="N",
            help="People, and sessions, of the experiment with conditions; 0 leaves it out.",
        )
        parser.add_argument("--serve", action="store_true", help="Start the server afterwards.")

    def perform(
        self,
        *,
        people: int,
        sessions: int,
        seed: int,
        experiment: int,
        serve: bool,
        **options: Any,
    ) -> Made:
        self.quiet = options["verbosity"] == 0
        started = time.monotonic()
        self._step("Preparing the database and the bundled study")
        call_command("migrate", verbosity=0)
        password = _workspace_user()
        _run("load_instruments", by=OWNER)
        _run("open_study", STUDY, owner=OWNER, by=OWNER, simulated=True)
        self._step(f"{people} simulated people answer through the participant pages")
        walked = _run(
            "simulate_people",
            STUDY,
            people=people,
            seed=seed,
            by=OWNER,
            verbosity=not self.quiet,
        )
        self._step("Freezing the analysis plan before any model is asked")
        plan = _run("freeze_plan", STUDY, reference_group=walked["group"], by=OWNER)
        for key, profile in PANELS:
            self._step(f"Panel {key}: {sessions} sessions of the scripted model")
            _run(
                "run_panel",
                study=STUDY,
                provider="scripted",
                profile=profile,
                key=key,
                sessions=sessions,
                seed=seed,
                by=OWNER,
                verbosity=not self.quiet,
            )
        self._step("Looking at the answers, before any path")
        _run("look_at_answers", STUDY)
        self._step("Fitting people and panels, and comparing them")
        fitted = _run("fit_models", STUDY, by=OWNER, verbosity=not self.quiet)
        pdf = Path(settings.DATA_DIR) / "demo" / "report.pdf"
        report = _run("build_report", STUDY, by=OWNER, out=pdf)
        there = Study.objects.filter(slug=EXAMPLE.name).exists()
        conditions = self._experiment(experiment, seed) if experiment and not there else None
        facts = {
            "people": walked,
            "experiment": conditions,
            "plan": plan,
            "fit": fitted,
            "report": report["file"],
            "url": settings.SITE_URL,
            "user": OWNER,
            "seconds": round(time.monotonic() - started, 1),
        }
        made = Made(
            lines=self._closing(fitted, facts, password),
            facts=facts,
            following="" if serve else "manage.py serve, and log in; /help/first-study/ goes on",
        )
        if serve:
            self.stdout.write("\n".join(made.lines))
            call_command("serve")
        return made

    def _experiment(self, each: int, seed: int) -> dict[str, Any]:
        """The example with conditions: people and a panel in every one, and the plan for it."""
        self._step(f"An experiment with conditions: {each} people and {each} sessions")
        study = _run("load_study", EXAMPLE / "study.toml", owner=OWNER, by=OWNER)["study"]
        _run("open_study", study, by=OWNER, simulated=True)
        walked = _run("simulate_people", study, people=each, seed=seed, by=OWNER, verbosity=0)
        plan = EXAMPLE / "plan.toml"
        _run("freeze_plan", study, plan, reference_group=walked["group"], by=OWNER)
        panel = {"study": study, "provider": "scripted", "profile": "people-like"}
        _run("run_panel", **panel, key="scripted", sessions=each, seed=seed, by=OWNER, verbosity=0)
        return {"study": study, "people": walked, "sessions": each}

    def _step(self, what: str) -> None:
        if not self.quiet:
            sys.stderr.write(f"• {what}\n")

    def _closing(self, fitted: dict[str, Any], facts: dict[str, Any], password: str) -> list[str]:
        return [
            "",
            "SIMULATED DATA: nobody answered; people and models are known-truth simulations.",
            "",
            *fitted["summary"],
            "",
            f"Report     {facts['report']}",
            *_told(facts["experiment"]),
            f"Workspace  {facts['url']}  user {OWNER}  password {password}",
            f"Finished in {facts['seconds']} s.",
        ]


def _told(experiment: dict[str, Any] | None) -> list[str]:
    if experiment is None:
        return []
    return [f"Conditions {experiment['study']}: two factors, for people and models alike"]


def _run(command: str, *args: Any, **options: Any) -> dict[str, Any]:
    """Run a command and read back the facts of what it made."""
    out = StringIO()
    call_command(command, *args, json=True, stdout=out, **options)
    facts: dict[str, Any] = json.loads(out.getvalue())
    return facts


def _workspace_user() -> str:
    """The demo's user, with a new password each time: only its hash is kept."""
    password = secrets.token_urlsafe(9)
    user, _ = get_user_model().objects.get_or_create(username=OWNER)
    user.set_password(password)
    user.save(update_fields=("password",))
    return password
