"""The table of a study's runs: what it is sorted, filtered and written by."""

from collections.abc import Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysis.models import AnalysisPlan, AnalysisRun
from surveys.workspace.lists.tables import Column, Filter, Table


def run_table(plans: Sequence[AnalysisPlan]) -> Table:
    """Of rows (run, why it failed)."""
    states = [(one.value, _(one.value)) for one in AnalysisRun.Status]
    of_plan = Filter(
        "plan",
        _("Plan"),
        [(plan.name, plan.name) for plan in plans],
        _("any"),
        value=lambda row: row[0].plan.name,
    )
    return Table(
        columns=(
            Column("run", _("Run"), lambda row: row[0].pk),
            Column("plan", _("Plan"), lambda row: row[0].plan.name),
            Column("started", _("Started"), lambda row: row[0].started_at),
            Column("state", _("State"), lambda row: gettext(row[0].status)),
            Column("report", _("Report"), lambda row: len(row[0].reports.all())),
        ),
        filters=(
            *((of_plan,) if len(plans) > 1 else ()),
            Filter("state", _("State"), states, _("any"), value=lambda row: row[0].status),
        ),
        first="-run",
    )
