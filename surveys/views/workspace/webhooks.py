"""The page on which other programs are told what happens in a study."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from surveys.models import Study, Webhook, WebhookEvent, WebhookMessage
from surveys.roles import Act
from surveys.services.audit import page_actor
from surveys.services.webhooks.arranging import (
    add_webhook,
    delete_webhook,
    switch_webhook,
    try_webhook,
)
from surveys.services.webhooks.refusals import WebhookError, WebhookRefused
from surveys.views.membership import form_methods, page_for
from surveys.views.workspace.confirmation import Question, ask

MESSAGES_SHOWN = 20


class WebhookForm(forms.Form):
    """Which address is told of what; the fields of `add_webhook`."""

    address = forms.URLField(
        label=gettext_lazy("Address"),
        max_length=500,
        assume_scheme="https",
        help_text=gettext_lazy("Of your program, with https://."),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("Tell it when"),
        choices=WebhookEvent.choices,
        widget=forms.CheckboxSelectMultiple,
    )


@form_methods
@page_for(Act.CONNECT)
def webhooks(request: HttpRequest, study: Study) -> HttpResponse:
    """The addresses of a study. The secret of a new one is shown once, on the answer."""
    form, secret = WebhookForm(request.POST or None), ""
    if form.is_valid():
        try:
            _webhook, secret = add_webhook(
                study=study, by=page_actor(request.user), **form.cleaned_data
            )
            form = WebhookForm()
        except WebhookError as error:
            form.add_error("address", error.said(_))
    context: dict[str, Any] = {
        "study": study,
        "form": form,
        "secret": secret,
        "webhooks": study.webhooks.order_by("pk"),
        "shown": _latest(study),
    }
    status = 422 if form.errors else 200
    return render(request, "surveys/webhooks.html", context, status=status)


def _latest(study: Study) -> list[dict[str, Any]]:
    """The latest messages, each with the sentence of what went wrong."""
    rows = WebhookMessage.objects.filter(webhook__study=study).select_related("webhook")
    return [
        {"message": row, "why": _(code.sentence) if code else "", "next": _next_try(row)}
        for row in rows.order_by("-pk")[:MESSAGES_SHOWN]
        for code in [WebhookRefused.of(row.error_code)]
    ]


def _next_try(row: WebhookMessage) -> datetime | None:
    """When it is sent again, at the earliest; None for what is over or told nothing more."""
    waits = row.state == WebhookMessage.State.WAITING and row.webhook.is_active
    return row.due_at if waits and row.attempts else None


@require_POST
@page_for(Act.CONNECT)
def steer(request: HttpRequest, study: Study, webhook_id: int) -> HttpResponse:
    """Try, pause or take up one: the button that was pressed says which."""
    webhook = get_object_or_404(Webhook, study=study, pk=webhook_id)
    by, pressed = page_actor(request.user), request.POST.get("do", "")
    if pressed == "test":
        message = try_webhook(webhook=webhook, by=by)
        if message.state == WebhookMessage.State.ARRIVED:
            messages.success(request, _("The message arrived."))
        else:
            code = WebhookRefused(message.error_code)
            messages.error(request, _("It did not arrive.") + " " + _plain(code))
    elif pressed in ("pause", "resume"):
        switch_webhook(webhook=webhook, paused=pressed == "pause", by=by)
    return redirect("surveys:webhooks", slug=study.slug)


@form_methods
@page_for(Act.CONNECT)
def drop_webhook(request: HttpRequest, study: Study, webhook_id: int) -> HttpResponse:
    """Delete one and its messages, after asking."""
    webhook = get_object_or_404(Webhook, study=study, pk=webhook_id)
    if request.method != "POST":
        back = reverse("surveys:webhooks", kwargs={"slug": study.slug})
        return ask(request, _dropping(webhook), study=study, back=back)
    delete_webhook(webhook=webhook, by=page_actor(request.user))
    messages.success(request, _("It is told nothing any more."))
    return redirect("surveys:webhooks", slug=study.slug)


def _dropping(webhook: Webhook) -> Question:
    sent = webhook.messages.count()
    return Question(
        heading=_("Delete this address?"),
        text=webhook.address,
        deleted=[
            _("Its secret: the same address gets another one when it is added again"),
            ngettext("%(n)s message to it", "%(n)s messages to it", sent) % {"n": sent},
        ],
        stays=[_("Everything that happened, in the log")],
        action=_("Delete"),
    )


def _plain(code: WebhookRefused) -> str:
    return "" if code.arguments else _(code.sentence)
