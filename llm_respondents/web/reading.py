"""A sample of a panel's replies, shown to a person one by one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from llm_respondents.errors import PanelError
from llm_respondents.models import Panel
from llm_respondents.readout.reading_checks import checked, found_by_parser, shown_reply
from llm_respondents.readout.sentences import refusal_sentence
from llm_respondents.services.afterwards.reading_checks import (
    MOST_SAMPLED,
    SAMPLE,
    draw_reading_check,
    record_reading,
)
from llm_respondents.web.access import panel_or_404
from surveys.roles import Act
from surveys.services.audit import page_actor

# Options have the keys 1 to 9.
_MOST_KEYS = 9


class SampleForm(forms.Form):
    """How many replies to draw, and by which seed."""

    size = forms.IntegerField(
        label=gettext_lazy("Replies"), min_value=2, max_value=MOST_SAMPLED, initial=SAMPLE
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"), min_value=0, max_value=2**62, required=False
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def reading_page(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Draw a sample, read its next reply, or see how far parser and person agree."""
    panel = panel_or_404(request, panel_id, Act.ANALYSE)
    form = SampleForm(request.POST if request.POST.get("act") == "draw" else None)
    if request.method == "POST":
        try:
            if not form.is_bound or form.is_valid():
                _take(request, panel, form)
                return redirect("llm_respondents:reading", panel_id=panel.pk)
        except PanelError as error:
            messages.error(request, refusal_sentence(error))
            return redirect("llm_respondents:reading", panel_id=panel.pk)
    context = {"panel": panel, "study": panel.study, "form": form, **_shown(request, panel)}
    return render(
        request, "llm_respondents/reading.html", context, status=422 if form.errors else 200
    )


def _take(request: HttpRequest, panel: Panel, form: SampleForm) -> None:
    by = page_actor(request.user)
    if form.is_bound:
        asked = form.cleaned_data
        draw_reading_check(panel=panel, size=asked["size"], seed=asked["seed"], by=by)
        return
    place = request.POST.get("place", "")
    number = int(place) if place.isdecimal() and len(place) < 6 else 0
    read = record_reading(panel=panel, place=number, reading=request.POST.get("reading", ""), by=by)
    if read.check_of.done_at is not None:
        messages.success(request, _("All replies are read."))


def _shown(request: HttpRequest, panel: Panel) -> dict[str, Any]:
    """The reply to read now, or one that was read and is to be corrected; and what came of all."""
    found = checked(panel)
    if found is None or found.check.done_at is not None:
        differing = [(one, found_by_parser(one)) for one in found.differing] if found else []
        return {"found": found, "differing": differing}
    unread = found.check.readings.filter(verdict="").order_by("place")
    again = request.GET.get("place", "")
    if again.isdecimal() and len(again) < 6:
        reading = get_object_or_404(found.check.readings, place=int(again))
    else:
        reading = unread[0]
    reply = shown_reply(reading)
    options = [
        (option, at if at <= _MOST_KEYS else "") for at, option in enumerate(reply.options, start=1)
    ]
    return {"found": found, "reply": reply, "options": options, "before": reply.place - 1}
