"""Jobs for members of their study: how far one is, cancelling it, and the file it left."""

from collections.abc import Sequence
from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from surveys.jobs.downloads import file_of
from surveys.jobs.queue import look_after_jobs
from surveys.jobs.reading import JobState, job_state, jobs_for
from surveys.models import Job
from surveys.services.audit import page_actor
from surveys.services.jobs import cancel_job, require_file
from surveys.views.polling import asks_again, mark_of, unchanged
from surveys.workspace.lists.tables import Column, Filter, Table, show
from surveys.workspace.work import known_workers, work_of

# What ended, as a list.
ENDED = (
    Column("job", gettext_lazy("Job"), lambda one: one.label),
    Column("study", gettext_lazy("Study"), lambda one: one.job.study and one.job.study.title()),
    Column("who", gettext_lazy("Who"), lambda one: one.job.created_by_name),
    Column("state", gettext_lazy("State"), lambda one: one.job.get_status_display()),
    Column("ended", gettext_lazy("Ended"), lambda one: one.job.ended_at),
    Column("result", gettext_lazy("Result"), lambda one: one.sentence),
)


def _ended_table(ended: Sequence[JobState]) -> Table:
    studies = {one.job.study.slug: one.job.study.title() for one in ended if one.job.study}
    states = [one for one in Job.Status.choices if one[0] not in Job.UNFINISHED]
    return Table(
        columns=ENDED,
        filters=(
            Filter(
                "study",
                gettext_lazy("Study"),
                sorted(studies.items(), key=lambda one: one[1]),
                gettext_lazy("any"),
                value=lambda one: one.job.study.slug if one.job.study else "",
            ),
            Filter(
                "state",
                gettext_lazy("State"),
                states,
                gettext_lazy("any"),
                value=lambda one: one.job.status,
            ),
        ),
        first="-ended",
        searches=True,
    )


@require_safe
@login_required
def jobs_page(request: HttpRequest) -> HttpResponseBase:
    """What runs, waits and ended, and which workers live; for htmx the list alone."""
    work = work_of(request.user)
    if any(state.is_abandoned for state in work.under_way):
        look_after_jobs()
        work = work_of(request.user)
    table = show(request, _ended_table(work.ended), work.ended)
    if table.is_file:
        return table.file("jobs")
    seen = mark_of(work.worker_lives, [_state_mark(one) for one in (*work.under_way, *work.ended)])
    context = {"work": work, "table": table, "again": asks_again(request, seen)}
    if request.headers.get("HX-Request"):
        return unchanged(request, seen) or render(request, "surveys/_jobs.html", context)
    workers = known_workers()
    work = replace(work, worker_lives=any(alive for _worker, alive in workers))
    return render(request, "surveys/jobs.html", {**context, "work": work, "workers": workers})


def _state_mark(state: JobState) -> tuple[object, ...]:
    job = state.job
    return (
        *(job.pk, job.status, job.attempts, job.phase, job.place, job.total),
        *(job.error_code, bool(job.file), state.ahead, state.minutes_left),
        *(state.is_stopping, state.is_abandoned, state.is_later),
    )


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
