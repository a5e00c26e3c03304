"""A study at a glance, and opening and closing it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from surveys import services
from surveys.errors import StudyError
from surveys.instrument_files import Locked
from surveys.models import Study
from surveys.roles import Act
from surveys.selectors import languages_in_english
from surveys.services.audit import page_actor
from surveys.services.definitions import readiness
from surveys.views.membership import form_methods, page_for, study_of, study_or_404
from surveys.views.polling import mark_of, unchanged
from surveys.views.workspace.confirmation import Question, ask
from surveys.workspace.funnel import flows_of, groups_with_flows
from surveys.workspace.tabs import needs_of, study_steps

LATELY = 6


@require_safe
@login_required
def study_page(request: HttpRequest, slug: str) -> HttpResponse:
    """How far a study is: its steps, who answered, what is next, what happened lately.

    For htmx the part alone that changes while people answer; it asks again while the study is open.
    """
    groups = groups_with_flows(request.user, slug)
    study = study_of(groups[0], "study") if groups else study_or_404(request, slug)
    flows = flows_of(groups)
    context: dict[str, Any] = {"study": study, "flows": flows, "seen": mark_of(study.status, flows)}
    if request.headers.get("HX-Request"):
        answer = unchanged(request, context["seen"])
        return answer or render(request, "surveys/_flows.html", context)
    steps = study_steps(study)
    following = (step for step in steps if step.progress.next_act)
    context |= {
        "steps": steps,
        "next": next(following, None),
        "needs": needs_of([study]),
        "lately": study.log.order_by("-at", "-pk")[:LATELY],
    }
    return render(request, "surveys/study.html", context)


@form_methods
@page_for(Act.AUTHOR)
def open_study(request: HttpRequest, study: Study) -> HttpResponse:
    """Freeze the study and let people begin, after saying what is missing and what locks."""
    if request.method != "POST":
        context = {
            "study": study,
            "ready": readiness(study),
            "locks": [_(one.sentence) for one in Locked],
            "in_english": languages_in_english(study),
        }
        return render(request, "surveys/open_study.html", context)
    rehearsal = "rehearsal" in request.POST
    try:
        services.open_study(study=study, people=not rehearsal, by=page_actor(request.user))
    except StudyError as error:
        messages.error(request, error.said(_))
    else:
        done = (
            _("The study is open and frozen, for rehearsals and models only.")
            if rehearsal
            else _("The study is open and frozen: people can begin.")
        )
        messages.success(request, done)
    return _back_to(study)


@form_methods
@page_for(Act.CLOSE)
def close_study(request: HttpRequest, study: Study) -> HttpResponse:
    """Let no one begin any more, after asking."""
    if request.method != "POST":
        return ask(request, _closing(study), study=study)
    try:
        services.close_study(study=study, by=page_actor(request.user))
    except StudyError as error:
        messages.error(request, error.said(_))
    else:
        messages.success(request, _("The study is closed. Whoever has begun may finish."))
    return _back_to(study)


def _closing(study: Study) -> Question:
    under_way = study.administrations.filter(status="in_progress").count()
    return Question(
        heading=_("Close this study?"),
        text=_(
            "Nobody can begin any more, and a closed study cannot be opened again. Whoever has "
            "begun may finish."
        ),
        affected=[
            _("Links that let people in: %(n)s") % {"n": study.links.filter(active=True).count()},
            _("Questionnaires under way, which may be finished: %(n)s") % {"n": under_way},
        ],
        stays=[_("All answers, panels, plans and reports")],
        action=_("Close for good"),
    )


def _back_to(study: Study) -> HttpResponseRedirect:
    return redirect("surveys:study", slug=study.slug)
