"""Lists of links, one for each person: made, looked at, downloaded, printed."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from surveys.codes import Problem
from surveys.errors import StudyError
from surveys.models import LinkList, RecruitingLink, Study
from surveys.recruiters.link_lists import (
    LONGEST_NAME,
    MOST_LINES,
    ListDraft,
    numbered,
    read_lines,
)
from surveys.recruiters.qr_sheets import PAPERS, Ticket, qr_sheet
from surveys.roles import Act
from surveys.services.audit import page_actor
from surveys.services.people.link_lists import (
    links_of,
    make_link_list,
    write_link_list,
)
from surveys.services.people.refusing import ArrangementRefused
from surveys.views.membership import form_methods, page_for
from surveys.views.workspace.recruiting import link_address


class LinkListForm(forms.Form):
    """A list of people: as lines, or only how many."""

    name = forms.CharField(
        label=_("Name of the list"),
        max_length=LONGEST_NAME,
        help_text=_("For yourselves, such as “Seminar of 3 May”."),
    )
    kind = forms.ChoiceField(
        label=_("Each person’s link"),
        choices=[
            (RecruitingLink.Kind.SINGLE_USE, _("Single use: lets one person begin, once")),
            (
                RecruitingLink.Kind.PERSONAL,
                _("Personal: lets one person begin, and leads them back ever after"),
            ),
        ],
    )
    count = forms.IntegerField(
        label=_("Number of people"),
        required=False,
        min_value=1,
        max_value=MOST_LINES,
        help_text=_("They are called P001, P002 and so on."),
    )
    lines = forms.CharField(
        label=_("Or a line for each person"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        help_text=_("A pseudonym, then a label if you like: P17, Group A. No names, no addresses."),
    )
    terms_of = forms.ModelChoiceField(
        label=_("Terms as of the link"),
        required=False,
        queryset=RecruitingLink.objects.none(),
        empty_label=_("none"),
        help_text=_("Codes, ways back and times are taken over from it."),
    )
    simulated = forms.BooleanField(
        label=_("Rehearsal: store and show whoever uses it as simulated"), required=False
    )

    def __init__(self, study: Study, data: Any = None) -> None:
        super().__init__(data)
        links = study.links.filter(link_list=None, recruiter="").order_by("pk")
        self.fields["terms_of"].queryset = links  # type: ignore[attr-defined]

    @property
    def draft(self) -> ListDraft:
        """The list as it was asked for; lines stand before a number."""
        given = self.cleaned_data
        lines = read_lines(given["lines"]) or numbered(given["count"] or 0)
        return ListDraft(given["name"].strip(), lines, given["kind"])

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Say what is wrong beside the field; the first twenty of the lines."""
        for problem in problems[:20]:
            place, _, _rest = problem.where.partition("[")
            number = problem.where.removeprefix("lines[").rstrip("]")
            text = problem.said(gettext)
            if place != problem.where:
                text = f"{number}: {text}"
            self.add_error(place if place in self.fields else None, text)


@form_methods
@page_for(Act.IDENTITIES)
def new_link_list(request: HttpRequest, study: Study) -> HttpResponse:
    """Make a link for each person of a list."""
    form = LinkListForm(study, request.POST or None)
    if form.is_valid():
        try:
            made = make_link_list(
                study=study,
                draft=form.draft,
                by=page_actor(request.user),
                simulated=form.cleaned_data["simulated"],
                as_link=form.cleaned_data["terms_of"],
            )
        except ArrangementRefused as error:
            form.refuse(error.problems)
        except StudyError as error:
            form.add_error("simulated", error.said(gettext))
        else:
            messages.success(request, gettext("The links are made."))
            return redirect("surveys:link_list", slug=study.slug, list_id=made.pk)
    context = {
        "study": study,
        "form": form,
        "heading": _("A link for each person"),
        "action": _("Make the links"),
        "back": reverse("surveys:recruit", kwargs={"slug": study.slug}),
    }
    status = 422 if form.errors else 200
    return render(request, "surveys/study_form.html", context, status=status)


@require_safe
@page_for(Act.IDENTITIES)
def link_list(request: HttpRequest, study: Study, list_id: int) -> HttpResponse:
    """The people of a list and what became of their links; addresses are in the downloads."""
    one = get_object_or_404(study.link_lists, pk=list_id)
    links = links_of(link_list=one)
    context = {
        "study": study,
        "list": one,
        "links": links,
        "contacts": any(entry.contact for entry in links),
        "mailings": one.mailings.order_by("-pk"),
    }
    return render(request, "surveys/link_list.html", context)


@require_safe
@page_for(Act.IDENTITIES)
def link_list_file(_request: HttpRequest, study: Study, list_id: int) -> HttpResponse:
    """The list with its addresses as CSV."""
    one = get_object_or_404(study.link_lists, pk=list_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{_file(one)}.csv"'
    response.write("\ufeff")
    write_link_list(link_list=one, file=response, address=link_address)  # type: ignore[arg-type]
    return response


@require_safe
@page_for(Act.IDENTITIES)
def link_list_sheet(request: HttpRequest, study: Study, list_id: int) -> HttpResponse:
    """The links that nobody has used yet as codes to cut up, on A4 or US letter paper."""
    one = get_object_or_404(study.link_lists, pk=list_id)
    paper = request.GET.get("paper", "a4")
    tickets = [
        Ticket(link_address(entry.link), entry.link.pseudonym, entry.link.label)
        for entry in links_of(link_list=one)
        if entry.link.active
    ]
    content = qr_sheet(tickets, title=study.title(), paper=paper if paper in PAPERS else "a4")
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{_file(one)}.pdf"'
    return response


def _file(one: LinkList) -> str:
    return f"{one.study.slug}-links-{one.pk}"
