"""The forms of the panels' pages. A panel's rules are those of `PanelSpec`; here they are asked."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from llm_respondents.arms import (
    ELICITATIONS,
    HISTORIES,
    ITEMS_PER_TURN,
    OPTION_MARKS,
    OPTION_ORDERS,
)
from llm_respondents.endpoints import Endpoint
from llm_respondents.errors import PanelSpecError
from llm_respondents.prompts import PROMPT_LANGUAGES
from llm_respondents.services.choosing import chosen_spec
from llm_respondents.services.providing import price_of
from llm_respondents.specs import MAX_SESSIONS, PanelSpec, SpecError
from surveys.models import Study
from surveys.simulation import PROFILES

ENDPOINT, PROFILE = "endpoint:", "profile:"
# The name under which a wording written on the page is kept.
OWN_WORDING = "own"
_LARGEST_SEED = 2**62

_IN_WORDS: Mapping[str, Any] = {
    "one": _("one question"),
    "page": _("a page of the questionnaire"),
    "block": _("a whole block"),
    "schema": _("as JSON, bound to the options"),
    "number": _("as the number of an option"),
    "label": _("in the words of an option"),
    "reason": _("as a reason, then JSON"),
    "distribution": _("as chances of every option, in JSON"),
    "full": _("all earlier turns"),
    "window": _("the last turns, as many as said beside"),
    "none": _("none: each turn stands alone"),
    "swapped": _("all, with another respondent's answers"),
}
_HISTORY_BLOCK = _("those of the same block")
_MARKS: Mapping[str, Any] = {"number": _("numbers"), "letter": _("letters")}
_ORDERS: Mapping[str, Any] = {
    "scale": _("in the order of the scale"),
    "shuffled": _("shuffled for each question"),
}
_DIRECTIONS = [
    ("forward", _("from low to high")),
    ("reversed", _("turned round, from high to low")),
    ("balanced", _("half of the sessions each")),
]
_BLOCK_ORDERS = [("study", _("as in the study")), ("shuffled", _("shuffled for each session"))]
_RECRUITS = [
    ("none", _("a number of sessions")),
    ("matched", _("one session for each completed person, speaking as that person")),
]
# What the field of a specification is called on the page, and its rule for whoever reads the page.
_FIELD_OF = {"endpoint": "respondent", "profile": "respondent"}
_RULES: Mapping[str, Any] = {
    "model": _("Name the model to ask, as the endpoint calls it."),
    "arms.window": _("Give 1 or more for a history of the last turns, and only then."),
    "history_from": _(
        "Choose the group whose answers are shown for turns with another respondent's answers, and "
        "only then."
    ),
    "scale_directions": _(
        "A matched session takes its person's direction; leave this from low to high."
    ),
}
_FIELD_OF_CODE = {
    "endpoint_unknown": "respondent",
    "language_not_offered": "language",
    "language_without_prompts": "language",
    "nobody_to_match": "personas",
    "history_group_unknown": "history_from",
    "history_group_empty": "history_from",
}
NOBODY_YET = gettext_lazy("Nobody has completed this study yet; match the panel when people have.")


class PanelForm(forms.Form):
    """A new panel. Two fields need an answer: who replies and, at an endpoint, which model."""

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
    items_per_turn = forms.ChoiceField(label=_("One request asks"), initial="one")
    elicitation = forms.ChoiceField(label=_("The answer is given"), initial="schema")
    history = forms.ChoiceField(label=_("Turns that are sent again"), initial="full")
    window = forms.IntegerField(
        label=_("How many turns"),
        min_value=1,
        max_value=1000,
        required=False,
        help_text=_("Only for the last turns."),
    )
    history_from = forms.ChoiceField(
        label=_("Whose answers"),
        required=False,
        help_text=_("Only for turns with another respondent's answers."),
    )
    option_marks = forms.ChoiceField(label=_("Options are marked by"), initial="number")
    option_order = forms.ChoiceField(label=_("Options stand"), initial="scale")
    scale_directions = forms.ChoiceField(
        label=_("Options are listed"), choices=_DIRECTIONS, initial="forward"
    )
    block_orders = forms.ChoiceField(
        label=_("Order of blocks"), choices=_BLOCK_ORDERS, initial="study"
    )
    wording = forms.CharField(
        label=_("Instruction to the model"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Replaces the standard instruction. Say in it in which form to reply."),
    )
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
        label=_("Longest reply, in tokens"), min_value=1, max_value=1_000_000, initial=1000
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
        max_value=_LARGEST_SEED,
        initial=1,
        help_text=_("The same seed deals the same orders again."),
    )

    def __init__(
        self, study: Study, endpoints: Mapping[str, Endpoint], data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        self.study, self.endpoints = study, endpoints
        self.spec: PanelSpec | None = None
        self._fill("respondent", _respondents(endpoints))
        self._fill("language", [(key, key) for key in _languages(study)])
        self._fill("items_per_turn", _choices(ITEMS_PER_TURN, _IN_WORDS))
        self._fill("elicitation", _choices(ELICITATIONS, _IN_WORDS))
        self._fill("history", _choices(HISTORIES, {**_IN_WORDS, "block": _HISTORY_BLOCK}))
        self._fill("history_from", [("", "–"), *study.groups.values_list("key", "label")])
        self._fill("option_marks", _choices(OPTION_MARKS, _MARKS))
        self._fill("option_order", _choices(OPTION_ORDERS, _ORDERS))

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
        given = super().clean() or {}
        if given.get("personas") == "none" and not given.get("sessions") and not self.errors:
            self.add_error("sessions", gettext("Say how many sessions, at least one."))
        if not self.errors:
            self._make_spec()
        return given

    def _make_spec(self) -> None:
        given = self.cleaned_data
        endpoint, profile = self._who(given["respondent"])
        try:
            self.spec = chosen_spec(endpoint=endpoint, profile=profile, values=self._values())
        except (SpecError, PanelSpecError) as error:
            self.refuse(error)
            return
        if given["spend_cap"] is not None and price_of(self.spec) is None:
            self.add_error("spend_cap", _no_price(self.spec))

    def _who(self, chosen: str) -> tuple[str, str]:
        """(endpoint, profile), one of them empty."""
        if chosen.startswith(PROFILE):
            return "", chosen.removeprefix(PROFILE)
        return chosen.removeprefix(ENDPOINT), ""

    def _values(self) -> dict[str, Any]:
        """What was typed, as `PanelSpec` is written in JSON."""
        given = self.cleaned_data
        marks = ("option_marks", "option_order")
        parts = ("items_per_turn", "elicitation", "history", *marks)
        sampling = ("temperature", "top_p", "max_tokens", "reasoning_effort")
        same = ("model", "label", "personas", "language", "seed", "history_from")
        return {
            **{name: given[name] for name in (*same, "scale_directions", "block_orders")},
            "sessions": 0 if given["personas"] == "matched" else given["sessions"],
            "sampling": {name: given[name] for name in sampling},
            "arms": [{**{name: given[name] for name in parts}, "window": given["window"] or 0}],
            "wordings": {OWN_WORDING: given["wording"]} if given["wording"] else {},
        }

    def refuse(self, error: SpecError | PanelSpecError) -> None:
        """Say at its field, or above the form, what cannot be recruited."""
        if isinstance(error, SpecError):
            where, words = error.where, _RULES.get(error.where, str(error))
            name = _FIELD_OF.get(where, where.rpartition(".")[2])
        else:
            name = _FIELD_OF_CODE.get(error.code, "")
            words = NOBODY_YET if error.code == "nobody_to_match" else error.message
        self.add_error(name if name in self.fields else None, words)

    def part(self, *names: str) -> Iterator[forms.BoundField]:
        """Some of the fields, for one fieldset."""
        return (self[name] for name in names)

    @property
    def who(self) -> Iterator[forms.BoundField]:
        """The fields after those that everybody fills in."""
        return self.part("label", "language", "spend_cap")

    @property
    def asking(self) -> Iterator[forms.BoundField]:
        """How the questionnaire is asked."""
        history = ("history", "window", "history_from")
        options = ("option_marks", "option_order", "scale_directions", "block_orders")
        return self.part("items_per_turn", "elicitation", *history, *options, "wording")

    @property
    def sampling(self) -> Iterator[forms.BoundField]:
        """What is sent beside the messages."""
        return self.part("temperature", "top_p", "max_tokens", "reasoning_effort", "seed")

    @property
    def wrong_asking(self) -> bool:
        """Whether one of `asking` is wrong, so that it is shown unfolded."""
        return any(field.errors for field in self.asking)

    @property
    def wrong_sampling(self) -> bool:
        """Whether one of `sampling` is wrong, so that it is shown unfolded."""
        return any(field.errors for field in self.sampling)


class CapForm(forms.Form):
    """The most that a panel, or all panels of a study, may cost; empty lifts the cap."""

    spend_cap = forms.DecimalField(
        label=_("Spend cap"), min_value=0, max_digits=12, decimal_places=4, required=False
    )


def _respondents(endpoints: Mapping[str, Endpoint]) -> list[Any]:
    """Endpoints and rehearsals, each under its heading; a heading without entries is left out."""
    listed = [(ENDPOINT + name, name) for name in endpoints]
    rehearsals = [(PROFILE + name, name) for name in sorted(PROFILES)]
    groups = [
        (gettext("A model at an endpoint"), listed),
        (gettext("Rehearsal: a scripted respondent, simulated"), rehearsals),
    ]
    return [(heading, entries) for heading, entries in groups if entries]


def _languages(study: Study) -> list[str]:
    """The study's languages that there are prompts in, its default first."""
    known = [key for key in study.languages if key.split("-")[0].lower() in PROMPT_LANGUAGES]
    return sorted(known, key=lambda key: key != study.default_language)


def _choices(keys: Iterable[str], words: Mapping[str, Any]) -> list[Any]:
    return [(key, words.get(key, key)) for key in keys]


def _no_price(spec: PanelSpec) -> str:
    words = gettext(
        "No price is known for %(model)s, so no cap can be kept. Whoever operates the server lists "
        "prices with the endpoint's models."
    )
    return words % {"model": spec.model}
