"""Quotas of a study: how they stand while people answer, and how many people are wanted."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from surveys.models import Study
from surveys.roles import Act
from surveys.services.audit import page_actor
from surveys.services.people.quotas import (
    QuotaState,
    followed_quotas,
    quotas_of,
    set_quotas,
)
from surveys.services.people.refusing import ArrangementRefused
from surveys.views.membership import form_methods, page_for, study_of, study_or_404
from surveys.views.people.quota_form import CrossForm, QuotaRows
from surveys.views.polling import mark_of, unchanged


@require_safe
@login_required
def quota_table(request: HttpRequest, slug: str) -> HttpResponse:
    """How the quotas stand: the part of the page of links that asks again by itself."""
    quotas = followed_quotas(request.user, slug)
    study = study_of(quotas[0].quota, "study") if quotas else study_or_404(request, slug)
    seen = mark_of_quotas(study, quotas)
    context = {"study": study, "quotas": quotas, "quotas_seen": seen}
    return unchanged(request, seen) or render(request, "surveys/_quotas.html", context)


def mark_of_quotas(study: Study, quotas: Sequence[QuotaState]) -> str:
    """What the part on quotas shows depends on this alone."""
    shown = ("label", "when", "link_id", "most", "taken", "turned_away")
    rows = [(one.completed, *(getattr(one.quota, name) for name in shown)) for one in quotas]
    return mark_of(study.status, rows)


@form_methods
@page_for(Act.RECRUIT)
def quotas(request: HttpRequest, study: Study) -> HttpResponse:
    """Set the quotas of a study; crossing questions fills in rows, and stores nothing yet."""
    language = get_language() or study.default_language
    stored = quotas_of(study=study).quotas
    if request.method != "POST":
        return _show(request, study, QuotaRows(study, stored), CrossForm(study, language))
    if "cross" in request.POST:
        cross = CrossForm(study, language, request.POST)
        drafts = cross.drafts if cross.is_valid() else []
        known = {one.label for one in stored}
        more = [one for one in drafts if one.label not in known]
        rows = QuotaRows(study, [*stored, *more])
        return _show(request, study, rows, cross, crossed=bool(more))
    rows = QuotaRows(study, stored, request.POST)
    if rows.is_valid():
        try:
            set_quotas(study=study, values=rows.values, by=page_actor(request.user))
        except ArrangementRefused as error:
            rows.refuse(error.problems)
        else:
            messages.success(request, _("The quotas are set."))
            return redirect("surveys:recruit", slug=study.slug)
    return _show(request, study, rows, CrossForm(study, language))


def _show(
    request: HttpRequest,
    study: Study,
    rows: QuotaRows,
    cross: CrossForm,
    *,
    crossed: bool = False,
) -> HttpResponse:
    context = {
        "study": study,
        "rows": rows.forms,
        "wrong": rows.wrong,
        "cross": cross,
        "crossed": crossed,
    }
    wrong = rows.wrong or cross.errors
    return render(request, "surveys/quotas.html", context, status=422 if wrong else 200)
