"""All studies of a user."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from surveys.selectors import studies_with_counts


@require_safe
@login_required
def study_list(request: HttpRequest) -> HttpResponse:
    """The studies that the user owns or helps with; the archived ones on a page of their own."""
    studies = studies_with_counts(request.user)
    archived = studies.filter(archived_at__isnull=False)
    shown = request.GET.get("archived") == "1"
    context = {
        "studies": archived if shown else studies.filter(archived_at__isnull=True),
        "archived": archived.count(),
        "shows_archived": shown,
    }
    return render(request, "surveys/study_list.html", context)
