"""Pages of the panels. Whoever is not a member of the study finds nothing here."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from llm_respondents import services, tasks
from llm_respondents.errors import PanelError
from llm_respondents.models import Panel
from llm_respondents.selectors import (
    panel_cost,
    panel_progress,
    panels_for,
    panels_of,
    sessions_of,
    transcript,
)
from surveys.models import Study
from surveys.selectors import studies_for

SESSIONS_PER_PAGE = 50


@require_safe
@login_required
def study_fragment(request: HttpRequest, slug: str) -> HttpResponse:
    """The study page's part on panels; it asks again while one of them runs."""
    study = get_object_or_404(studies_for(request.user), slug=slug)
    panels = panels_of(study)
    context = {
        "study": study,
        "rows": [(panel, panel_progress(panel)) for panel in panels],
        "busy": any(panel.status == Panel.Status.RUNNING for panel in panels),
    }
    return _fragment(request, "llm_respondents/_study.html", study, context)


@require_safe
@login_required
def panel_fragment(request: HttpRequest, panel_id: int) -> HttpResponse:
    """The progress of one panel; it asks again while the panel runs."""
    panel = _panel(request, panel_id)
    return _fragment(request, "llm_respondents/_progress.html", panel.study, _progress(panel))


@require_safe
@login_required
def panel_page(request: HttpRequest, panel_id: int) -> HttpResponse:
    """One panel: how it is conducted, how far it is, and its sessions."""
    panel = _panel(request, panel_id)
    sessions = Paginator(sessions_of(panel), SESSIONS_PER_PAGE).get_page(request.GET.get("page"))
    context = {**_progress(panel), "study": panel.study, "sessions": sessions}
    return render(request, "llm_respondents/panel.html", context)


@require_safe
@login_required
def transcript_page(request: HttpRequest, panel_id: int, number: int) -> HttpResponse:
    """One session as the conversation that it was."""
    panel = _panel(request, panel_id)
    member = get_object_or_404(sessions_of(panel), number=number)
    context = {
        "panel": panel,
        "study": panel.study,
        "member": member,
        "transcript": transcript(member),
    }
    return render(request, "llm_respondents/transcript.html", context)


@require_POST
@login_required
def steer(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Start, pause or cancel a panel."""
    panel = _panel(request, panel_id)
    act = _ACTS.get(request.POST.get("act", ""))
    if act is None:
        return HttpResponseBadRequest("act: run, pause or cancel")
    try:
        act(panel)
    except PanelError as error:
        messages.error(request, error.message)
    return redirect("llm_respondents:panel", panel_id=panel.pk)


def _run(panel: Panel) -> None:
    services.resume_panel(panel=panel)
    tasks.run_panel.enqueue(panel.pk)


def _pause(panel: Panel) -> None:
    services.pause_panel(panel=panel)


def _cancel(panel: Panel) -> None:
    services.cancel_panel(panel=panel)


_ACTS: Mapping[str, Callable[[Panel], None]] = {"run": _run, "pause": _pause, "cancel": _cancel}


def _panel(request: HttpRequest, panel_id: int) -> Panel:
    return get_object_or_404(panels_for(request.user), pk=panel_id)


def _progress(panel: Panel) -> dict[str, Any]:
    progress = panel_progress(panel)
    return {
        "panel": panel,
        "progress": progress,
        "cost": panel_cost(panel),
        "missing": [(_reason(reason), count) for reason, count in progress.missing.items()],
        "busy": panel.status == Panel.Status.RUNNING,
    }


def _reason(reason: str) -> str:
    return reason.replace("_", " ")


def _fragment(
    request: HttpRequest, template: str, study: Study, context: dict[str, Any]
) -> HttpResponse:
    """The fragment alone for htmx; a whole page around it for whoever has no JavaScript."""
    if request.headers.get("HX-Request"):
        return render(request, template, context)
    context = {**context, "fragment": template, "study": study}
    return render(request, "llm_respondents/fragment.html", context)
