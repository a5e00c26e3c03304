"""Addresses of a list, mails to its people, and the log of what was delivered."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from surveys.errors import StudyError
from surveys.models import LinkList, Study
from surveys.recruiters.mails import read_addresses
from surveys.roles import Act
from surveys.services.audit import page_actor
from surveys.services.inviting.contacts import mark_bounced, set_addresses
from surveys.services.inviting.mailing import can_send, is_under_way, send_mailing, send_the_rest
from surveys.services.people.refusing import ArrangementRefused
from surveys.views.inviting.forms import AddressesForm, BouncedForm, MailForm
from surveys.views.membership import form_methods, page_for

SHOWN = 1_000


@form_methods
@page_for(Act.RECRUIT)
def addresses(request: HttpRequest, study: Study, list_id: int) -> HttpResponse:
    """Say where people of a list are reached."""
    one = get_object_or_404(study.link_lists, pk=list_id)
    form = AddressesForm(request.POST or None)
    if form.is_valid():
        found, by = read_addresses(form.cleaned_data["addresses"]), page_actor(request.user)
        try:
            count = set_addresses(link_list=one, addresses=found, by=by)
        except ArrangementRefused as error:
            form.refuse(error.problems)
        else:
            said = ngettext("One address is set.", "%(n)s addresses are set.", count)
            messages.success(request, said % {"n": count})
            return redirect("surveys:link_list", slug=study.slug, list_id=one.pk)
    return _form(request, one, form, _("Addresses of the people"), _("Set the addresses"))


@form_methods
@page_for(Act.RECRUIT)
def bounced(request: HttpRequest, study: Study, list_id: int) -> HttpResponse:
    """Note at which addresses nobody is reached."""
    one = get_object_or_404(study.link_lists, pk=list_id)
    form = BouncedForm(request.POST or None)
    if form.is_valid():
        lines, by = form.cleaned_data["bounced"].split(), page_actor(request.user)
        count = mark_bounced(study=study, addresses=lines, by=by)
        said = ngettext("One address is noted.", "%(n)s addresses are noted.", count)
        messages.success(request, said % {"n": count})
        return redirect("surveys:link_list", slug=study.slug, list_id=one.pk)
    return _form(request, one, form, _("Mails that bounced"), _("Note them"))


@form_methods
@page_for(Act.RECRUIT)
def new_mail(request: HttpRequest, study: Study, list_id: int) -> HttpResponse:
    """Write to people of a list."""
    one = get_object_or_404(study.link_lists, pk=list_id)
    form = MailForm(study, request.POST or None)
    if form.is_valid():
        try:
            mailing = send_mailing(link_list=one, draft=form.draft, by=page_actor(request.user))
        except ArrangementRefused as error:
            form.refuse(error.problems)
        except StudyError as error:
            form.add_error(None, error.said(gettext))
        else:
            messages.success(request, gettext("The mails wait for a worker."))
            return redirect("surveys:mailing", slug=study.slug, mailing_id=mailing.pk)
    elif not can_send():
        text = _("The operator has named no mail server (EMAIL_HOST); nothing can be sent.")
        messages.error(request, text)
    return _form(request, one, form, _("Write to the people"), _("Send"))


def _form(
    request: HttpRequest, one: LinkList, form: Any, heading: Any, action: Any
) -> HttpResponse:
    where = {"slug": one.study.slug, "list_id": one.pk}
    context = {
        "study": one.study,
        "form": form,
        "heading": heading,
        "action": action,
        "back": reverse("surveys:link_list", kwargs=where),
    }
    status = 422 if form.errors else 200
    return render(request, "surveys/study_form.html", context, status=status)


@require_POST
@page_for(Act.RECRUIT)
def send_again(request: HttpRequest, study: Study, mailing_id: int) -> HttpResponse:
    """Let a worker send what still waits; nobody gets a mail twice."""
    one = get_object_or_404(study.mailings, pk=mailing_id)
    try:
        send_the_rest(mailing=one, by=page_actor(request.user))
    except StudyError as error:
        messages.error(request, error.said(gettext))
    return redirect("surveys:mailing", slug=study.slug, mailing_id=one.pk)


@require_safe
@page_for(Act.RECRUIT)
def mailing(request: HttpRequest, study: Study, mailing_id: int) -> HttpResponse:
    """What became of each mail: by pseudonym, never by address."""
    one = get_object_or_404(study.mailings.select_related("link_list"), pk=mailing_id)
    deliveries = one.deliveries.select_related("contact__link").order_by("pk")
    context = {
        "study": study,
        "mailing": one,
        "deliveries": deliveries[:SHOWN],
        "total": one.deliveries.count(),
        "under_way": is_under_way(mailing=one),
        "handled": one.deliveries.exclude(state="waiting").count(),
    }
    return render(request, "surveys/mailing.html", context)
