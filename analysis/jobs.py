"""The jobs of the analysis: which use case does the work of which kind.

A use case is imported when it is carried out: every command says which kinds there are, and few do
the work of one.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.models import ARCHIVE, FIT, POWER, QUALITY, REPORT
from surveys.jobs.kinds import Kind
from surveys.jobs.watch import Watch
from surveys.models import Job
from surveys.roles import Act
from surveys.services.audit import job_actor


def _fit(watch: Watch) -> dict[str, Any]:
    """Carry out a plan, and let its report be written.

    Once: a worker may have died between that and saying that it is done.
    """
    from analysis.report.services import start_report
    from analysis.runs.selectors import subject_of
    from analysis.runs.services import carry_out_fit

    run = carry_out_fit(watch)
    if not Job.objects.filter(kind=REPORT, subject=subject_of(run)).exists():
        start_report(run=run, by=job_actor(watch.job.queued_by))
    return {"run": run.pk}


def _end_fit(job: Job) -> None:
    from analysis.runs.services import end_run

    end_run(job)


def _report(watch: Watch) -> dict[str, Any]:
    from analysis.report.services import carry_out_report

    return {"report": carry_out_report(watch).pk}


def _archive(watch: Watch) -> dict[str, Any]:
    from analysis.archive.services import carry_out_archive

    return {"sha256": carry_out_archive(watch).sha256}


def _power(watch: Watch) -> dict[str, Any]:
    from analysis.plans.power_analysis import carry_out_power

    return carry_out_power(watch)


def _look(watch: Watch) -> dict[str, Any]:
    from analysis.quality.services import carry_out_look

    return carry_out_look(watch)


KINDS = (
    Kind(FIT, _("Fit"), _fit, _end_fit),
    Kind(REPORT, _("Report"), _report),
    Kind(ARCHIVE, _("Archive"), _archive, act=Act.EXPORT),
    Kind(POWER, _("Power analysis"), _power),
    Kind(QUALITY, _("Look at the answers"), _look),
)
