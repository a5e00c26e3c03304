"""A small study with people and two panels, its run, and its archive opened up."""

import csv
import io
import subprocess
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from factories import TESTER

from analysis.archive.services import build_archive
from analysis.models import AnalysisRun
from analysis.plans.files import bundled_plan, parse_plan
from analysis.plans.services import freeze_plan
from analysis.runs.services import fit_models
from surveys import services
from surveys.models import Respondent, Study
from surveys.selectors import presentation_of
from surveys.services import AnswerSubmission, GivenAnswer, Start
from surveys.services.rehearsal import answer_keys
from surveys.simulation import SimulatedRespondent, bundled_profile
from tests.analysis.respondents import make_group

PROMPTS = {
    "system_prompt": "You are answering a questionnaire.",
    "persona_text": "Answer as a nurse of 41 would.",
    "item_prompt": "Question 1 of 38",
    "provider": "scripted",
    "secret_note": "for other readers",
}


def add_group(
    study: Study,
    key: str,
    kind: str,
    *,
    profile: str,
    n: int,
    seed: int,
    orders: int = 0,
    constant: Iterable[str] = (),
    method: Mapping[str, str] | None = None,
) -> None:
    """`n` simulated respondents who finish.

    `orders` is how many different orders of questions there are, each of a persona that sessions
    share (every respondent's own if 0); to the refs in `constant` everybody gives the first answer
    on display.
    """
    group = make_group(study, key, kind)
    group.method = dict(method or {})
    group.save(update_fields=("method",))
    respondents = Respondent.objects.bulk_create(
        Respondent(
            study=study,
            group=group,
            kind=kind,
            simulated=True,
            recruiter_id=f"RECRUITERID{seed + i}" if kind == "human" else "",
            recruiter="prolific" if kind == "human" else "",
            demographics={"age": 20 + i, "gender": "female"} if kind == "human" else {},
            design={"cluster": f"persona:{i % orders}"} if orders else {},
        )
        for i in range(n)
    )
    starts = [
        Start(one, seed + (i % orders if orders else i), "en" if i % 3 else "de")
        for i, one in enumerate(respondents)
    ]
    administrations = services.begin_administrations(study=study, starts=starts)
    keys = answer_keys(study)
    traits = replace(bundled_profile(profile), skip_rate=0.02)
    services.record_answer_batch(
        submissions=[
            AnswerSubmission(
                one.pk, _answers(one, SimulatedRespondent(traits, seed + i), keys, constant), "all"
            )
            for i, one in enumerate(administrations)
        ]
    )
    for one in administrations:
        services.complete_administration(administration=one)


def _answers(administration, respondent, keys, constant) -> list[GivenAnswer]:
    given = []
    for question in presentation_of(administration).questions:
        if question.ref in constant:
            given.append(GivenAnswer(question.ref, 1, elapsed_ms=900))
        elif respondent.skips(question.ref):
            given.append(GivenAnswer(question.ref, None, missing_reason="skipped"))
        else:
            code = respondent.answer(question, keys[question.ref])
            given.append(GivenAnswer(question.ref, code, elapsed_ms=1500))
    return given


def make_run(study: Study, **changes) -> AnalysisRun:
    """Carry the bundled plan out, with fields of the plan file changed."""
    source = bundled_plan("privacy-prosocial").read_text()
    plan = replace(parse_plan(source), **changes)
    return fit_models(plan=freeze_plan(study=study, plan=plan, source=source, by=TESTER), by=TESTER)


def opened(content: bytes) -> dict[str, bytes]:
    """File name -> bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def table(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    """A CSV file of the archive as rows."""
    return list(csv.DictReader(io.StringIO(files[name].decode())))


def reproduced(run: AnalysisRun, folder: Path) -> tuple[str, dict[str, bytes]]:
    """What the script of the archive says, and the archive's files with those that R wrote."""
    files = opened(build_archive(run=run, by=TESTER).content)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    done = subprocess.run(
        ["Rscript", "reproduce.R"],
        cwd=folder / "lavaan",
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    written = (folder / "lavaan" / "output").iterdir()
    return done.stdout, {**files, **{path.name: path.read_bytes() for path in written}}
