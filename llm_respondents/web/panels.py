"""Panels: those of a study, and one with its progress, its spending, and what steers it."""

from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from llm_respondents import jobs, services
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoint_list import readable_endpoints
from llm_respondents.endpoints.file import NANO
from llm_respondents.errors import PanelError
from llm_respondents.jobs.recruiting import RECRUITING
from llm_respondents.models import Panel
from llm_respondents.money.account import study_spending
from llm_respondents.money.forecast import CostRange
from llm_respondents.money.prices import price_of
from llm_respondents.readout.collected import collected_groups
from llm_respondents.readout.progress import (
    clusters_of_panels,
    panel_progress,
    sessions_of,
)
from llm_respondents.readout.reading_checks import checked
from llm_respondents.readout.sentences import refusal_sentence
from llm_respondents.services.afterwards.lost_turns import reopen_lost_turns
from llm_respondents.services.named_endpoints import endpoint_name
from llm_respondents.store.lost_turns import USUAL_REASONS
from llm_respondents.web.access import followed_panel_or_404, panel_or_404, study_or_404
from llm_respondents.web.broken_list import broken_list
from llm_respondents.web.design_table import shown_design
from llm_respondents.web.following import followed_panels, progress_mark, shown_list, shown_progress
from llm_respondents.web.looking_ahead import ahead_of
from llm_respondents.web.words import left_out_in_words
from llm_respondents.web.workspace.panel_tables import panel_table, session_table
from surveys.errors import StudyError
from surveys.jobs.reading import study_jobs, subject_jobs
from surveys.roles import Act
from surveys.services import set_group_aside
from surveys.services.audit import Actor, page_actor
from surveys.views.membership import study_of
from surveys.views.polling import asks_again, mark_of, unchanged
from surveys.views.workspace.confirmation import Question, ask
from surveys.workspace.lists.tables import show

SESSIONS_PER_PAGE = 50
PILOT_SESSIONS = 5
_CENT = Decimal("0.01")


class CapForm(forms.Form):
    """The most that a panel, or all panels of a study, may cost; empty lifts the cap."""

    spend_cap = forms.DecimalField(
        label=gettext_lazy("Spend cap"),
        min_value=0,
        max_digits=12,
        decimal_places=4,
        required=False,
    )


class PaceForm(forms.Form):
    """How many calls each worker makes at once; empty: as many as the list of endpoints says."""

    concurrency = forms.IntegerField(
        label=gettext_lazy("Calls at once"),
        min_value=1,
        max_value=services.MOST_AT_ONCE,
        required=False,
        help_text=gettext_lazy("Of each worker. Empty: as many as the list of endpoints says."),
    )


@require_safe
@login_required
def models(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The study's tab on panels; for htmx the list alone, which asks again while one runs."""
    panels = followed_panels(request.user, slug)
    study = study_of(panels[0], "study") if panels else study_or_404(request, slug)
    listed = shown_list(panels)
    table = show(request, panel_table(priced=listed["priced"]), listed["rows"])
    if table.is_file:
        return table.file(f"{study.slug}-panels")
    seen = mark_of(*map(progress_mark, panels), listed["busy"])
    again = asks_again(request, seen)
    context = {"study": study, **listed, "table": table, "again": again}
    if request.headers.get("HX-Request"):
        return unchanged(request, seen) or render(request, "llm_respondents/_study.html", context)
    more = {
        "collected": collected_groups(study),
        "spending": context["spending"] or study_spending(study),
        "recruiting": study_jobs(study, RECRUITING),
        "back": request.path,
    }
    return render(request, "llm_respondents/models.html", {**context, **more})


@require_safe
@login_required
def panel_fragment(request: HttpRequest, panel_id: int) -> HttpResponse:
    """The progress of one panel for htmx, which asks again while it runs; else its page."""
    panel = followed_panel_or_404(request, panel_id)
    if not request.headers.get("HX-Request"):
        return redirect("llm_respondents:panel", panel_id=panel.pk)
    shown = shown_progress(panel)
    under_way = shown["busy"] or shown["waiting"]
    if under_way and (answer := unchanged(request, shown["seen"])):
        return answer
    response = render(request, "llm_respondents/_progress.html", shown)
    if not under_way:
        # What can be done with it now stands outside of this part.
        response.headers["HX-Refresh"] = "true"
    return response


@require_safe
@login_required
def panel_page(request: HttpRequest, panel_id: int) -> HttpResponseBase:
    """One panel: how it is conducted, how far it is, what it costs, and its sessions."""
    return _page(request, followed_panel_or_404(request, panel_id))


def _page(request: HttpRequest, panel: Panel, cap_form: CapForm | None = None) -> HttpResponseBase:
    sessions = show(
        request,
        session_table(panel.study.languages),
        sessions_of(panel),
        per_page=SESSIONS_PER_PAGE,
    )
    if sessions.is_file:
        return sessions.file(f"{panel.study.slug}-{panel.group.key}-sessions")
    progress = shown_progress(panel)
    ahead = ahead_of(panel, busy=progress["busy"])
    forecast = ahead.forecast
    cap_form = cap_form or CapForm(initial={"spend_cap": _cap_to_offer(panel, forecast)})
    spec = PanelSpec.from_stored(panel.spec)
    endpoint = endpoint_name(spec)
    context = {
        **progress,
        "states": [one for one in subject_jobs(jobs.subject_of(panel.pk)) if one.job.is_over],
        **(_batch_door(spec, ahead.waves) if progress["can_run"] else {}),
        "study": panel.study,
        "broken_list": None if panel.is_over or panel.group.simulated else broken_list(request),
        "sessions": sessions,
        "endpoint": endpoint or panel.base_url,
        **shown_design(spec, clusters=clusters_of_panels([panel])[panel.pk], endpoint=endpoint),
        "cap_form": cap_form,
        "pace_form": PaceForm(initial={"concurrency": panel.concurrency}),
        "usual_pace": services.limits_of(spec).concurrency,
        "forecast": forecast,
        "duration": ahead.duration,
        "pilot": PILOT_SESSIONS if _may_pilot(panel, progress["progress"].sessions) else 0,
        "found": checked(panel),
        "left_out": left_out_in_words(panel.capabilities),
        "lost": ahead.lost,
        "usual": USUAL_REASONS,
    }
    status = 422 if cap_form.errors else 200
    return render(request, "llm_respondents/panel.html", context, status=status)


@require_POST
@login_required
def steer(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Start a panel, its pilot or its batches; pause or cancel it."""
    panel = panel_or_404(request, panel_id, Act.PANELS)
    act = _ACTS.get(request.POST.get("act", ""))
    if act is None:
        return HttpResponseBadRequest("act: run, pilot, insist, batch, probe, pause or cancel")
    try:
        said = act(panel, page_actor(request.user))
    except PanelError as error:
        messages.error(request, refusal_sentence(error))
    else:
        if said:
            messages.success(request, said)
    return redirect("llm_respondents:panel", panel_id=panel.pk)


@require_safe
@login_required
def cancel_panel(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Ask before a panel is cancelled, which cannot be undone."""
    panel = panel_or_404(request, panel_id, Act.PANELS)
    progress = panel_progress(panel)
    question = Question(
        heading=_("Cancel %(panel)s for good?") % {"panel": panel},
        text=_("A cancelled panel can never be run again. To stop for a while, pause it."),
        affected=[
            _("Sessions that are not complete and never will be: %(n)s")
            % {"n": progress.sessions - progress.completed}
        ],
        stays=[
            _("Sessions that are complete: %(n)s") % {"n": progress.completed},
            _("Answers that are stored: %(n)s") % {"n": progress.answered},
        ],
        action=_("Cancel for good"),
        keep=_("Keep the panel"),
        target=reverse("llm_respondents:steer", kwargs={"panel_id": panel.pk}),
        act="cancel",
    )
    back = reverse("llm_respondents:panel", kwargs={"panel_id": panel.pk})
    return ask(request, question, study=panel.study, back=back)


@require_POST
@login_required
def ask_again(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Open the turns that were lost for the chosen reasons, and let a worker ask them."""
    panel = panel_or_404(request, panel_id, Act.PANELS)
    by = page_actor(request.user)
    try:
        opened = reopen_lost_turns(panel=panel, reasons=request.POST.getlist("reasons"), by=by)
    except PanelError as error:
        messages.error(request, refusal_sentence(error))
    else:
        jobs.queue_reopened(panel=panel, by=by)
        said = ngettext(
            "One turn is asked again as soon as a worker is free.",
            "%(n)s turns are asked again as soon as a worker is free.",
            opened.turns,
        )
        messages.success(request, said % {"n": opened.turns})
    return redirect("llm_respondents:panel", panel_id=panel.pk)


@require_POST
@login_required
def cap(request: HttpRequest, panel_id: int) -> HttpResponseBase:
    """Set, raise or lift the most that a panel may cost."""
    panel = followed_panel_or_404(request, panel_id, Act.PANELS)
    form = CapForm(request.POST)
    if not form.is_valid():
        return _page(request, panel, form)
    try:
        services.cap_spend(
            panel=panel, cap=form.cleaned_data["spend_cap"], by=page_actor(request.user)
        )
    except PanelError as error:
        form.add_error("spend_cap", refusal_sentence(error))
        return _page(request, panel, form)
    messages.success(request, _("The spend cap is set."))
    return redirect("llm_respondents:panel", panel_id=panel.pk)


@require_POST
@login_required
def retune(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Set how many calls each worker makes at once; one that is at the panel does so in seconds."""
    panel = panel_or_404(request, panel_id, Act.PANELS)
    form = PaceForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["concurrency"][0]))
        return redirect("llm_respondents:panel", panel_id=panel.pk)
    wanted, by = form.cleaned_data["concurrency"], page_actor(request.user)
    try:
        services.retune_panel(panel=panel, concurrency=wanted, by=by)
    except PanelError as error:
        messages.error(request, refusal_sentence(error))
    else:
        messages.success(request, _("Set. A worker that is at the panel does so within seconds."))
    return redirect("llm_respondents:panel", panel_id=panel.pk)


@require_POST
@login_required
def set_aside(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Archive a panel, which no new comparison has then, or take it back."""
    panel = panel_or_404(request, panel_id, Act.ANALYSE)
    aside = request.POST.get("act") == "archive"
    because = request.POST.get("because", "").strip()
    try:
        set_group_aside(
            group=panel.group, aside=aside, because=because, by=page_actor(request.user)
        )
    except StudyError as error:
        messages.error(request, error.said(_))
    else:
        said = _("Archived: no new comparison has it.") if aside else _("It is compared again.")
        messages.success(request, said)
    return redirect("llm_respondents:panel", panel_id=panel.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def study_cap(request: HttpRequest, slug: str) -> HttpResponse:
    """Set, raise or lift the most that all panels of a study may cost together."""
    study = study_or_404(request, slug, Act.PANELS)
    spending = study_spending(study)
    form = CapForm(request.POST or None, initial={"spend_cap": spending.cap})
    if request.method == "POST" and form.is_valid():
        services.cap_study_spend(
            study=study, cap=form.cleaned_data["spend_cap"], by=page_actor(request.user)
        )
        messages.success(request, _("The spend cap is set."))
        return redirect("llm_respondents:models", slug=slug)
    context = {"study": study, "form": form, "spending": spending}
    status = 422 if form.errors else 200
    return render(request, "llm_respondents/study_cap.html", context, status=status)


def _batch_door(spec: PanelSpec, waves: int | None) -> dict[str, Any]:
    """How long batches can take and what they cost; nothing where nobody takes them."""
    if waves is None:
        return {}
    plan = services.BatchPlan(waves)
    price = price_of(spec, readable_endpoints())
    share = round(100 * price.batch_factor) if price else None
    return {"batch_plan": plan, "batch_share": share}


def _may_pilot(panel: Panel, sessions: int) -> bool:
    """Whether the first sessions can tell something about the rest: none of them was conducted."""
    if panel.group.simulated or panel.started_at is not None:
        return False
    return sessions > PILOT_SESSIONS


def _cap_to_offer(panel: Panel, forecast: CostRange | None) -> Decimal | None:
    """The cap as it is; before one is set, what the panel may be expected to need, in cents."""
    if panel.spend_cap_nano is not None:
        return Decimal(panel.spend_cap_nano) / NANO
    if forecast is None or forecast.high.nano is None:
        return None
    return (Decimal(forecast.high.nano) / NANO).quantize(_CENT, ROUND_CEILING)


def _run(panel: Panel, by: Actor) -> str:
    jobs.queue_run(panel=panel, by=by)
    return _("The panel runs as soon as a worker is free.")


def _pilot(panel: Panel, by: Actor) -> str:
    jobs.queue_run(panel=panel, first=PILOT_SESSIONS, by=by)
    return _("The first sessions run as soon as a worker is free. They count as any others do.")


def _insist(panel: Panel, by: Actor) -> str:
    jobs.queue_run(panel=panel, insists=True, by=by)
    return _("The panel goes on as soon as a worker is free, whatever its replies are.")


def _batch(panel: Panel, by: Actor) -> str:
    jobs.queue_batch_panel(panel_id=panel.pk, by=by)
    return _("The first batch is handed over as soon as a worker is free.")


def _probe(panel: Panel, by: Actor) -> str:
    jobs.queue_probe(panel=panel, by=by)
    return _("The endpoint is probed as soon as a worker is free.")


def _pause(panel: Panel, by: Actor) -> str:
    services.pause_panel(panel=panel, by=by)
    return ""


def _cancel(panel: Panel, by: Actor) -> str:
    services.cancel_panel(panel=panel, by=by)
    return ""


_ACTS: Mapping[str, Callable[[Panel, Actor], str]] = {
    "run": _run,
    "pilot": _pilot,
    "insist": _insist,
    "batch": _batch,
    "probe": _probe,
    "pause": _pause,
    "cancel": _cancel,
}
