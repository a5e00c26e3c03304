"""Two runs of a study side by side: what changed in plan, data and groups, and each estimate."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from io import StringIO
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from typing_extensions import TypedDict

from analysis.compare.beside import Estimate, Pair, groups_apart, path_pairs, score_pairs
from analysis.models import AnalysisRun
from analysis.runs.selectors import run_comparison
from analysis.web.agreement import NAMES
from surveys.exports.cells import CsvWriter
from surveys.selectors import rows_for
from surveys.views.membership import study_of

Two = tuple[AnalysisRun, AnalysisRun]


def two_runs_of(user: AbstractBaseUser | AnonymousUser, run_id: int, other_id: int) -> Two:
    """Two finished runs of one study that a user may see. Raises `Http404`."""
    done = AnalysisRun.objects.filter(status=AnalysisRun.Status.DONE).select_related("plan__study")
    runs = rows_for(user, done, "plan__study")
    first, second = (get_object_or_404(runs, pk=pk) for pk in (run_id, other_id))
    study_of(first, "plan", "study")
    if first.plan.study_id != second.plan.study_id or first == second:
        raise Http404
    return first, second


def side_by_side(runs: Two) -> dict[str, Any]:
    """What differs between two runs: their circumstances, then every path and number of VAAR."""
    first, second = (run_comparison(run) for run in runs)
    if first is None or second is None:
        raise Http404
    gone, come = groups_apart(first, second)
    return {
        "changes": [*_changes(runs), *_groups(gone, come)],
        "paths": path_pairs(first, second),
        "scores": score_pairs(first, second),
    }


class Change(TypedDict):
    """What differs between the circumstances of two runs."""

    what: str
    first: str
    second: str


class NumberInBoth(TypedDict):
    """A path or a number of VAAR of one group in both runs; null in a run that has none."""

    group: str
    label: str
    what: str
    first: Estimate | None
    second: Estimate | None
    difference: float | None
    apart: bool


class Beside(TypedDict):
    """Two runs, what changed between them, and each estimate in both."""

    runs: list[int]
    changes: list[Change]
    paths: list[NumberInBoth]
    scores: list[NumberInBoth]


def as_json(runs: Two) -> dict[str, Any]:
    """The same as plain values (`Beside`)."""
    found = side_by_side(runs)
    return {
        "runs": [run.pk for run in runs],
        "changes": [
            {"what": what, "first": before, "second": after}
            for what, before, after in found["changes"]
        ],
        **{
            name: [
                {**asdict(pair), "difference": pair.difference, "apart": pair.apart}
                for pair in found[name]
            ]
            for name in ("paths", "scores")
        },
    }


@require_safe
@login_required
def two_runs(request: HttpRequest, run_id: int, other_id: int) -> HttpResponse:
    """Two runs side by side."""
    runs = two_runs_of(request.user, run_id, other_id)
    found = side_by_side(runs)
    who = {group.key: group for group in runs[0].plan.study.groups.all()}
    context = {
        "study": runs[0].plan.study,
        "first": runs[0],
        "second": runs[1],
        "changes": found["changes"],
        "paths": [(pair, who.get(pair.group)) for pair in found["paths"]],
        "scores": [(pair, who.get(pair.group), NAMES[pair.what]) for pair in found["scores"]],
        "apart": sum(pair.apart for pair in found["paths"]),
    }
    return render(request, "analysis/beside.html", context)


@require_safe
@login_required
def table(request: HttpRequest, run_id: int, other_id: int) -> HttpResponse:
    """The estimates of two runs side by side, as CSV."""
    runs = two_runs_of(request.user, run_id, other_id)
    found = side_by_side(runs)
    file = StringIO()
    writer = CsvWriter(file)
    ends = ("value", "lower", "upper", "n")
    heads = [f"run_{run.pk}_{end}" for run in runs for end in ends]
    writer.write(("group", "label", "what", *heads, "difference", "apart"))
    writer.write_all(_row(pair, ends) for pair in (*found["paths"], *found["scores"]))
    response = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"runs-{runs[0].pk}-{runs[1].pk}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _row(pair: Pair, ends: tuple[str, ...]) -> tuple[Any, ...]:
    both = (pair.first, pair.second)
    numbers = (getattr(one, end) if one else None for one in both for end in ends)
    return (pair.group, pair.label, pair.what, *numbers, pair.difference, int(pair.apart))


def _changes(runs: Two) -> Iterator[tuple[str, str, str]]:
    """What of two runs' circumstances differs, as (what, in the first, in the second)."""
    told = [_circumstances(run) for run in runs]
    for what in dict.fromkeys((*told[0], *told[1])):
        before, after = (one.get(what, "–") for one in told)
        if before != after:
            yield what, before, after


def _circumstances(run: AnalysisRun) -> dict[str, str]:
    """The plan, the data, the seed, who was excluded by which rule, the software."""
    return {
        _("Plan"): f"{run.plan.name} ({run.plan.sha256[:12]}…)",
        _("Data"): f"{run.data_sha256[:12]}…",
        _("Seed"): str(run.seed),
        **dict(_excluded(run.exclusions)),
        **{name: str(version) for name, version in run.software.items()},
    }


def _excluded(exclusions: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[str, str]]:
    for group, counts in exclusions.items():
        said = ", ".join(f"{rule} {count}" for rule, count in counts.items() if count)
        yield _("Excluded of %(group)s") % {"group": group}, said or "0"


def _groups(gone: list[str], come: list[str]) -> Iterator[tuple[str, str, str]]:
    if gone or come:
        yield _("Groups that only one has"), ", ".join(gone) or "–", ", ".join(come) or "–"
