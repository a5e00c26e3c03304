"""All studies of a user."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from surveys.selectors import studies_with_counts
from surveys.workspace.tabs import needs_of


@require_safe
@login_required
def study_list(request: HttpRequest) -> HttpResponse:
    """The studies that the user owns or helps with; the archived ones on a page of their own."""
    studies = studies_with_counts(request.user)
    archived = studies.filter(archived_at__isnull=False)
    shows_archived = request.GET.get("archived") == "1"
    shown = list(archived if shows_archived else studies.filter(archived_at__isnull=True))
    context = {
        "studies": shown,
        "needs": [] if shows_archived else needs_of(shown),
        "archived": archived.count(),
        "shows_archived": shows_archived,
    }
    return render(request, "surveys/study_list.html", context)
