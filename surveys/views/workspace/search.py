"""The search at the top of every page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from surveys.workspace.finding import MOST_WORDS, find_everywhere


@require_safe
@login_required
def search(request: HttpRequest) -> HttpResponse:
    """What was found, group by group; the first hits of each."""
    words = request.GET.get("q", "").strip()[:MOST_WORDS]
    context = {"words": words, "groups": find_everywhere(request.user, words)}
    return render(request, "surveys/search.html", context)
