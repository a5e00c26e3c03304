"""How often the database is asked: for an archive, a report, a fit, and for pages and lists.

    DATA_DIR=var/demo python benchmarks/queries.py

Needs an installation with a finished run, such as the one of `manage.py demo`, and leaves it as it
is: what is written is rolled back, but for a report's file if there was none. A fit draws little
(`preview`). Prints the table of docs/performance.md.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# What is kept of the work itself, some of it about once a second, is not counted.
BOOKS = ("surveys_job", "surveys_auditentry", "analysis_analysisrun", "SAVEPOINT")


def main() -> None:
    """Count and print."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.db import transaction

    with transaction.atomic():
        rows = [(name, _count(call, clocked=clocked)) for name, call, clocked in _calls()]
        transaction.set_rollback(True)
    print("| What | Queries |\n|---|---|")
    for name, count in rows:
        print(f"| {name} | {count} |")


def _calls() -> list[tuple[str, Callable[[], Any], bool]]:
    from django.conf import settings
    from django.test import Client

    from analysis.archive.services import build_archive
    from analysis.models import AnalysisPlan, AnalysisRun
    from analysis.report.services import build_report
    from analysis.runs.services import fit_models
    from surveys.models import Membership
    from surveys.services.audit import command_actor

    settings.ALLOWED_HOSTS = ["testserver"]
    run = AnalysisRun.objects.filter(status=AnalysisRun.Status.DONE).latest("pk")
    study, by = run.plan.study, command_actor()
    client = Client()
    client.force_login(Membership.objects.filter(study=study).earliest("pk").user)

    def get(path: str) -> tuple[str, Callable[[], Any], bool]:
        return f"`GET {path}`", lambda: client.get(path), False

    return [
        ("archive", lambda: build_archive(run=AnalysisRun.objects.get(pk=run.pk), by=by), True),
        ("report", lambda: build_report(run=AnalysisRun.objects.get(pk=run.pk), by=by), True),
        (
            "fit",
            lambda: fit_models(plan=AnalysisPlan.objects.get(pk=run.plan_id), preview=True, by=by),
            True,
        ),
        get("/"),
        get(f"/studies/{study.slug}/"),
        get(f"/studies/{study.slug}/reports/"),
        *(
            get(f"/api/{name}/")
            for name in ("studies", "links", "respondents", "answers", "plans", "runs", "reports")
        ),
    ]


def _count(call: Callable[[], Any], *, clocked: bool) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from surveys.selectors import forget_frozen_studies

    forget_frozen_studies()
    with CaptureQueriesContext(connection) as captured:
        call()
    asked = [query["sql"] for query in captured.captured_queries]
    return len([sql for sql in asked if not (clocked and any(word in sql for word in BOOKS))])


if __name__ == "__main__":
    main()
