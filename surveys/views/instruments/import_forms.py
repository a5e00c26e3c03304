"""Forms of an import: the file and what is said of it, and what is confirmed afterwards."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surveys.instrument_files import InstrumentDefinition, InstrumentFileError
from surveys.instrument_files.instruments import read_instrument_values
from surveys.instrument_files.toml_tables import parse_toml
from surveys.questionnaire_files.content import MOST_BYTES
from surveys.questionnaire_files.made.said import Said

ACCEPTED = ".lss,.lsg,.lsq,.lsa,.txt,.qsf,.csv,.tsv,.json,.xlsx"


class QuestionnaireForm(forms.Form):
    """A file of another program, and what is said where it does not say it itself."""

    file = forms.FileField(
        label=_("Questionnaire"),
        help_text=_(
            "LimeSurvey (.lss, .lsg, .txt), Qualtrics (.qsf), REDCap (data dictionary), SurveyJS "
            "(JSON), or a table of items (CSV, XLSX)."
        ),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    language = forms.CharField(
        label=_("Language"),
        required=False,
        max_length=12,
        help_text=_("Only where the file does not say it: en, de …"),
    )
    options = forms.CharField(
        label=_("Answers"),
        required=False,
        max_length=2_000,
        help_text=_(
            "Only where the file does not say them: 1 = No | 2 = Yes, a range such as 0-10, or a "
            "scale such as agreement-5."
        ),
    )
    name = forms.CharField(
        label=_("Short name"),
        required=False,
        max_length=50,
        help_text=_("What the instruments' names begin with; the file's name if left empty."),
    )

    def clean_file(self) -> Any:
        """The file, unless it is larger than any questionnaire."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is too large; ten megabytes are the most."), code="file_too_large"
            )
        return file

    @property
    def said(self) -> Said:
        """What was said of the file; which items are reversed is asked afterwards."""
        given = self.cleaned_data
        return Said(language=given["language"], options=given["options"], name=given["name"])


class ConfirmForm(forms.Form):
    """What was read, as files, and which of its items are reverse-keyed.

    Ticked boxes are called ``slug/key``. Once it is valid `definitions` are what is published and
    `study` the tables of the draft, empty where none is wanted.
    """

    licence = forms.CharField(label=_("Licence"), max_length=200)
    citation = forms.CharField(label=_("Citation"), max_length=2_000)
    with_study = forms.BooleanField(
        label=_("Make the draft of a study that asks them in the file's order"),
        required=False,
        initial=True,
    )
    complete = forms.BooleanField(
        label=_("The ticks are complete: items without one are scored as they stand"),
        error_messages={
            "required": _("Look through the items and say that the ticks are complete."),
        },
    )
    study_file = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    def __init__(self, data: Any = None, **rest: Any) -> None:
        super().__init__(data, **rest)
        self.sent: list[str] = data.getlist("instrument") if data is not None else []
        self.ticked: set[str] = set(data.getlist("reverse")) if data is not None else set()
        self.definitions: list[InstrumentDefinition] = []
        self.study: Mapping[str, Any] = {}

    def clean(self) -> dict[str, Any]:
        """Read the files again, with the ticks, licence and citation in them."""
        given = super().clean() or {}
        if not self.errors:
            try:
                self.definitions = [self._read(text, given) for text in self.sent]
                if given["with_study"] and given["study_file"]:
                    self.study = parse_toml(given["study_file"], file="study")
            except InstrumentFileError as error:
                self.add_error(None, error.problems[0].said(gettext))
        return given

    def _read(self, text: str, given: Mapping[str, Any]) -> InstrumentDefinition:
        values = parse_toml(text, file="instrument")
        slug, items = values.get("slug"), values.get("items", [])
        keys = [item.get("key") for item in items if isinstance(item, dict)]
        reverse = [key for key in keys if f"{slug}/{key}" in self.ticked]
        said = {"licence": given["licence"], "citation": given["citation"]}
        return read_instrument_values({**values, **said, "reverse_keyed": reverse})

    @property
    def read_again(self) -> Iterator[dict[str, Any]]:
        """The instruments as they were sent, for the page that asks once more."""
        for text in self.sent:
            try:
                values = tomllib.loads(text)
            except tomllib.TOMLDecodeError:
                continue
            yield {"values": values, "text": text}
