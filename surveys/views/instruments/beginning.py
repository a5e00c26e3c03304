"""A new instrument: from nothing, or from a file that need not be finished."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.instrument_files import InstrumentFileError
from surveys.instrument_files.toml_tables import parse_toml
from surveys.services.audit import page_actor
from surveys.services.authoring.instrument_drafts import make_instrument_draft
from surveys.views.forms import TextOrFile
from surveys.views.membership import form_methods


class NewInstrumentForm(TextOrFile):
    """What an instrument is called at first, or its file."""

    texts_of_files: ClassVar = {"file": "text"}

    slug = forms.CharField(
        label=gettext_lazy("Short name"),
        required=False,
        max_length=50,
        help_text=gettext_lazy("Lower-case words joined by hyphens, such as tea-liking."),
    )
    construct = forms.CharField(
        label=gettext_lazy("What it measures, in one word"),
        required=False,
        max_length=50,
        help_text=gettext_lazy("The name that models and results use: tea."),
    )
    languages = forms.CharField(
        label=gettext_lazy("Languages"),
        required=False,
        initial="en",
        max_length=100,
        help_text=gettext_lazy("Their tags, parted by commas: en, de."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or its file (TOML)"),
        required=False,
        help_text=gettext_lazy("It need not be finished."),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )
    text = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def clean(self) -> dict[str, Any]:
        """Read the file, or the fields where there is none: `tables` is what they come to."""
        given = super().clean()
        self.tables: dict[str, Any] = {
            "version": "1.0",
            "languages": given.get("languages", "").replace(",", " ").split() or ["en"],
            **{key: given[key] for key in ("slug", "construct") if given.get(key)},
        }
        if not self.errors and given.get("text"):
            try:
                self.tables = parse_toml(given["text"], file="file")
            except InstrumentFileError as error:
                self.refuse(error)
        return given

    def refuse(self, error: InstrumentFileError) -> None:
        """Say why the file is no instrument, not even an unfinished one."""
        for problem in error.problems:
            self.add_error("file", f"{problem.where}: {problem.said(_)}")


@form_methods
@login_required
def new_instrument(request: HttpRequest) -> HttpResponse:
    """Begin a draft and go on in the editor."""
    bound = request.method == "POST"
    form = NewInstrumentForm(request.POST, request.FILES) if bound else NewInstrumentForm()
    if bound and form.is_valid():
        by = page_actor(request.user)
        assert by.user is not None  # as nobody passes the decorator without an account
        try:
            draft = make_instrument_draft(tables=form.tables, owner=by.user, by=by)
        except InstrumentFileError as error:
            form.refuse(error)
        else:
            return redirect("surveys:instrument_editor", draft_id=draft.pk)
    status = 422 if bound else 200
    return render(request, "surveys/instruments/new.html", {"form": form}, status=status)
