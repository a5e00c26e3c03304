"""Answers of models that were collected elsewhere: what is known of a group, and its replies."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from llm_respondents.jobs import REREADING, queue_rereading
from llm_respondents.readout.collected import collected_group, replies_of
from llm_respondents.web.access import study_or_404
from surveys.jobs.reading import JobState, job_state, jobs_for
from surveys.models import RespondentGroup
from surveys.roles import Act
from surveys.services.audit import page_actor
from surveys.workspace.lists.paging import KeyedPaginator

REPLIES_PER_PAGE = 50
# What a reader asks first of answers that somebody else collected.
TOLD = (
    ("provider", _("Provider")),
    ("model_id", _("Model")),
    ("run_dates", _("Dates of the run")),
    ("temperature", _("Temperature")),
    ("seed", _("Seed")),
    ("history", _("History")),
    ("call_structure", _("Items per turn")),
    ("persona_frame", _("Personas")),
    ("system_prompt", _("System prompt")),
    ("item_prompt", _("Prompt of an item")),
    ("parsing_rule", _("How replies are read")),
)


@require_safe
@login_required
def collected_page(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """What the file tells of how they were asked, what came of it, and every reply."""
    group = _group_or_404(request, slug, key)
    page = KeyedPaginator(replies_of(group), REPLIES_PER_PAGE).get_page(request.GET.get("page"))
    state = _reading_of(request, group)
    context = {
        "study": group.study,
        "group": group,
        "counted": collected_group(group),
        "told": [(label, group.method.get(name, "")) for name, label in TOLD],
        "page": page,
        "state": state,
        "reading": state is not None and not state.job.is_over,
    }
    return render(request, "llm_respondents/collected.html", context)


def _reading_of(request: HttpRequest, group: RespondentGroup) -> JobState | None:
    """How far the replies are read again, or what came of it the last time."""
    jobs = jobs_for(request.user).filter(kind=REREADING, subject=f"group:{group.pk}")
    latest = jobs.order_by("-pk").first()
    return job_state(latest) if latest else None


@require_POST
@login_required
def read_again(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Let a worker read every raw reply again with today's parser, and record what differs."""
    group = _group_or_404(request, slug, key, Act.PANELS)
    queue_rereading(group=group, by=page_actor(request.user))
    return redirect("llm_respondents:collected", slug=slug, key=key)


def _group_or_404(request: HttpRequest, slug: str, key: str, act: Act = Act.SEE) -> RespondentGroup:
    groups = RespondentGroup.objects.filter(imported=True)
    study = study_or_404(request, slug, act)
    group = get_object_or_404(groups, study=study, key=key)
    group.study = study
    return group
