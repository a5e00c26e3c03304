"""Waves of a study: when the same people are asked again, and how many came."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surveys.codes import Problem
from surveys.models import Study
from surveys.roles import Act
from surveys.services.audit import page_actor
from surveys.services.inviting.waves import (
    MOST_WAVES,
    WaveDraft,
    set_waves,
    wave_counts,
    waves_of,
)
from surveys.services.people.refusing import ArrangementRefused
from surveys.views.membership import form_methods, page_for
from surveys.views.people.terms_form import Moment


class WaveRow(forms.Form):
    """One wave; a row that is not ticked is none."""

    asked = forms.BooleanField(label=_("Wave"), required=False)
    opens_at = forms.DateTimeField(label=_("Opens at"), required=False, widget=Moment)
    closes_at = forms.DateTimeField(label=_("Closes at"), required=False, widget=Moment)


def _rows(waves: Sequence[WaveDraft], data: Any = None) -> Any:
    kind = forms.formset_factory(WaveRow, extra=2, max_num=MOST_WAVES, absolute_max=MOST_WAVES)
    initial = [
        {"asked": True, "opens_at": one.opens_at, "closes_at": one.closes_at} for one in waves
    ]
    return kind(data, initial=initial, prefix="waves")


@form_methods
@page_for(Act.RECRUIT)
def waves(request: HttpRequest, study: Study) -> HttpResponse:
    """Say when the same people are asked."""
    stored = waves_of(study=study)
    rows = _rows(stored, request.POST if request.method == "POST" else None)
    if request.method == "POST" and rows.is_valid():
        asked = [row for row in rows if row.cleaned_data.get("asked")]
        drafts = [
            WaveDraft(row.cleaned_data["opens_at"], row.cleaned_data["closes_at"]) for row in asked
        ]
        try:
            set_waves(study=study, waves=drafts, by=page_actor(request.user))
        except ArrangementRefused as error:
            _refuse(asked or list(rows), error.problems)
        else:
            messages.success(request, gettext("The waves are set."))
            return redirect("surveys:recruit", slug=study.slug)
    wrong = any(row.errors for row in rows) if rows.is_bound else False
    counts = wave_counts(study=study)
    context = {
        "study": study,
        "rows": rows,
        "counts": sorted((number, *told) for number, told in counts.items()),
        "wrong": wrong,
    }
    return render(request, "surveys/waves.html", context, status=422 if wrong else 200)


def _refuse(rows: Sequence[WaveRow], problems: Sequence[Problem]) -> None:
    for problem in problems:
        place, _, part = problem.where.partition("].")
        number = place.removeprefix("waves[")
        row = rows[int(number) - 1] if number.isdigit() else rows[0]
        row.add_error(part if part in row.fields else None, problem.said(gettext))
