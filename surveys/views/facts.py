"""The page on which the editors of a study say what its report cannot know."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from surveys import services
from surveys.instrument_files import InstrumentFileError
from surveys.instrument_files.settings import FACT_TOPICS, PanelFacts, fact_labels
from surveys.models import Kind, Study
from surveys.roles import Act
from surveys.selectors import stated_facts, study_groups
from surveys.services.audit import page_actor
from surveys.views.forms import FactsForm
from surveys.views.membership import page_for


@require_http_methods(["GET", "HEAD", "POST"])
@page_for(Act.ANALYSE)
def state_facts(request: HttpRequest, study: Study) -> HttpResponse:
    """State the facts for the report, in whatever state the study is."""
    given = dict(_flat(stated_facts(study)))
    form = FactsForm(_topics(study), given, request.POST or None)
    if form.is_valid():
        try:
            services.state_facts(study=study, facts=form.changed, by=page_actor(request.user))
        except InstrumentFileError as error:
            for problem in error.problems:
                form.add_error(
                    problem.where if problem.where in form.fields else None, problem.said(_)
                )
        else:
            messages.success(
                request, _("The facts are kept; reports written from now on have them.")
            )
            return redirect("surveys:design", slug=study.slug)
    context = {"study": study, "form": form}
    status = 422 if form.errors else 200
    return render(request, "surveys/facts_form.html", context, status=status)


def _topics(study: Study) -> dict[str, dict[str, str]]:
    """Topic -> the facts that can be stated, with what they are called; a topic for each panel."""
    topics = {
        _(topic): {key: _(label) for key, label in fact_labels(kind).items()}
        for topic, kind in FACT_TOPICS.items()
    }
    for group in study_groups(study):
        if group.kind == Kind.LLM:
            called = _("Panel %(panel)s alone") % {"panel": group.label}
            topics[called] = {
                f"panels.{group.key}.{key}": _(label)
                for key, label in fact_labels(PanelFacts).items()
            }
    return topics


def _flat(facts: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Facts by the names of the form's fields."""
    for key, value in facts.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value
