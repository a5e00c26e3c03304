"""The library: what is published, one page for each instrument, and what can be done with it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from surveys.errors import InstrumentError
from surveys.instrument_files import InstrumentDefinition, instrument_values, to_toml
from surveys.instrument_files.authoring.differences import differences
from surveys.models import InstrumentDraft, InstrumentVersion
from surveys.selectors.instrument_library import in_order, languages_published, library, uses_of
from surveys.services.audit import Actor, page_actor
from surveys.services.authoring.instrument_drafts import copy_instrument, draft_next_version
from surveys.services.authoring.instrument_library import delete_instrument_version, may_delete
from surveys.services.authoring.media import media_of, study_files, zipped
from surveys.services.definitions import published_instruments
from surveys.views.instruments.readings import read_instrument
from surveys.views.membership import form_methods
from surveys.views.workspace.confirmation import Question


class CopyInstrumentForm(forms.Form):
    """What a copy is called; its field is that of `copy_instrument`."""

    name = forms.CharField(
        label=gettext_lazy("Short name"),
        max_length=50,
        help_text=gettext_lazy("Lower-case words joined by hyphens, such as tea-liking-2."),
    )


@require_safe
@login_required
def instrument_library(request: HttpRequest) -> HttpResponse:
    """Everything that is published, and the reader's own drafts."""
    words, language = request.GET.get("q", "").strip(), request.GET.get("language", "")
    context = {
        "instruments": library(words=words, language=language, reader=get_language() or ""),
        "drafts": InstrumentDraft.objects.filter(owner_id=request.user.pk),
        "languages": languages_published(),
        "words": words,
        "language": language,
    }
    return render(request, "surveys/instruments/library.html", context)


@require_safe
@login_required
def instrument_page(request: HttpRequest, slug: str, version: str = "") -> HttpResponse:
    """One version of an instrument: read twice, its facts, its versions, where it is asked."""
    versions = _versions(slug)
    shown = _one(versions, version) if version else next(iter(versions.values()))
    against = versions.get(request.GET.get("against", ""))
    rows = list(InstrumentVersion.objects.filter(instrument__slug=slug, version=shown.version))
    by = page_actor(request.user)
    context = {
        "instrument": shown,
        "title": _in_reader(shown.title),
        "orientation": _in_reader(shown.orientation),
        "versions": [one for one in versions if one != shown.version],
        "rows": rows,
        "uses": uses_of(slug, shown.version, request.user),
        "against": against,
        "differences": differences(against, shown) if against else [],
        "reading": read_instrument(shown, request.GET.dict()),
        "reversed": sum(item.reverse_keyed for item in shown.items),
        "asked": len(shown.asked()),
        "may_delete": may_delete(rows, by),
    }
    return render(request, "surveys/instruments/instrument.html", context)


@require_safe
@login_required
def instrument_file(_request: HttpRequest, slug: str, version: str) -> HttpResponse:
    """A version as the file that it can be published from elsewhere; with what it shows a zip."""
    shown = _one(_versions(slug), version)
    if media_of([shown]):
        return zip_file(study_files([shown]), f"{slug}-{version}")
    return toml_file(instrument_values(shown), f"{slug}-{version}")


def zip_file(files: Iterable[tuple[str, bytes]], name: str) -> HttpResponse:
    """Files as one to be kept."""
    response = HttpResponse(zipped(files), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return response


def toml_file(values: Mapping[str, Any], name: str) -> HttpResponse:
    """Tables as a file to be kept."""
    response = HttpResponse(to_toml(values), content_type="application/toml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.toml"'
    return response


@form_methods
@login_required
def copy_page(request: HttpRequest, slug: str, version: str) -> HttpResponse:
    """Make a draft of one's own of a version, under another name."""
    shown = _one(_versions(slug), version)
    form = CopyInstrumentForm(request.POST or None)
    if form.is_valid():
        by = page_actor(request.user)
        assert by.user is not None  # as nobody passes the decorator without an account
        try:
            draft = copy_instrument(
                slug=slug, version=version, name=form.cleaned_data["name"], owner=by.user, by=by
            )
        except InstrumentError as error:
            form.add_error("name", error.said(_))
        else:
            messages.success(request, _("The draft is made."))
            return redirect("surveys:instrument_editor", draft_id=draft.pk)
    context = {"form": form, "instrument": shown, "title": _in_reader(shown.title)}
    status = 422 if form.errors else 200
    return render(request, "surveys/instruments/copy.html", context, status=status)


@require_POST
@login_required
def next_version(request: HttpRequest, slug: str, version: str) -> HttpResponse:
    """Make a draft of the version that follows."""
    by = page_actor(request.user)
    assert by.user is not None  # as nobody passes the decorator without an account
    _one(_versions(slug), version)
    draft = draft_next_version(slug=slug, version=version, owner=by.user, by=by)
    return redirect("surveys:instrument_editor", draft_id=draft.pk)


@form_methods
@login_required
def delete_page(request: HttpRequest, slug: str, version: str) -> HttpResponse:
    """Delete a version that no study uses, after asking."""
    shown = _one(_versions(slug), version)
    if request.method == "POST":
        return _deleted(request, shown, page_actor(request.user))
    question = Question(
        heading=_("Delete this version?"),
        text=_("No study asks it, so that no answer is lost."),
        deleted=[f"{slug} {version} ({', '.join(shown.languages)})"],
        stays=[_("Its name, in the log"), _("Its other versions")],
        action=_("Delete for good"),
    )
    back = reverse("surveys:instrument_version", args=[slug, version])
    context = {"question": question, "back": back}
    return render(request, "surveys/instruments/confirm.html", context)


def _deleted(request: HttpRequest, shown: InstrumentDefinition, by: Actor) -> HttpResponse:
    try:
        delete_instrument_version(slug=shown.slug, version=shown.version, by=by)
    except InstrumentError as error:
        messages.error(request, error.said(_))
        return redirect("surveys:instrument_version", slug=shown.slug, version=shown.version)
    messages.success(request, _("The version is deleted."))
    return redirect("surveys:instrument_library")


def _versions(slug: str) -> dict[str, InstrumentDefinition]:
    """Every version of an instrument, the latest first; 404 where there is none."""
    found = {one.version: one for one in published_instruments({slug})}
    if not found:
        raise Http404
    return {version: found[version] for version in in_order(found)}


def _one(versions: Mapping[str, InstrumentDefinition], version: str) -> InstrumentDefinition:
    if version not in versions:
        raise Http404
    return versions[version]


def _in_reader(texts: Mapping[str, str]) -> str:
    """A text in the language of whoever reads the page, else in the first there is."""
    return texts.get(get_language() or "") or next(iter(texts.values()), "")
