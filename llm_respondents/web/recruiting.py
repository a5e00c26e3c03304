"""The pages on which members of a study recruit a panel: by a form, or by a specification's file.

Nothing is asked before it is run. A design with several conditions is shown with its sessions and
its hash before it is recruited; what was shown is named by the hash, so that nothing else is made.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from llm_respondents import services
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoint_list import readable_endpoints
from llm_respondents.errors import PanelSpecError
from llm_respondents.jobs.recruiting import recruit_or_queue
from llm_respondents.models import Panel
from llm_respondents.services.named_endpoints import endpoint_name
from llm_respondents.web.access import study_or_404
from llm_respondents.web.broken_list import broken_list
from llm_respondents.web.design_table import shown_design
from llm_respondents.web.forms import PanelForm
from llm_respondents.web.spec_files import SpecFileForm
from surveys.models import Job, Study
from surveys.roles import Act
from surveys.services.audit import page_actor


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_panel(request: HttpRequest, slug: str) -> HttpResponse:
    """Describe a panel and recruit its sessions; then its own page shows what it would cost."""
    return _recruiting(request, slug, PanelForm, "llm_respondents/new_panel.html", _shows_first)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_panel_of_file(request: HttpRequest, slug: str) -> HttpResponse:
    """Recruit what a specification's file describes; it is shown first, whatever it is."""
    template = "llm_respondents/new_panel_of_file.html"
    return _recruiting(request, slug, SpecFileForm, template, _has_not_seen)


def _recruiting(
    request: HttpRequest,
    slug: str,
    form_class: type[PanelForm | SpecFileForm],
    template: str,
    shows_first: Callable[[HttpRequest, PanelSpec], bool],
) -> HttpResponse:
    study = study_or_404(request, slug, Act.PANELS)
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = form_class(study, readable_endpoints(), *posted)
    shown = False
    if form.is_valid() and form.spec:
        shown = shows_first(request, form.spec)
        if not shown:
            cap = form.cleaned_data["spend_cap"]
            try:
                made = recruit_or_queue(
                    study=study, spec=form.spec, by=page_actor(request.user), cap=cap
                )
            except PanelSpecError as error:
                form.refuse(error)
            else:
                return _to_panel(request, made, slug)
    return _page(request, template, study, form, shown=shown)


def _shows_first(request: HttpRequest, spec: PanelSpec) -> bool:
    """Whether the design is to be looked at before anything is made."""
    if request.POST.get("act") == "show":
        return True
    return len(spec.cells) > 1 and _has_not_seen(request, spec)


def _has_not_seen(request: HttpRequest, spec: PanelSpec) -> bool:
    return request.POST.get("shown") != spec.hash


def _page(
    request: HttpRequest,
    template: str,
    study: Study,
    form: PanelForm | SpecFileForm,
    *,
    shown: bool,
) -> HttpResponse:
    context: dict[str, Any] = {
        "study": study,
        "form": form,
        "broken_list": broken_list(request),
    }
    if shown and form.spec:
        context |= _shown(study, form, form.spec)
    return render(request, template, context, status=422 if form.errors else 200)


def _shown(study: Study, form: PanelForm | SpecFileForm, spec: PanelSpec) -> dict[str, Any]:
    """The design as it would be recruited; nothing where the study lacks what it asks for."""
    try:
        clusters = services.clusters_to_recruit(study=study, spec=spec)
    except PanelSpecError as error:
        form.refuse(error)
        return {}
    shown = shown_design(spec, clusters=clusters, endpoint=endpoint_name(spec))
    return {**shown, "spec_hash": spec.hash}


def _to_panel(request: HttpRequest, made: Panel | Job, slug: str) -> HttpResponse:
    if isinstance(made, Job):
        messages.success(request, _("The sessions are being drawn up; see below how far."))
        return redirect("llm_respondents:models", slug)
    messages.success(request, _("The panel is recruited; nothing has been asked yet."))
    return redirect("llm_respondents:panel", panel_id=made.pk)
