"""What a fit, a report and an export take, of studies with growing numbers of rows."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def measure() -> None:
    """Print a table of one study with all its rows; `grow` in between says how that grows."""
    from analysis.models import AnalysisPlan, AnalysisRun
    from analysis.report.services import build_report
    from analysis.runs.services import fit_models
    from surveys.models import Study
    from surveys.services.audit import command_actor
    from surveys.services.data.exports import export_choice, export_data

    by = command_actor()
    study = Study.objects.filter(slug__startswith="scale-").order_by("pk")[10]
    answers = _answers(study)

    def export() -> Any:
        with tempfile.TemporaryDirectory() as folder:
            choice = export_choice({"formats": ["csv"]}, study)
            return export_data(study=study, choice=choice, folder=Path(folder), by=by)

    plan = AnalysisPlan.objects.get(study=study)
    print("| Work | answers | CPU, s | CPU, s a million answers |\n|---|---|---|---|")
    for name, call in (
        ("fit", lambda: fit_models(plan=plan, by=by)),
        (
            "report",
            lambda: build_report(
                run=AnalysisRun.objects.filter(plan=plan, status="done").latest("pk"), by=by
            ),
        ),
        ("export (CSV)", export),
    ):
        taken = _cpu(call)
        print(f"| {name} | {answers:,} | {taken:.1f} | {1e6 * taken / answers:.1f} |", flush=True)


def _answers(study: Any) -> int:
    from surveys.models import Answer

    return int(Answer.objects.filter(administration__study=study).count())


def _cpu(call: Callable[[], Any]) -> float:
    at = time.process_time()
    call()
    return time.process_time() - at
