"""Rehearsing from the tab on how people come in: simulated people, sent by a worker."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from surveys.errors import StudyError
from surveys.models import Study
from surveys.roles import Act
from surveys.services.audit import page_actor
from surveys.services.rehearsal import MOST_PEOPLE, start_rehearsal
from surveys.views.membership import page_for


class RehearsalForm(forms.Form):
    """How many simulated people there are to be in all."""

    people = forms.IntegerField(
        min_value=1,
        max_value=MOST_PEOPLE,
        initial=50,
        label=gettext_lazy("Simulated people, in all"),
    )


@require_POST
@page_for(Act.RECRUIT)
def rehearse(request: HttpRequest, study: Study) -> HttpResponse:
    """Let a worker send simulated people through the study's pages."""
    form = RehearsalForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(one) for one in form.errors["people"]))
        return redirect("surveys:recruit", slug=study.slug)
    try:
        start_rehearsal(
            study=study, people=form.cleaned_data["people"], by=page_actor(request.user)
        )
    except StudyError as error:
        messages.error(request, error.said(_))
    else:
        messages.success(request, _("Simulated people are on their way; see below how far."))
    return redirect("surveys:recruit", slug=study.slug)
