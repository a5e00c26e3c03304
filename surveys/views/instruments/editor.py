"""The editor of an instrument: a grid that is saved as one goes, a paste, both readings beside it.

One form holds all of it. Each button saves first and does its part afterwards; with JavaScript the
page saves itself, too, and shows again what is missing and how it reads.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from surveys.codes import Problem
from surveys.errors import InstrumentError
from surveys.instrument_files import InstrumentFileError
from surveys.instrument_files.authoring.differences import differing
from surveys.instrument_files.authoring.draft_tables import finished
from surveys.instrument_files.authoring.grid import moved, tables_of_form
from surveys.instrument_files.authoring.pasting import read_paste
from surveys.instrument_files.authoring.presets import Preset
from surveys.instrument_files.authoring.previews import as_far_as_written
from surveys.instrument_files.authoring.sheet import sheet_of
from surveys.models import InstrumentDraft
from surveys.presentation import NEEDS
from surveys.questions import KINDS
from surveys.services.audit import page_actor
from surveys.services.authoring.instrument_drafts import (
    add_scale,
    change_instrument_draft,
    delete_instrument_draft,
    paste_items,
    publish_instrument_draft,
    revision_of,
)
from surveys.views.instruments.instrument_library import toml_file
from surveys.views.instruments.readings import Reading, read_instrument
from surveys.views.membership import form_methods
from surveys.views.workspace.confirmation import Question

NOTHING: Mapping[str, Any] = {}
_PREVIEW = ("language", "page")
# Where the page is shown again after each kind of button.
_PLACES = {"item": "items", "scale": "scales", "paste": "items"}


@form_methods
@login_required
def instrument_editor(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The draft as a grid; a POST saves it and does what its button says."""
    draft = _own(request, draft_id)
    if request.method != "POST":
        return _shown(request, draft)
    by = page_actor(request.user)
    fields = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    act = fields.get("act", "save")
    tables = moved(tables_of_form(fields, draft.tables), act)
    read = {"revision": fields.get("revision", "")}
    try:
        draft = change_instrument_draft(draft=draft, tables=tables, by=by, **read)
        if act == "paste":
            scale = fields.get("paste.scale", "")
            draft = paste_items(draft=draft, text=fields.get("paste", ""), scale=scale, by=by)
        elif act == "add.scale" and (preset := Preset.of(fields.get("new.scale", ""))):
            draft = add_scale(draft=draft, preset=preset, by=by)
    except InstrumentFileError as error:
        return _shown(request, draft, pasted=error.problems, status=422)
    except InstrumentError as error:
        return _stale(request, draft, tables, error)
    if request.headers.get("HX-Request"):
        return render(request, "surveys/instruments/_live.html", _live(request, draft))
    if act == "publish":
        return redirect("surveys:publish_draft", draft_id=draft.pk)
    kind = act.split(".")[1] if "." in act else act
    place = _PLACES.get(kind, "preview" if act == "show" else "")
    wanted = "&".join(f"{one}={fields.get(f'preview.{one}', '')}" for one in _PREVIEW)
    address = reverse("surveys:instrument_editor", args=[draft.pk])
    return redirect(f"{address}?{wanted}#{place}")


def _stale(
    request: HttpRequest, draft: InstrumentDraft, typed: dict[str, Any], error: InstrumentError
) -> HttpResponse:
    """What was typed, beside what somebody else saved meanwhile; nothing is stored.

    A page that saves itself goes on being refused; whoever then presses the button is shown both,
    and writes over the other knowingly.
    """
    about = {"stale": error.said(_), "differing": differing(draft.tables, typed)}
    if request.headers.get("HX-Request"):
        live = {**_live(request, draft), **about, "read": request.POST.get("revision", "")}
        return render(request, "surveys/instruments/_live.html", live)
    mine = InstrumentDraft(pk=draft.pk, tables=typed, saved_at=draft.saved_at)
    return _shown(request, mine, about={**about, "read": revision_of(draft)}, status=409)


def _shown(
    request: HttpRequest,
    draft: InstrumentDraft,
    *,
    pasted: Iterable[Problem] = (),
    about: Mapping[str, Any] = NOTHING,
    status: int = 200,
) -> HttpResponse:
    presets = [(one.value, _(one.sentence)) for one in Preset]
    scales = [one.get("key", "") for one in draft.tables.get("response_scales", ())]
    context = {
        **_live(request, draft),
        "presets": presets,
        "scale_keys": scales,
        "chosen_scale": request.POST.get("paste.scale", ""),
        "kinds": list(KINDS),
        "needs": NEEDS,
        "pasted": [(one.where, one.said(_)) for one in pasted],
        "paste": request.POST.get("paste", ""),
        "blank": len(draft.tables.get("items", ())) + 1,
        **about,
    }
    return render(request, "surveys/instruments/editor.html", context, status=status)


def _live(request: HttpRequest, draft: InstrumentDraft) -> dict[str, Any]:
    """What is shown again after every change: what is missing, and both readings."""
    _definition, problems = finished(draft.tables)
    asked = request.POST if request.method == "POST" else request.GET
    wanted = {one: asked.get(f"preview.{one}") or asked.get(one) or "" for one in _PREVIEW}
    reading, unread = _reading(draft, wanted)
    return {
        "draft": draft,
        "read": revision_of(draft),
        "sheet": sheet_of(draft.tables, problems, _),
        "reading": reading,
        "unread": [problem.said(_) for problem in unread],
    }


def _reading(
    draft: InstrumentDraft, wanted: dict[str, str]
) -> tuple[Reading | None, Iterable[Problem]]:
    languages = tuple(draft.tables.get("languages", ()))
    if not languages or not draft.tables.get("items"):
        return None, ()
    language = wanted["language"] if wanted["language"] in languages else languages[0]
    definition, problems = as_far_as_written(draft.tables, language)
    if definition is None:
        return None, problems
    return read_instrument(definition, wanted, languages=languages), ()


@require_POST
@login_required
def read_pasted(request: HttpRequest, draft_id: int) -> HttpResponse:
    """What would be read of the paste, while it is being written; nothing is stored."""
    draft = _own(request, draft_id)
    pasted = read_paste(request.POST.get("paste", ""), draft.tables.get("languages", ()))
    context = {
        "read": pasted,
        "reversed": sum(item.reverse for item in pasted.items),
        "problems": [(one.where, one.said(_)) for one in pasted.problems],
    }
    return render(request, "surveys/instruments/_pasted.html", context)


@require_safe
@login_required
def draft_file(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The draft as a file, as far as it is written."""
    draft = _own(request, draft_id)
    return toml_file(draft.tables, draft.name)


@form_methods
@login_required
def publish_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Publish a draft for good, after asking."""
    draft = _own(request, draft_id)
    back = reverse("surveys:instrument_editor", args=[draft.pk])
    definition, _problems = finished(draft.tables)
    if definition is None:
        messages.error(request, _("It cannot be published yet: what is missing is listed here."))
        return redirect(back)
    if request.method == "POST":
        try:
            publish_instrument_draft(draft=draft, by=page_actor(request.user))
        except InstrumentError as error:
            messages.error(request, error.said(_))
            return redirect(back)
        messages.success(request, _("It is published, and studies can ask it."))
        return redirect(
            "surveys:instrument_version", slug=definition.slug, version=definition.version
        )
    question = Question(
        heading=_("Publish this version?"),
        text=f"{definition.slug} {definition.version} ({', '.join(definition.languages)})",
        affected=[_("Its words and its key can never be changed; a mistake needs a new version.")],
        stays=[_("Other versions, and the studies that ask them")],
        action=_("Publish for good"),
    )
    context = {"question": question, "back": back}
    return render(request, "surveys/instruments/confirm.html", context)


@form_methods
@login_required
def delete_draft(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Delete a draft, after asking."""
    draft = _own(request, draft_id)
    if request.method == "POST":
        delete_instrument_draft(draft=draft, by=page_actor(request.user))
        messages.success(request, _("The draft is deleted."))
        return redirect("surveys:instrument_library")
    question = Question(
        heading=_("Delete this draft?"),
        deleted=[_("The draft %(name)s, with all that is written in it") % {"name": draft}],
        stays=[_("Everything that is published")],
        action=_("Delete for good"),
    )
    back = reverse("surveys:instrument_editor", args=[draft.pk])
    context = {"question": question, "back": back}
    return render(request, "surveys/instruments/confirm.html", context)


def _own(request: HttpRequest, draft_id: int) -> InstrumentDraft:
    return get_object_or_404(InstrumentDraft, pk=draft_id, owner_id=request.user.pk)
