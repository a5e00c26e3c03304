"""The jobs of the analysis: which use case does the work of which kind."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.archive.services import ARCHIVE, carry_out_archive
from analysis.plans.power_analysis import POWER, carry_out_power
from analysis.quality.services import QUALITY, carry_out_look
from analysis.report.services import REPORT, carry_out_report, start_report
from analysis.runs.services import FIT, carry_out_fit, end_run
from surveys.jobs.kinds import Kind
from surveys.jobs.watch import Watch
from surveys.roles import Act
from surveys.services.audit import job_actor


def _fit(watch: Watch) -> dict[str, Any]:
    """Carry out a plan, and let its report be written."""
    run = carry_out_fit(watch)
    start_report(run=run, by=job_actor(watch.job.queued_by))
    return {"run": run.pk}


def _report(watch: Watch) -> dict[str, Any]:
    return {"report": carry_out_report(watch).pk}


def _archive(watch: Watch) -> dict[str, Any]:
    return {"sha256": carry_out_archive(watch).sha256}


KINDS = (
    Kind(FIT, _("Fit"), _fit, end_run),
    Kind(REPORT, _("Report"), _report),
    Kind(ARCHIVE, _("Archive"), _archive, act=Act.EXPORT),
    Kind(POWER, _("Power analysis"), carry_out_power),
    Kind(QUALITY, _("Look at the answers"), carry_out_look),
)
