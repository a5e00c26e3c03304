"""The tab on the answers themselves, before any path: groups, remarks, distributions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from analysis.plans.exclusions import RULES
from analysis.quality.looks import Distribution, GroupLook, QualityLook
from analysis.quality.remarks import Remarked, remarks_on
from analysis.quality.services import Looked, ended_now, latest_look, start_look
from surveys import services
from surveys.codes import said
from surveys.errors import StudyError
from surveys.jobs.queue import look_after_jobs
from surveys.jobs.reading import job_state
from surveys.models import MissingReason, RespondentGroup, Study
from surveys.paradata.flags import CALLED, FlagCode
from surveys.roles import Act
from surveys.selectors import study_groups
from surveys.services.access.refusals import require_role
from surveys.services.audit import page_actor
from surveys.services.flagging.looking import flag_counts
from surveys.views.membership import study_or_404
from surveys.views.workspace.undoing import say_with_undo
from surveys.workspace.groups import name_of

# The drawing of a distribution, in units of its own.
_WIDTH, _HEIGHT = 70, 28


@dataclass(frozen=True, slots=True)
class Shown:
    """A group with what was seen of it; None where it has come since."""

    group: RespondentGroup
    look: GroupLook | None

    @property
    def missing(self) -> str:
        """Missing answers in percent of those asked."""
        return (
            f"{number_format(100 * self.look.missing_share, 1)} %"
            if self.look and self.look.n
            else "–"
        )


@dataclass(frozen=True, slots=True)
class Bars:
    """One distribution as a drawing: the bars, and the outline of the people's beside them."""

    group: RespondentGroup
    found: Distribution
    bars: str
    outline: str
    in_words: str


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def quality(request: HttpRequest, slug: str) -> HttpResponse:
    """What was seen last; sending the form lets a worker look again."""
    study = study_or_404(request, slug)
    if request.method == "POST":
        require_role(study.reader_role, Act.ANALYSE)
        start_look(study=study, by=page_actor(request.user))
        return redirect("analysis:quality", slug=slug)
    look_after_jobs()
    latest = latest_look(study)
    groups = {group.key: group for group in study_groups(study)}
    ended = ended_now(study)
    context: dict[str, Any] = {
        "study": study,
        "at": latest.at,
        "state": job_state(latest.job) if latest.job else None,
        "ended": ended,
        **_flagged(study, groups),
        "is_behind": latest.found is not None and latest.found.look.ended != ended,
        **(_seen(latest.found, groups, request.GET.get("scale", "")) if latest.found else {}),
    }
    return render(request, "analysis/quality.html", context)


def _flagged(study: Study, groups: Mapping[str, RespondentGroup]) -> dict[str, Any]:
    """Flags of people by group: how many have each, and how many of these are open."""
    counts = flag_counts(study=study)
    people = [group for group in groups.values() if group.pk in counts]
    raised = [code for code in FlagCode if any(code in counts[one.pk] for one in people)]
    rows = [
        (code.value, _(CALLED[code]), [(one, *counts[one.pk].get(code, (0, 0))) for one in people])
        for code in raised
    ]
    return {"flag_heads": people, "flags": rows}


@require_POST
@login_required
def set_aside(request: HttpRequest, slug: str) -> HttpResponse:
    """Leave a group out of comparisons from now on, or take it back."""
    study = study_or_404(request, slug, Act.ANALYSE)
    group = get_object_or_404(RespondentGroup, study=study, key=request.POST.get("group", ""))
    aside = request.POST.get("act") == "set_aside"
    # What *Undo* of a taking back says again.
    because = group.set_aside_because
    try:
        services.set_group_aside(
            group=group,
            aside=aside,
            because=request.POST.get("because", ""),
            by=page_actor(request.user),
        )
    except StudyError as error:
        messages.error(request, error.said(_))
    else:
        told = (
            _("%(group)s is left out of comparisons from now on.")
            if aside
            else _("%(group)s is compared again.")
        )
        other = {"act": "take_back"} if aside else {"act": "set_aside", "because": because}
        say_with_undo(
            request, told % {"group": group.label}, request.path, group=group.key, **other
        )
    return redirect("analysis:quality", slug=slug)


def _seen(found: Looked, groups: Mapping[str, RespondentGroup], scale: str) -> dict[str, Any]:
    look = found.look
    scales = list(dict.fromkeys(item.scale for item in look.items))
    chosen = scale if scale in scales else next(iter(scales), "")
    seen = {one.key: one for one in look.groups}
    return {
        "look": look,
        "groups": [Shown(group, seen.get(key)) for key, group in groups.items()],
        "remarks": [
            (_remark(one, groups[one.group]), one.blocks) for one in remarks_on(look, groups)
        ],
        "scales": scales,
        "scale": chosen,
        "items": [
            (item, list(_bars(item.groups, groups))) for item in look.items if item.scale == chosen
        ],
        "heads": [groups[one.key] for one in look.groups if one.n and one.key in groups],
        "reasons": list(_reasons(look, groups)),
        "plan": found.plan,
        "left_out": list(_left_out(found, groups)),
    }


def _reasons(
    look: QualityLook, groups: Mapping[str, RespondentGroup]
) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Each reason that was met, with how often in each group that has ended sessions."""
    columns = [one for one in look.groups if one.n and one.key in groups]
    for reason in MissingReason:
        counts = [(groups[one.key].label, one.missing.get(reason.value, 0)) for one in columns]
        if any(count for _label, count in counts):
            yield str(reason.label), counts


def _left_out(
    found: Looked, groups: Mapping[str, RespondentGroup]
) -> Iterator[tuple[RespondentGroup, int, list[tuple[str, int]]]]:
    """Each group of which the plan would leave somebody out: how many ended, and by which rule."""
    ended = {one.key: one.n for one in found.look.groups}
    for key, counts in (found.left_out or {}).items():
        if key in groups and any(counts.values()):
            rules = [(_(RULES[rule]), n) for rule, n in counts.items() if n]
            yield groups[key], ended.get(key, 0), rules


def _bars(found: tuple[Distribution, ...], groups: Mapping[str, RespondentGroup]) -> Iterator[Bars]:
    people = next((one for one in found if one.spread is None and one.n), None)
    for one in found:
        if one.group in groups:
            outline = _outline(people.shares) if people and people is not one else ""
            yield Bars(groups[one.group], one, _path(one.shares), outline, _in_words(one))


def _in_words(found: Distribution) -> str:
    """The drawing for whoever does not see it: shares in percent from low to high."""
    shares = ", ".join(f"{100 * share:.0f}" for share in found.shares)
    return _("%(n)s answers; percent from low to high: %(shares)s") % {
        "n": found.n,
        "shares": shares,
    }


def _heights(shares: tuple[float, ...]) -> list[tuple[float, float]]:
    """Left edge and height of each bar; the highest is as high as the drawing."""
    top, width = max(shares, default=0.0) or 1.0, _WIDTH / max(len(shares), 1)
    return [(place * width, share / top * (_HEIGHT - 2)) for place, share in enumerate(shares)]


def _path(shares: tuple[float, ...]) -> str:
    width = _WIDTH / max(len(shares), 1)
    bar = max(width - 1.0, width * 0.6)
    return "".join(
        f"M{left:.1f} {_HEIGHT}v{-height:.1f}h{bar:.1f}v{height:.1f}z"
        for left, height in _heights(shares)
    )


def _outline(shares: tuple[float, ...]) -> str:
    width = _WIDTH / max(len(shares), 1)
    steps = (f"V{_HEIGHT - height:.1f}h{width:.1f}" for _left, height in _heights(shares))
    return f"M0 {_HEIGHT}{''.join(steps)}V{_HEIGHT}"


def _remark(one: Remarked, group: RespondentGroup) -> str:
    return said(one.code, {**one.arguments, "group": name_of(group)}, _)
