"""Looking results up by the names that are printed, and their printed forms."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.compare.model_fit import preferred
from analysis.compare.notices.details import detail_in_words
from analysis.compare.results import (
    Estimability,
    FitSummary,
    GroupFidelity,
    GroupSummary,
    Interval,
    InvarianceVerdict,
    Kind,
    PathEstimate,
    Rung,
    SizeBesideSign,
)
from analysis.language import gettext as _
from analysis.language import gettext_noop, ngettext
from analysis.report.content import ReportContent
from analysis.report.typesetting.formatting import (
    NOT_ESTIMABLE,
    bounded,
    count,
    estimate_with_interval,
)
from analysis.report.typesetting.formatting import interval as interval_text
from analysis.report.words import INVARIANCE, REASONS, RUNGS

UNDEFINED = gettext_noop("undefined")
NO_DF = "df = 0"


def bounds(found: Interval | None) -> tuple[float, float] | None:
    """The ends of an interval."""
    return None if found is None else (found.lower, found.upper)


def standardised_bounds(row: PathEstimate) -> tuple[float, float] | None:
    """The interval of a standardised path."""
    if row.std_ci_lower is None or row.std_ci_upper is None:
        return None
    return row.std_ci_lower, row.std_ci_upper


def raw_bounds(row: PathEstimate) -> tuple[float, float] | None:
    """The interval of an unstandardised path."""
    if row.ci_lower is None or row.ci_upper is None:
        return None
    return row.ci_lower, row.ci_upper


def path_text(row: PathEstimate) -> str:
    """A standardised path with its interval."""
    return estimate_with_interval(row.std, standardised_bounds(row))


def score_text(value: float | None, found: Interval | None) -> str:
    """A VAAR number with its interval; a number without a definition says so."""
    if value is None:
        return _(UNDEFINED)
    return estimate_with_interval(value, bounds(found))


def open_interval(found: Interval | None) -> str:
    """An interval on a scale that is printed with leading zeros."""
    return interval_text(bounds(found), open_scale=True)


def fits_of(content: ReportContent, group: str) -> list[FitSummary]:
    """The fits of one group alone, in the order of the plan's models."""
    return [fit for fit in content.comparison.fits if fit.groups == (group,)]


def main_fit(content: ReportContent, group: str) -> FitSummary | None:
    """The fit of a group in the first model of the plan."""
    found = fits_of(content, group)
    return found[0] if found else None


def index_of(fit: FitSummary | None, name: str) -> float | None:
    """A fit index under lavaan's name, written with dots or with underscores."""
    if fit is None:
        return None
    return _normalised(fit.indices).get(name.replace(".", "_"))


def preferred_index(fit: FitSummary | None, name: str) -> float | None:
    """The index by which fit is judged: robust or scaled where the estimator gives it."""
    return None if fit is None else preferred(fit.indices, name)


def _normalised(indices: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name.replace(".", "_"): value for name, value in indices.items()}


def _saturated(fit: FitSummary | None) -> bool:
    return index_of(fit, "df") == 0


def rmsea_text(fit: FitSummary | None) -> str:
    """RMSEA with its interval, which is 90% by convention."""
    if _saturated(fit):
        return NO_DF
    low, high = preferred_index(fit, "rmsea.ci.lower"), preferred_index(fit, "rmsea.ci.upper")
    ends = None if low is None or high is None else (low, high)
    value = preferred_index(fit, "rmsea")
    return NOT_ESTIMABLE if value is None else estimate_with_interval(value, ends, 3)


def cfi_text(fit: FitSummary | None) -> str:
    """CFI to three decimals; a model without degrees of freedom has no fit to speak of."""
    if _saturated(fit):
        return NO_DF
    return bounded(preferred_index(fit, "cfi"), 3)


def fidelity_of(content: ReportContent, group: str) -> GroupFidelity | None:
    """The companions of one model's VAAR."""
    return next((each for each in content.comparison.fidelity if each.group == group), None)


def size_of(content: ReportContent, group: str) -> SizeBesideSign | None:
    """How large one model's paths are beside the people's."""
    return next((each for each in content.comparison.sizes if each.group == group), None)


def standing_of(fit: FitSummary) -> str:
    """What sets a fit apart: groups fitted together, or a rung below the full model."""
    parts = []
    if fit.label != "own" and len(fit.groups) > 1:
        parts.append(_("{level} step").format(level=_(fit.label)))
    if fit.rung is not Rung.FULL:
        parts.append(RUNGS[fit.rung])
    return f", {', '.join(parts)}" if parts else ""


def level_reached(verdict: InvarianceVerdict) -> str:
    """The level of invariance that holds; what was not tested has not failed."""
    return INVARIANCE[verdict.reached] if verdict.steps else _("not tested")


def standing_in(content: ReportContent, group: str) -> Estimability | None:
    """Where a group stands in the first model of the plan."""
    first = content.comparison.plan.models[0]
    rows = content.comparison.estimability
    return next((row for row in rows if (row.group, row.model) == (group, first)), None)


def why_lower(row: Estimability) -> str:
    """Why a group stands lower than planned: the reason and the engine's own sentence."""
    reason = _("reason not recorded") if row.reason is None else REASONS[row.reason]
    return f"{reason}: {detail_in_words(row.detail)}" if row.detail else reason


def people_used(group: GroupSummary) -> str:
    """How many people a group's results rest on: "1,827 of 2,044 people", "none of 300 people"."""
    every = ngettext("{n} person", "{n} people", group.n).format(n=count(group.n))
    return _used(group, every)


def sessions_used(group: GroupSummary) -> str:
    """How many sessions a group's results rest on: "120 of 200 sessions"."""
    every = ngettext("{n} session", "{n} sessions", group.n).format(n=count(group.n))
    return _used(group, every)


def _used(group: GroupSummary, every: str) -> str:
    if group.analysed == group.n:
        return every
    if not group.analysed:
        return _("none of {every}").format(every=every)
    return _("{used} of {every}").format(used=count(group.analysed), every=every)


def icc_text(group: GroupSummary) -> str:
    """The intraclass correlation of a model's clusters; people and clusters of one have none."""
    if group.kind == Kind.HUMAN or (group.icc is None and group.mean_cluster_size <= 1):
        return "n/a"
    return bounded(group.icc)
