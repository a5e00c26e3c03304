"""Quotas of a study: how they stand while people answer, and how many people are wanted."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from surveys.models import Study
from surveys.roles import Act
from surveys.services.audit import page_actor
from surveys.services.people.quotas import (
    quota_states,
    quotas_of,
    set_quotas,
)
from surveys.services.people.refusing import ArrangementRefused
from surveys.views.membership import form_methods, member_page, page_for
from surveys.views.people.quota_form import CrossForm, QuotaRows


@require_safe
@member_page
def quota_table(request: HttpRequest, study: Study) -> HttpResponse:
    """How the quotas stand: the part of the page of links that asks again by itself."""
    context = {"study": study, "quotas": quota_states(study=study)}
    return render(request, "surveys/_quotas.html", context)


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
