"""Jobs for members of their study: how far one is, cancelling it, and the file it left."""

from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from surveys.jobs.downloads import file_of
from surveys.jobs.queue import look_after_jobs
from surveys.jobs.reading import job_state, jobs_for
from surveys.services.audit import page_actor
from surveys.services.jobs import cancel_job, require_file
from surveys.workspace.work import known_workers, work_of


@require_safe
@login_required
def jobs_page(request: HttpRequest) -> HttpResponse:
    """What runs, waits and ended, and which workers live; for htmx the list alone."""
    work = work_of(request.user)
    if any(state.is_abandoned for state in work.under_way):
        look_after_jobs()
        work = work_of(request.user)
    if request.headers.get("HX-Request"):
        return render(request, "surveys/_jobs.html", {"work": work})
    workers = known_workers()
    work = replace(work, worker_lives=any(alive for _worker, alive in workers))
    return render(request, "surveys/jobs.html", {"work": work, "workers": workers})


@require_safe
@login_required
def job_fragment(request: HttpRequest, job_id: int) -> HttpResponse:
    """How far a job is; it asks again until the job is over, and then has the page shown anew."""
    job = get_object_or_404(jobs_for(request.user), pk=job_id)
    if job_state(job).is_abandoned:
        look_after_jobs()
        job = get_object_or_404(jobs_for(request.user), pk=job_id)
    response = render(request, "surveys/_job.html", {"state": job_state(job)})
    if job.is_over:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@login_required
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Stop a job, and go back to where the button was."""
    job = get_object_or_404(jobs_for(request.user), pk=job_id)
    if cancel_job(job=job, by=page_actor(request.user)):
        job.refresh_from_db()
        messages.success(
            request,
            _("It was stopped.") if job.is_over else _("It stops after the piece of work at hand."),
        )
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return (
        redirect("surveys:study", job.study.slug) if job.study else redirect("surveys:study_list")
    )


@require_safe
@login_required
def job_file(request: HttpRequest, job_id: int) -> HttpResponse:
    """The file that a job left, as long as it is kept."""
    job = get_object_or_404(jobs_for(request.user), pk=job_id)
    require_file(job=job, user=request.user)
    return file_of(job)
