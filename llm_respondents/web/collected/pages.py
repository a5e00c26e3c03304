"""Answers of models that were collected elsewhere: what is known of a group, and its replies."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from llm_respondents.readout.collected import collected_group, replies_of
from llm_respondents.services.reparsing import reparse_collected
from llm_respondents.web.access import study_or_404
from surveys.models import RespondentGroup
from surveys.roles import Act
from surveys.services.audit import page_actor

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
    page = Paginator(replies_of(group), REPLIES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": group.study,
        "group": group,
        "counted": collected_group(group),
        "told": [(label, group.method.get(name, "")) for name, label in TOLD],
        "page": page,
    }
    return render(request, "llm_respondents/collected.html", context)


@require_POST
@login_required
def read_again(request: HttpRequest, slug: str, key: str) -> HttpResponse:
    """Read every raw reply again with today's parser, and record what differs."""
    group = _group_or_404(request, slug, key, Act.PANELS)
    changes = reparse_collected(group=group, by=page_actor(request.user), apply=True)
    said = ngettext(
        "One answer is read differently now.",
        "%(n)s answers are read differently now.",
        len(changes),
    )
    messages.success(request, said % {"n": len(changes)})
    return redirect("llm_respondents:collected", slug=slug, key=key)


def _group_or_404(request: HttpRequest, slug: str, key: str, act: Act = Act.SEE) -> RespondentGroup:
    groups = RespondentGroup.objects.filter(imported=True)
    study = study_or_404(request, slug, act)
    group = get_object_or_404(groups, study=study, key=key)
    group.study = study
    return group
