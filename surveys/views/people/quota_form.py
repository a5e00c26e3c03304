"""The forms of quotas: a row for each, and questions that are crossed into many."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surveys.codes import Problem
from surveys.flow import LONGEST
from surveys.instrument_files import (
    MOST_QUOTAS,
    QuotaDraft,
    crossed,
    option_cells,
    range_cells,
)
from surveys.models import Study
from surveys.selectors import person_fields, questionnaire

_EMPTY_ROWS = 3
_MOST_CROSSED = 3
Variable = tuple[str, str, list[tuple[str | int, str]]]
"""A name in rules, what it is called, and its options as (value, label); a number has none."""


class QuotaRow(forms.Form):
    """One quota; a row without a name is none."""

    label = forms.CharField(label=_("Name"), required=False, max_length=120)
    most = forms.IntegerField(label=_("People"), required=False, min_value=0, max_value=2**31 - 1)
    when = forms.CharField(label=_("Who"), required=False, max_length=LONGEST)
    link = forms.TypedChoiceField(label=_("Link"), required=False, coerce=int, empty_value=None)

    def __init__(self, *given: Any, links: Sequence[tuple[int, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["link"].choices = [("", _("any")), *links]  # type: ignore[attr-defined]
        for name in ("label", "when"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean(self) -> dict[str, Any]:
        """A quota has a number."""
        given = super().clean() or {}
        if given.get("label") and given.get("most") is None and "most" not in self.errors:
            self.add_error("most", gettext("Say how many people."))
        return given


class QuotaRows:
    """All rows of the page: those that are stored, or were sent, and some to fill in."""

    def __init__(self, study: Study, drafts: Sequence[QuotaDraft], data: Any = None) -> None:
        links = list(study.links.filter(link_list=None).values_list("pk", "label"))
        rows = forms.formset_factory(
            QuotaRow, extra=_EMPTY_ROWS, max_num=MOST_QUOTAS, absolute_max=MOST_QUOTAS
        )
        initial = [
            {"label": one.label, "most": one.most, "when": one.when, "link": one.link}
            for one in drafts
        ]
        options: dict[str, Any] = {"form_kwargs": {"links": links}, "prefix": "quotas"}
        self.forms = rows(data, initial=initial, **options)

    @property
    def _named(self) -> list[QuotaRow]:
        return [row for row in self.forms if row.cleaned_data.get("label")]

    def is_valid(self) -> bool:
        """Whether every row can be read."""
        return bool(self.forms.is_valid())

    @property
    def wrong(self) -> bool:
        """Whether anything has to be corrected."""
        return any(row.errors for row in self.forms) or bool(self.forms.non_form_errors())

    @property
    def values(self) -> dict[str, Any]:
        """What `set_quotas` takes."""
        return {"quotas": [dict(row.cleaned_data) for row in self._named]}

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Say of each field what is wrong with it."""
        named = self._named
        for problem in problems:
            place, _, part = problem.where.partition("].")
            number = place.removeprefix("quotas[")
            row = named[int(number) - 1] if number.isdigit() else named[0]
            row.add_error(part if part in row.fields else None, problem.said(gettext))


class CrossForm(forms.Form):
    """Up to three questions, each combination of whose answers becomes a quota."""

    most = forms.IntegerField(
        label=_("People in each combination"), min_value=0, max_value=2**31 - 1, initial=50
    )
    ranges = forms.CharField(
        label=_("Ranges of numbers"),
        required=False,
        max_length=200,
        initial="18-29, 30-49, 50-",
        help_text=_("For questions that are answered by a number, such as age."),
    )

    def __init__(self, study: Study, language: str, data: Any = None) -> None:
        super().__init__(data, prefix="cross")
        self._variables = {one[0]: one for one in countable(study, language)}
        choices = [("", "–"), *((name, called) for name, called, _o in self._variables.values())]
        for number in range(1, _MOST_CROSSED + 1):
            label = _("Question %(n)s") % {"n": number}
            self.fields[f"by_{number}"] = forms.ChoiceField(
                label=label, choices=choices, required=number == 1
            )
        self.order_fields([f"by_{number}" for number in range(1, _MOST_CROSSED + 1)])
        self.drafts: list[QuotaDraft] = []

    def clean(self) -> dict[str, Any]:
        """Cross what was chosen."""
        given = super().clean() or {}
        chosen = dict.fromkeys(filter(None, (given.get(f"by_{n}") for n in (1, 2, 3))))
        cells = [self._cells(name, given) for name in chosen]
        if not self.errors:
            self.drafts = crossed(cells, most=given["most"])
            if not self.drafts:
                text = gettext("These are more than %(most)s combinations; cross less.")
                self.add_error(None, text % {"most": MOST_QUOTAS})
        return given

    def _cells(self, name: str, given: Mapping[str, Any]) -> list[tuple[str, str]]:
        _name, _called, options = self._variables[name]
        if options:
            return option_cells(name, options)
        cells = range_cells(name, given.get("ranges", ""))
        if not cells and "ranges" not in self.errors:
            self.add_error("ranges", gettext("Write ranges such as 18-29, 30-49, 50-."))
        return cells


def countable(study: Study, language: str) -> list[Variable]:
    """What people of a study can be counted by: questions about them, conditions, items."""
    spoken = language if language in study.languages else study.default_language
    found: list[Variable] = [
        (
            one["key"],
            one["label"].get(spoken) or one["key"],
            [(option["value"], option["label"].get(spoken, "")) for option in one["options"]],
        )
        for one in person_fields(study)
    ]
    for block in questionnaire(study, spoken).blocks:
        for question in block.questions:
            if question.options:
                called = f"{question.ref}: {question.text[:60]}"
                found.append((question.ref, called, list(question.options)))
            elif question.format.scored and not question.format.parts:
                found.append((question.ref, f"{question.ref}: {question.text[:60]}", []))
    return found
