"""Forms with a text that can also come out of a file that is uploaded."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.file import Endpoint
from llm_respondents.services.workers import price_of
from llm_respondents.web.spec_files import SpecFileError, spec_of_file
from llm_respondents.web.spec_words import error_in_words
from surveys.errors import CounterpartError
from surveys.models import Study

LARGEST_FILE = 1_000_000


class TextOrFile(forms.Form):
    """A form with a text that can also come out of a file; the file then fills in the text."""

    texts_of_files: ClassVar[Mapping[str, str]] = {}

    def __init__(self, data: Any = None, files: Any = None) -> None:
        if data is not None and files:
            data = data.copy()
            for file, text in self.texts_of_files.items():
                if file in files and 0 < files[file].size <= LARGEST_FILE:
                    data[text] = _decoded(files[file].read())
        super().__init__(data, files)

    def clean(self) -> dict[str, Any]:
        """Say of a file that it is too large to be read."""
        given = super().clean() or {}
        for name in self.texts_of_files:
            file = given.get(name)
            if file and file.size > LARGEST_FILE:
                self.add_error(name, gettext("The file is too large; a megabyte is the most."))
        return given


class DescribedPanel(TextOrFile):
    """A form that describes a panel of a study; once it is valid `spec` is what it describes."""

    def __init__(
        self,
        study: Study,
        endpoints: Mapping[str, Endpoint],
        data: Any = None,
        files: Any = None,
    ) -> None:
        super().__init__(data, files)
        self.study, self.endpoints = study, endpoints
        self.spec: PanelSpec | None = None


class SpecFileForm(DescribedPanel):
    """A whole specification: the file that the command takes, or its text."""

    texts_of_files: ClassVar[Mapping[str, str]] = {"file": "text"}

    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("TOML or JSON, as for run_panel --spec."),
        widget=forms.FileInput(attrs={"accept": ".toml,.json"}),
    )
    text = forms.CharField(
        label=_("Or its text"),
        required=False,
        max_length=LARGEST_FILE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "mono"}),
    )
    spend_cap = forms.DecimalField(
        label=_("Spend cap"),
        min_value=0,
        max_digits=12,
        decimal_places=4,
        required=False,
        help_text=_("The panel never costs more, in the currency of the bill."),
    )

    def __init__(self, study: Study, endpoints: Mapping[str, Endpoint], *given: Any) -> None:
        super().__init__(study, endpoints, *given)
        self.mistakes: list[tuple[str, str]] = []

    def clean(self) -> dict[str, Any]:
        """Read the specification; its mistakes are said above the form, each with its code."""
        given = super().clean()
        if not self.errors and not given["text"].strip():
            self.add_error("file", gettext("Choose a file, or paste its text."))
        if not self.errors:
            self._read(given["text"])
        if self.spec and given["spend_cap"] is not None and price_of(self.spec) is None:
            self.add_error("spend_cap", no_price(self.spec))
        return given

    def _read(self, text: str) -> None:
        try:
            self.spec = spec_of_file(text, self.study, self.endpoints)
        except SpecFileError as error:
            self.mistakes = error.mistakes
            for code, sentence in error.mistakes:
                self.add_error("text", forms.ValidationError(sentence, code=code))

    def refuse(self, error: CounterpartError) -> None:
        """Say what cannot be recruited of a specification that can be read."""
        sentence = error_in_words(error)
        self.mistakes = [*self.mistakes, (error.code, sentence)]
        self.add_error("text", forms.ValidationError(sentence, code=error.code))


def no_price(spec: PanelSpec) -> str:
    """Why no cap can be kept."""
    words = gettext(
        "No price is known for %(model)s, so no cap can be kept. Whoever operates the server lists "
        "prices with the endpoint's models."
    )
    return words % {"model": spec.model}


def _decoded(content: bytes) -> str:
    """The text of a file: UTF-8, or what Windows' programs write where it is none."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
