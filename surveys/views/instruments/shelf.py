"""The shelf: published scales under open licences, with what was read that shows it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from surveys.errors import InstrumentError
from surveys.instrument_files.authoring.shelf import shelf
from surveys.models import InstrumentVersion
from surveys.services.audit import page_actor
from surveys.services.authoring.instrument_library import take_from_shelf


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def shelf_page(request: HttpRequest) -> HttpResponse:
    """What stands on the shelf; a POST takes one of it into the library."""
    if request.method == "POST":
        return _taken(request, request.POST.get("name", ""))
    published = set(InstrumentVersion.objects.values_list("instrument__slug", "version"))
    shelved = [(one, (one.definition.slug, one.definition.version) in published) for one in shelf()]
    return render(request, "surveys/instruments/shelf.html", {"shelved": shelved})


def _taken(request: HttpRequest, name: str) -> HttpResponse:
    try:
        (version, *_rest) = take_from_shelf(name=name, by=page_actor(request.user))
    except InstrumentError as error:
        messages.error(request, error.said(_))
        return redirect("surveys:instrument_shelf")
    messages.success(request, _("It is in the library now, and studies can ask it."))
    return redirect("surveys:instrument_version", slug=name, version=version.version)
