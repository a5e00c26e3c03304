"""What an item of a draft shows: a picture, a sound or a video put in, and taken out again."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.errors import InstrumentError
from surveys.instrument_files.media.tables import LONGEST_ALT
from surveys.media import Medium
from surveys.models import InstrumentDraft
from surveys.services.audit import page_actor
from surveys.services.authoring.draft_media import add_medium, remove_medium
from surveys.views.membership import form_methods

_ACCEPTED = ".png,.jpg,.jpeg,.webp,.mp3,.m4a,.ogg,.wav,.mp4,.webm"


class MediumForm(forms.Form):
    """A file, and what is said of it in each language."""

    file = forms.FileField(
        label=gettext_lazy("Picture, sound or video"),
        help_text=gettext_lazy(
            "PNG, JPEG or WebP up to 2 MB; MP3, M4A, Ogg or WAV up to 10 MB; MP4 or WebM up to "
            "30 MB. Where and by whom a picture was taken is removed from it."
        ),
        widget=forms.FileInput(attrs={"accept": _ACCEPTED}),
    )
    captions = forms.FileField(
        label=gettext_lazy("Captions of a video (WebVTT)"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".vtt"}),
    )

    def __init__(self, *args: Any, languages: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in languages:
            self.fields[f"alt.{language}"] = forms.CharField(
                label=_("In words (%(language)s)") % {"language": language},
                help_text=_(
                    "What the picture shows, or what is said in the recording: for people who "
                    "cannot see or hear it, and for models that take no pictures."
                ),
                max_length=LONGEST_ALT,
                widget=forms.Textarea(attrs={"rows": 3, "lang": language}),
            )
        for name, field in self.fields.items():
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"

    @property
    def alt(self) -> dict[str, str]:
        """What is said of it, by language."""
        said = self.cleaned_data.items()
        return {name.removeprefix("alt."): text for name, text in said if name.startswith("alt.")}


@form_methods
@login_required
def item_media(request: HttpRequest, draft_id: int, number: int) -> HttpResponse:
    """What one item shows, with a form for more; items count from 1."""
    draft = get_object_or_404(InstrumentDraft, pk=draft_id, owner_id=request.user.pk)
    items = draft.tables.get("items", ())
    if not 0 < number <= len(items):
        return redirect("surveys:instrument_editor", draft_id=draft.pk)
    languages = tuple(draft.tables.get("languages", ())) or ("en",)
    by = page_actor(request.user)
    if place := request.POST.get("remove", ""):
        remove_medium(draft=draft, item=number, place=_number(place), by=by)
        messages.success(request, _("It is shown no more."))
        return redirect("surveys:item_media", draft_id=draft.pk, number=number)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = MediumForm(*sent, languages=languages)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        files = {name: given[name] for name in ("file", "captions") if given[name]}
        try:
            add_medium(draft=draft, item=number, files=_read(files), alt=form.alt, by=by)
        except InstrumentError as error:
            form.add_error("file", error.said(_))
        else:
            messages.success(request, _("It is shown above the text."))
            return redirect("surveys:item_media", draft_id=draft.pk, number=number)
    item = items[number - 1]
    context = {
        "draft": draft,
        "form": form,
        "number": number,
        "text": next(iter(item.get("text", {}).values()), item.get("key", "")),
        "shown": [_shown(one, languages) for one in item.get("media", ())],
    }
    status = 422 if form.errors else 200
    return render(request, "surveys/instruments/media.html", context, status=status)


def _read(files: Mapping[str, Any]) -> dict[str, tuple[str, bytes]]:
    return {name: (file.name, file.read()) for name, file in files.items()}


def _shown(table: Mapping[str, Any], languages: tuple[str, ...]) -> tuple[Medium | None, list[Any]]:
    """A medium as it is shown, if its file is there, and what is said of it."""
    said = [(one, table.get("alt", {}).get(one, "")) for one in languages]
    if "type" not in table:
        return None, said
    words = next((text for _language, text in said if text), "")
    sizes = (table.get("width", 0), table.get("height", 0))
    return Medium(table["sha256"], table["type"], words, *sizes), said


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
