"""The list of endpoints on a page, for staff: changed, checked at once, tried out."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from llm_respondents.endpoint_list import list_mistakes, readable_endpoints
from llm_respondents.endpoints.file import FILE_NAME, Endpoint, read_endpoints
from llm_respondents.errors import EndpointFileError, MissingKey, PanelError
from llm_respondents.jobs import TRIAL, TRIALS, queue_trial
from llm_respondents.providers.base import read_key
from llm_respondents.readout.sentences import placed_sentence, refusal_sentence
from llm_respondents.services.operating.listing import change_list, checksum, list_text
from surveys.jobs.reading import job_state
from surveys.models import Job
from surveys.services.audit import page_actor
from surveys.workspace.lists.tables import Column, Table, show

TRIALS_SHOWN = 5
View = Callable[..., HttpResponseBase]


def staff_only(view: View) -> View:
    """To anybody but staff there is no such page."""

    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


class ListForm(forms.Form):
    """The list as text, and the name of the text that was read."""

    text = forms.CharField(
        strip=False, required=False, max_length=200_000, widget=forms.Textarea(attrs={"rows": 24})
    )
    read = forms.CharField(max_length=64, widget=forms.HiddenInput)


class TrialForm(forms.Form):
    """One question to a model at a listed endpoint."""

    endpoint = forms.CharField(max_length=200)
    model = forms.CharField(max_length=200)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def endpoints_page(request: HttpRequest) -> HttpResponseBase:
    """Show the list, or write it anew where nothing is wrong with it."""
    if request.method != "POST":
        return _show(request, list_text())
    form = ListForm(request.POST)
    if not form.is_valid():
        return _show(request, request.POST.get("text", ""), status=422)
    text, read = form.cleaned_data["text"], form.cleaned_data["read"]
    try:
        listed = change_list(text=text, read=read, by=page_actor(request.user))
    except EndpointFileError as error:
        found = list(map(placed_sentence, error.mistakes))
        return _show(request, text, mistakes=found, read=read, status=422)
    except PanelError as error:
        messages.error(request, refusal_sentence(error))
    else:
        said = _("Stored. Endpoints on the list: %(n)s. It holds from the next call on.")
        messages.success(request, said % {"n": len(listed)})
    return redirect("llm_respondents:endpoints")


@require_POST
@staff_only
def check(request: HttpRequest) -> HttpResponse:
    """What is wrong with the text that is being written; nothing is stored."""
    mistakes: list[str] = []
    listed: dict[str, Endpoint] = {}
    try:
        listed = read_endpoints(request.POST.get("text", "").replace("\r\n", "\n"))
    except EndpointFileError as error:
        mistakes = list(map(placed_sentence, error.mistakes))
    context = {"mistakes": mistakes, "listed": listed, "checked": True}
    return render(request, "llm_respondents/_list_checked.html", context)


@require_POST
@staff_only
def try_out(request: HttpRequest) -> HttpResponse:
    """Let a worker ask one question of a model at a listed endpoint."""
    form = TrialForm(request.POST)
    if not form.is_valid() or form.cleaned_data["endpoint"] not in readable_endpoints():
        messages.error(request, _("Choose a listed endpoint and name a model."))
    else:
        queue_trial(**form.cleaned_data, by=page_actor(request.user))
        messages.success(request, _("The question is asked as soon as a worker is free."))
    return redirect("llm_respondents:endpoints")


LISTED = Table(
    columns=(
        Column("name", gettext_lazy("Name"), lambda row: row[0].name),
        Column("address", gettext_lazy("Address"), lambda row: row[0].base_url),
        Column(
            "interface", gettext_lazy("Interface"), lambda row: f"{row[0].api}, {row[0].dialect}"
        ),
        Column("key", gettext_lazy("Key"), lambda row: row[1]),
        Column("models", gettext_lazy("Models with prices"), lambda row: ", ".join(row[0].models)),
    ),
    searches=True,
)


def _show(
    request: HttpRequest,
    text: str,
    *,
    mistakes: list[str] | None = None,
    read: str = "",
    status: int = 200,
) -> HttpResponseBase:
    listed = [(one, _key(one)) for one in readable_endpoints().values()]
    table = show(request, LISTED, listed)
    if table.is_file:
        return table.file("endpoints")
    trials = Job.objects.filter(kind=TRIAL, subject=TRIALS)[:TRIALS_SHOWN]
    context = {
        "file": FILE_NAME,
        "text": text,
        "read": read or checksum(list_text()),
        "mistakes": list(map(placed_sentence, list_mistakes())) if mistakes is None else mistakes,
        "endpoints": listed,
        "table": table,
        "trials": [job_state(job) for job in trials],
    }
    return render(request, "llm_respondents/endpoints.html", context, status=status)


def _key(endpoint: Endpoint) -> str:
    """Whether the variable that holds the key is set in this process; never what it holds."""
    if not endpoint.api_key_env:
        return _("no key")
    try:
        read_key(endpoint.api_key_env)
    except MissingKey:
        return _("%(name)s is not set here") % {"name": endpoint.api_key_env}
    return _("%(name)s is set") % {"name": endpoint.api_key_env}
