"""A whole specification that is uploaded or pasted, and forms with a text that can be a file's."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.file import Endpoint
from llm_respondents.errors import MistakesError, PanelSpecError, SpecError
from llm_respondents.mistakes import Mistake, MistakeCode
from llm_respondents.money.prices import price_of
from llm_respondents.readout.sentences import placed_sentence, refusal_sentence
from llm_respondents.services.named_endpoints import OPERATORS, chosen_spec
from llm_respondents.written import values_of
from surveys.errors import CounterpartError
from surveys.models import Study
from surveys.views.forms import LARGEST_FILE, TextOrFile

# What is asked for beside a specification.
_ELSEWHERE = ("study", "key", "spend_cap")


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
        capped = self.spec if given["spend_cap"] is not None else None
        if capped and price_of(capped, self.endpoints) is None:
            self.add_error("spend_cap", no_price(capped))
        return given

    def _read(self, text: str) -> None:
        try:
            self.spec = spec_of_file(text, self.endpoints)
        except MistakesError as error:
            for one in error.mistakes:
                self._say(one.code.value, placed_sentence(one))
        except PanelSpecError as error:
            self.refuse(error)

    def refuse(self, error: CounterpartError) -> None:
        """Say what cannot be recruited of a specification that can be read."""
        self._say(error.code, refusal_sentence(error))

    def _say(self, code: str, sentence: str) -> None:
        self.mistakes.append((code, sentence))
        self.add_error("text", forms.ValidationError(sentence, code=code))


def spec_of_file(text: str, endpoints: Mapping[str, Endpoint]) -> PanelSpec:
    """Read TOML or JSON, and what it describes at one of the endpoints or as a rehearsal.

    On a page an endpoint is named, never addressed. A file that says where its endpoint is can be
    used if the operator lists that very address: the rest of the endpoint is then the operator's.

    Raises `UnreadableError`, `SpecError` and `PanelSpecError`.
    """
    values = values_of(text)
    mistakes = [Mistake((name,), MistakeCode.ELSEWHERE) for name in _ELSEWHERE if name in values]
    profile = values.pop("profile", "")
    endpoint, of_operator = _endpoint(values, endpoints, "scripted" if profile else "openai")
    mistakes += [Mistake((name,), MistakeCode.OF_THE_OPERATOR) for name in of_operator]
    own = {name: part for name, part in values.items() if name not in (*_ELSEWHERE, *OPERATORS)}
    try:
        spec = chosen_spec(endpoint=endpoint, profile=profile, values=own)
    except SpecError as error:
        # Who is meant is not asked again where an address was refused.
        more = [one for one in error.mistakes if not (of_operator and one.at == ("endpoint",))]
        raise SpecError([*mistakes, *more]) from error
    if mistakes:
        raise SpecError(mistakes)
    return spec


def _endpoint(
    values: dict[str, Any], known: Mapping[str, Endpoint], provider: str
) -> tuple[object, list[str]]:
    """The name of the endpoint that is meant, taken out of `values`, and what of the operator's
    contradicts the list.
    """
    name, address = values.pop("endpoint", ""), values.get("base_url")
    if address and not name:
        meant = (address, values.get("api") or "chat")
        name = next((key for key, one in known.items() if (one.base_url, one.api) == meant), "")
    listed = known.get(name) if isinstance(name, str) else None
    said = {part: values[part] for part in OPERATORS if values.get(part) not in (None, "")}
    right = {"provider": provider, **dict.fromkeys(OPERATORS[:4], "")}
    if listed is not None:
        right |= {part: getattr(listed, part) for part in right if part != "provider"}
    return name, [part for part, value in said.items() if value != right[part]]


def no_price(spec: PanelSpec) -> str:
    """Why no cap can be kept."""
    words = gettext(
        "No price is known for %(model)s, so no cap can be kept. Whoever operates the server lists "
        "prices with the endpoint's models."
    )
    return words % {"model": spec.model}
