"""All studies of a user."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from surveys.models import Study
from surveys.selectors import studies_with_counts
from surveys.workspace.lists.tables import Column, Filter, Table, show
from surveys.workspace.tabs import needs_of

TABLE = Table(
    columns=(
        Column("study", _("Study"), lambda one: one.title()),
        Column("state", _("State"), lambda one: gettext(one.get_status_display())),
        Column("people", _("People"), lambda one: one.people, number=True),
        Column("simulated", _("Simulated people"), lambda one: one.simulated_people, number=True),
        Column("sessions", _("Model sessions"), lambda one: one.model_sessions, number=True),
    ),
    filters=(
        Filter(
            "state",
            _("State"),
            [(value, _(label)) for value, label in Study.Status.choices],
            _("any"),
            value=lambda one: one.status,
        ),
    ),
    searches=True,
)


@require_safe
@login_required
def study_list(request: HttpRequest) -> HttpResponseBase:
    """The studies that the user owns or helps with; the archived ones on a page of their own."""
    studies = studies_with_counts(request.user)
    archived = studies.filter(archived_at__isnull=False)
    shows_archived = request.GET.get("archived") == "1"
    shown = list(archived if shows_archived else studies.filter(archived_at__isnull=True))
    table = show(request, TABLE, shown)
    if table.is_file:
        return table.file("studies")
    context = {
        "studies": shown,
        "table": table,
        "needs": [] if shows_archived else needs_of(shown),
        "archived": archived.count(),
        "shows_archived": shows_archived,
    }
    return render(request, "surveys/study_list.html", context)
