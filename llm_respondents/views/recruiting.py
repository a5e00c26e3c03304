"""The page on which members of a study recruit a panel. Nothing is asked before it is run."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from llm_respondents import services
from llm_respondents.endpoints import Endpoint, EndpointFileError
from llm_respondents.errors import PanelSpecError
from llm_respondents.forms import PanelForm
from llm_respondents.models import Panel
from llm_respondents.views.access import study_or_404
from surveys.errors import StudyError
from surveys.models import Study


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_panel(request: HttpRequest, slug: str) -> HttpResponse:
    """Describe a panel and recruit its sessions; then its own page shows what it would cost."""
    study = study_or_404(request, slug)
    form = PanelForm(study, _endpoints(request), request.POST or None)
    if form.is_valid() and (panel := _recruited(request, study, form)):
        messages.success(request, _("The panel is recruited; nothing has been asked yet."))
        return redirect("llm_respondents:panel", panel_id=panel.pk)
    context = {"study": study, "title": study.title(), "form": form}
    status = 422 if form.errors else 200
    return render(request, "llm_respondents/new_panel.html", context, status=status)


def _recruited(request: HttpRequest, study: Study, form: PanelForm) -> Panel | None:
    """The new panel, or None if the form now says why there is none."""
    assert form.spec is not None
    assert request.user.is_authenticated
    try:
        panel = services.recruit_panel(study=study, spec=form.spec, by=request.user)
    except PanelSpecError as error:
        form.refuse(error)
        return None
    except StudyError as error:
        form.add_error(None, error.message)
        return None
    if form.cleaned_data["spend_cap"] is not None:
        services.cap_spend(panel=panel, cap=form.cleaned_data["spend_cap"])
    return panel


def _endpoints(request: HttpRequest) -> dict[str, Endpoint]:
    """The operator's endpoints; none, with a word about it, if their file cannot be read."""
    try:
        return services.endpoints()
    except EndpointFileError:
        # The message names a file of the server; it is for whoever operates it.
        messages.error(
            request,
            _("The list of endpoints cannot be read. Whoever operates the server can mend it."),
        )
        return {}
