"""The forms of the panels' pages. A panel's rules are those of `PanelSpec`; here they are asked."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from llm_respondents.conversation.arms import LONGEST_WINDOW
from llm_respondents.conversation.prompts import PROMPT_LANGUAGES
from llm_respondents.design.margins import read_margins
from llm_respondents.design.personas import Margins
from llm_respondents.design.spec import LARGEST_SEED, MAX_SESSIONS, MOST_TOKENS
from llm_respondents.endpoints.file import Endpoint
from llm_respondents.errors import PanelSpecError, SpecError
from llm_respondents.mistakes import Mistake
from llm_respondents.money.prices import price_of
from llm_respondents.readout.sentences import line_sentence, mistake_sentence, refusal_sentence
from llm_respondents.services.named_endpoints import chosen_spec
from llm_respondents.web import design_table
from llm_respondents.web.spec_files import DescribedPanel, no_price
from surveys.errors import CounterpartError
from surveys.models import Study
from surveys.simulation import PROFILES
from surveys.views.forms import LARGEST_FILE

ENDPOINT, PROFILE = "endpoint:", "profile:"
# The names under which wordings written on the page are kept, and that of the standard one where
# it stands beside them.
OWN_WORDING, STANDARD_WORDING = "own", "standard"
FURTHER_WORDINGS = ("wording_2", "wording_3", "wording_4")
MOST_LINES_SAID = 12
_RECRUITS = [
    ("none", _("a number of sessions")),
    ("matched", _("one session for each completed person, speaking as that person")),
    ("margins", _("a number of sessions, speaking as persons of a population")),
]
# What the field of a specification is called on the page.
_FIELD_OF = {"endpoint": "respondent", "profile": "respondent", "wordings": "wording"}
_FIELD_OF_CODE = {
    **dict.fromkeys(("endpoint_unknown", "endpoints_unreadable"), "respondent"),
    **dict.fromkeys(("language_not_offered", "language_without_prompts"), "language"),
    **dict.fromkeys(("history_group_unknown", "history_group_empty"), "history_from"),
    **dict.fromkeys(("block_unknown", "nothing_to_tell"), "asked_blocks"),
    "nobody_to_match": "personas",
}


def _more(name: str) -> forms.MultipleChoiceField:
    """Further levels of one part of an arm, each crossed with those of the others."""
    return forms.MultipleChoiceField(
        label=design_table.PARTS[name][0],
        choices=design_table.choices_of_part(name),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def _one(name: str) -> forms.ChoiceField:
    """The first level of one part of an arm; where nothing is added, that of every session."""
    choices = design_table.choices_of_part(name)
    return forms.ChoiceField(
        label=design_table.PARTS[name][0], choices=choices, initial=choices[0][0]
    )


def _wording(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PanelForm(DescribedPanel):
    """A new panel. Two fields need an answer: who replies and, at an endpoint, which model.

    What is added under further conditions is crossed: each combination is a cell of the design.
    """

    texts_of_files: ClassVar[Mapping[str, str]] = {"margins_file": "margins"}

    respondent = forms.ChoiceField(label=_("Who replies"))
    model = forms.CharField(
        label=_("Model"),
        max_length=200,
        required=False,
        help_text=_("As the endpoint calls it. A rehearsal needs none."),
        widget=forms.TextInput(attrs={"list": "models", "autocomplete": "off"}),
    )
    label = forms.CharField(
        label=_("Name in print"),
        max_length=120,
        required=False,
        help_text=_("Without one the panel is called after its model."),
    )
    personas = forms.ChoiceField(
        label=_("Recruit"), choices=_RECRUITS, initial="none", widget=forms.RadioSelect
    )
    sessions = forms.IntegerField(
        label=_("Sessions"), min_value=1, max_value=MAX_SESSIONS, initial=20, required=False
    )
    language = forms.ChoiceField(label=_("Language"))
    spend_cap = forms.DecimalField(
        label=_("Spend cap"),
        min_value=0,
        max_digits=12,
        decimal_places=4,
        required=False,
        help_text=_(
            "The panel never costs more, in the currency of the bill. You see what it is expected "
            "to cost before anything is asked, and can set this then."
        ),
    )
    margins = forms.CharField(
        label=_("Shares of the population"),
        max_length=LARGEST_FILE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_("A line each: attribute; value; share. For example: Age group; 18-39; 40 %"),
    )
    margins_file = forms.FileField(
        label=_("Or a table as a file"),
        required=False,
        help_text=_("CSV with the same three columns; it replaces the lines above."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv"}),
    )
    items_per_turn = _one("items_per_turn")
    elicitation = _one("elicitation")
    history = _one("history")
    window = forms.IntegerField(
        label=_("How many turns"),
        min_value=1,
        max_value=LONGEST_WINDOW,
        required=False,
        help_text=_("Only for the last turns."),
    )
    history_from = forms.ChoiceField(
        label=_("Whose answers"),
        required=False,
        help_text=_("Only for turns with another respondent's answers."),
    )
    asked_blocks = forms.MultipleChoiceField(
        label=_("Blocks that are asked"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only where the matched person's answers to the others are told."),
    )
    option_marks = _one("option_marks")
    option_order = _one("option_order")
    reasoning = _one("reasoning")
    scale_directions = forms.ChoiceField(
        label=_("Options are listed"), choices=design_table.direction_choices(), initial="forward"
    )
    block_orders = forms.ChoiceField(
        label=_("Order of blocks"), choices=design_table.block_choices(), initial="study"
    )
    wording = forms.CharField(
        label=_("Instruction to the model"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Replaces the standard instruction. Say in it in which form to reply."),
    )
    more_elicitation = _more("elicitation")
    more_history = _more("history")
    more_items_per_turn = _more("items_per_turn")
    more_option_marks = _more("option_marks")
    more_option_order = _more("option_order")
    more_reasoning = _more("reasoning")
    wording_2 = _wording(_("Second instruction to the model"))
    wording_3 = _wording(_("Third instruction to the model"))
    wording_4 = _wording(_("Fourth instruction to the model"))
    temperature = forms.FloatField(
        label=_("Temperature"),
        min_value=0,
        max_value=2,
        required=False,
        help_text=_("Left empty, the endpoint decides."),
    )
    top_p = forms.FloatField(
        label=_("Top p"),
        max_value=1,
        required=False,
        help_text=_("Left empty, the endpoint decides."),
    )
    max_tokens = forms.IntegerField(
        label=_("Longest reply, in tokens"),
        min_value=1,
        max_value=MOST_TOKENS,
        required=False,
        help_text=_("Left empty: 1,000, and 4,000 where the model thinks before it replies."),
    )
    reasoning_effort = forms.CharField(
        label=_("Reasoning effort"),
        max_length=40,
        required=False,
        help_text=_("Such as low; only for models that take it."),
        widget=forms.TextInput(attrs={"list": "efforts"}),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        min_value=0,
        max_value=LARGEST_SEED,
        initial=1,
        help_text=_("The same seed deals the same orders again."),
    )

    def __init__(self, study: Study, endpoints: Mapping[str, Endpoint], *given: Any) -> None:
        super().__init__(study, endpoints, *given)
        self._fill("respondent", respondents(endpoints))
        self._fill("language", [(key, key) for key in _languages(study)])
        self._fill("history_from", [("", "–"), *study.groups.values_list("key", "label")])
        self._fill(
            "asked_blocks", [(key, key) for key in study.blocks.values_list("key", flat=True)]
        )

    def _fill(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def models(self) -> list[tuple[str, str]]:
        """(model, endpoint) of every model that the operator lists, to choose from while typing."""
        return [(model, one.name) for one in self.endpoints.values() for model in one.models]

    def clean(self) -> dict[str, Any]:
        """Make the specification of what was chosen; what it refuses is said at the field."""
        given = super().clean()
        counted = given.get("personas") in ("none", "margins")
        if counted and not given.get("sessions") and not self.errors:
            self.add_error("sessions", gettext("Say how many sessions, at least one."))
        if given.get("personas") == "margins":
            given["read_margins"] = self._read_margins(given.get("margins", ""))
        if not self.errors:
            self._make_spec()
        return given

    def _read_margins(self, text: str) -> Margins:
        margins, errors = read_margins(text)
        for error in errors[:MOST_LINES_SAID]:
            self.add_error("margins", line_sentence(error))
        if len(errors) > MOST_LINES_SAID:
            more = gettext("And %(n)s more mistakes.") % {"n": len(errors) - MOST_LINES_SAID}
            self.add_error("margins", more)
        if not margins and not errors and "margins_file" not in self.errors:
            self.add_error("margins", gettext("Give the shares of the population, a line each."))
        return margins

    def _make_spec(self) -> None:
        given = self.cleaned_data
        kind, _colon, name = given["respondent"].partition(":")
        who = {"endpoint": "", "profile": "", kind: name}
        try:
            self.spec = chosen_spec(**who, values=self._values())
        except SpecError as error:
            for mistake in error.mistakes:
                self._say(self._field_of(mistake), mistake_sentence(mistake))
            return
        except PanelSpecError as error:
            self.refuse(error)
            return
        if given["spend_cap"] is not None and price_of(self.spec, self.endpoints) is None:
            self.add_error("spend_cap", no_price(self.spec))

    def _values(self) -> dict[str, Any]:
        """What was typed, as `PanelSpec` is written in JSON."""
        given = self.cleaned_data
        sampling = ("temperature", "top_p", "max_tokens", "reasoning_effort")
        same = ("model", "label", "personas", "language", "seed", "history_from", "asked_blocks")
        return {
            **{name: given[name] for name in (*same, "scale_directions", "block_orders")},
            "sessions": 0 if given["personas"] == "matched" else given["sessions"],
            "sampling": {name: given[name] for name in sampling if given[name] is not None},
            "arms": self._arms(),
            "wordings": self._wordings(),
            "margins": {label: dict(shares) for label, shares in given.get("read_margins", ())},
        }

    def _arms(self) -> list[dict[str, Any]]:
        """One for each combination of what was chosen and what was added to it."""
        levels = [
            dict.fromkeys([self.cleaned_data[part], *self.cleaned_data[f"more_{part}"]])
            for part in design_table.PARTS
        ]
        arms = [dict(zip(design_table.PARTS, each, strict=True)) for each in product(*levels)]
        window = self.cleaned_data["window"] or 0
        windowed = any(arm["history"] == "window" for arm in arms)
        return [
            # Where no arm has a window, one that was given is refused with its reason.
            {**arm, "window": window if arm["history"] == "window" or not windowed else 0}
            for arm in arms
        ]

    def _wordings(self) -> dict[str, str]:
        """Name -> text; beside others an instruction that was left empty is the standard one."""
        first = self.cleaned_data["wording"]
        further = [text for name in FURTHER_WORDINGS if (text := self.cleaned_data[name])]
        if not further:
            return {OWN_WORDING: first} if first else {}
        named = {OWN_WORDING if first else STANDARD_WORDING: first}
        return named | {f"{OWN_WORDING}-{at}": text for at, text in enumerate(further, start=2)}

    def refuse(self, error: CounterpartError) -> None:
        """Say at its field, or above the form, what cannot be recruited."""
        self._say(_FIELD_OF_CODE.get(error.code), refusal_sentence(error))

    def _field_of(self, mistake: Mistake) -> str | None:
        """The field of the page in which a part of the specification is asked for."""
        names = [name for name in mistake.at if isinstance(name, str)]
        fields = (_FIELD_OF.get(name, name) for name in reversed(names))
        return next((field for field in fields if field in self.fields), None)

    def _say(self, field: str | None, words: str) -> None:
        # Conditions that were crossed have the same mistake once each.
        if words not in self.errors.get(field or NON_FIELD_ERRORS, ()):
            self.add_error(field, words)

    def part(self, *names: str) -> Iterator[forms.BoundField]:
        """Some of the fields, for one fieldset."""
        return (self[name] for name in names)

    @property
    def who(self) -> Iterator[forms.BoundField]:
        """The fields after those that everybody fills in."""
        return self.part("label", "language", "spend_cap")

    @property
    def population(self) -> Iterator[forms.BoundField]:
        """The margins of the personas."""
        return self.part("margins", "margins_file")

    @property
    def asking(self) -> Iterator[forms.BoundField]:
        """How the questionnaire is asked."""
        history = ("history", "window", "history_from", "asked_blocks", "reasoning")
        options = ("option_marks", "option_order", "scale_directions", "block_orders")
        return self.part("items_per_turn", "elicitation", *history, *options, "wording")

    @property
    def further(self) -> Iterator[forms.BoundField]:
        """What is added to the choices of `asking`, to be crossed."""
        return self.part(*(f"more_{part}" for part in design_table.PARTS))

    @property
    def further_wordings(self) -> Iterator[forms.BoundField]:
        """Instructions beside the first one."""
        return self.part(*FURTHER_WORDINGS)

    @property
    def sampling(self) -> Iterator[forms.BoundField]:
        """What is sent beside the messages."""
        return self.part("temperature", "top_p", "max_tokens", "reasoning_effort", "seed")

    @property
    def open_population(self) -> bool:
        """Whether the margins are shown unfolded, because they are wanted or wrong."""
        return self["personas"].value() == "margins" or _wrong(self.population)

    @property
    def open_asking(self) -> bool:
        """Whether one of `asking` is wrong, so that it is shown unfolded."""
        return _wrong(self.asking)

    @property
    def open_further(self) -> bool:
        """Whether further conditions are shown unfolded, because there are some."""
        fields = (*self.further, *self.further_wordings)
        return any(field.errors or field.value() for field in fields)

    @property
    def open_sampling(self) -> bool:
        """Whether one of `sampling` is wrong, so that it is shown unfolded."""
        return _wrong(self.sampling)


def respondents(endpoints: Mapping[str, Endpoint]) -> list[Any]:
    """Endpoints and rehearsals, each under its heading; a heading without entries is left out."""
    listed = [(ENDPOINT + name, name) for name in endpoints]
    rehearsals = [(PROFILE + name, name) for name in sorted(PROFILES, key="people-like".__ne__)]
    groups = [
        (gettext("A model at an endpoint"), listed),
        (gettext("Rehearsal: a scripted respondent, simulated"), rehearsals),
    ]
    return [(heading, entries) for heading, entries in groups if entries]


def _languages(study: Study) -> list[str]:
    """The study's languages that there are prompts in, its default first."""
    known = [key for key in study.languages if key.split("-")[0].lower() in PROMPT_LANGUAGES]
    return sorted(known, key=lambda key: key != study.default_language)


def _wrong(fields: Iterable[forms.BoundField]) -> bool:
    return any(field.errors for field in fields)
