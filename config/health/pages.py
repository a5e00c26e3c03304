"""The page for staff, and the line for load balancers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.backups.jobs import BACKUP, start_backup
from config.health.findings import areas
from surveys.jobs.reading import subject_jobs
from surveys.services.audit import page_actor


@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """Whether this process reaches its database: 200 or 503, and nothing else for strangers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "down"}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
@login_required
def staff_page(request: HttpRequest) -> HttpResponse:
    """How the installation is, for staff; to anybody else there is no such page."""
    if not request.user.is_staff:
        raise Http404
    found = areas()
    problems = [one for area in found for one in area.findings if one.state == "bad"]
    context = {"areas": found, "problems": problems, "backups": subject_jobs(BACKUP)}
    return render(request, "surveys/staff.html", context)


@require_POST
@login_required
def back_up_now(request: HttpRequest) -> HttpResponse:
    """Let a worker make a backup in the data directory."""
    if not request.user.is_staff:
        raise Http404
    start_backup(by=page_actor(request.user))
    messages.success(request, _("The backup is made as soon as a worker is free."))
    return redirect("staff")
