"""The form of a link's terms: a row for each outcome, and what holds for all of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surveys.codes import Problem
from surveys.models import RecruitingLink
from surveys.paradata.collected import PROOF_OF_WORK
from surveys.recruiters import Exit, LinkTerms, Outcome, Recruiter
from surveys.recruiters.terms import MOST_PEOPLE
from surveys.views.people.outcomes import HAPPENS

_PARTS = ("code", "address", "credit")


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One outcome on the card; `back` is where people go without an address of their own."""

    outcome: Outcome
    happens: Any
    code: forms.BoundField
    address: forms.BoundField | None
    credit: forms.BoundField | None
    back: str
    so_far: int
    # Whether the recruiter expects to hear of it, and nothing is there that tells.
    missing: bool


class Moment(forms.DateTimeInput):
    """Day and time, in the time zone of the server."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class TermsForm(forms.Form):
    """Fields are called ``<outcome>-<part>``; `terms` is what `set_terms` takes."""

    returns_at_once = forms.BooleanField(
        label=_("Lead people back at once, without the last page"), required=False
    )
    checks_to_fail = forms.IntegerField(
        label=_("Failed attention checks that count as failing"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_("Empty: whoever hands in is complete, whatever the checks say."),
    )
    minutes_allowed = forms.IntegerField(
        label=_("Minutes from consent to the final submit"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=_("Empty: as long as they like."),
    )
    shared_computer = forms.BooleanField(
        label=_("Many people use one computer, one after the other"),
        required=False,
        help_text=_(
            "The last page then begins for the next person, and going back shows nobody’s pages."
        ),
    )
    proof_of_work = forms.BooleanField(
        label=_("Ask browsers for a proof of work before somebody begins"),
        required=False,
        help_text=_(
            "A calculation of about a second, dear to whoever sends thousands of forms. People are "
            "told before they agree; what is absent, wrong or late is a flag and keeps nobody out."
        ),
    )
    signed_only = forms.BooleanField(
        label=_("Let in only whoever comes by an address that the recruiter signed"),
        required=False,
        help_text=_(
            "Nobody can then make up an id. Switch signed addresses on at the recruiter first: "
            "whoever comes without a signature is told to open the study again from there."
        ),
    )
    opens_at = forms.DateTimeField(
        label=_("Opens at"), required=False, widget=Moment, help_text=_("Empty: at once.")
    )
    closes_at = forms.DateTimeField(
        label=_("Closes at"),
        required=False,
        widget=Moment,
        help_text=_("Empty: never. Whoever has begun may finish."),
    )
    most_people = forms.IntegerField(
        label=_("Most people"),
        required=False,
        min_value=1,
        max_value=MOST_PEOPLE,
        help_text=_("It is a quota of this link. Empty: as many as come."),
    )
    not_again = forms.MultipleChoiceField(
        label=_("Not again those who took part in"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Whoever comes with an id that was in one of these studies is thanked, and led back as "
            "“screened out”. Nothing is stored of them."
        ),
    )
    id_parameter = forms.CharField(
        label=_("Parameter that carries the person’s id"), required=False, max_length=40
    )
    other_parameters = forms.CharField(
        label=_("Further parameters to keep"),
        required=False,
        max_length=400,
        help_text=_("Separated by blanks. Each can be filled into the addresses below as {name}."),
    )
    secret_name = forms.CharField(
        label=_("Name of the recruiter’s secret"),
        required=False,
        max_length=40,
        help_text=_(
            "The operator keeps the secret itself, in the variable RECRUITER_SECRET_ and this name."
        ),
    )

    def __init__(
        self,
        link: RecruitingLink,
        terms: LinkTerms,
        others: Sequence[tuple[str, str]],
        data: Any = None,
    ) -> None:
        super().__init__(data, prefix=f"link-{link.pk}", initial=_initial(terms))
        self.recruiter: Recruiter = link.sender
        self._stored = terms
        for outcome in Outcome:
            for part in _PARTS:
                self.fields[f"{outcome}-{part}"] = _exit_field(outcome, part)
        # What another member had named can be kept and taken back by whoever does not know it.
        named = {**{one: one for one in terms.not_again}, **dict(others)}
        self.fields["not_again"].choices = list(named.items())  # type: ignore[attr-defined]
        if not self.recruiter.knows_again or not named:
            del self.fields["not_again"]
        if not self.recruiter.optional or link.for_one:
            del self.fields["shared_computer"]
        if PROOF_OF_WORK in link.study.settings.get("paradata", ()) or link.simulated:
            del self.fields["proof_of_work"]
        if self.recruiter.signing is None or link.simulated:
            del self.fields["signed_only"]
        if not self.recruiter.names_parameters:
            del self.fields["id_parameter"], self.fields["other_parameters"]
        if (self.recruiter.hosts and not self.recruiter.credits) or self.recruiter.submission:
            del self.fields["secret_name"]

    @property
    def terms(self) -> LinkTerms:
        """What was sent; what the card does not ask for stays as it is."""
        given = self.cleaned_data
        exits = {
            outcome: Exit(*(given[f"{outcome}-{part}"] for part in _PARTS)) for outcome in Outcome
        }
        return LinkTerms(
            exits=exits,
            secret_name=given.get("secret_name", self._stored.secret_name),
            returns_at_once=given["returns_at_once"],
            checks_to_fail=given["checks_to_fail"],
            minutes_allowed=given["minutes_allowed"],
            shared_computer=given.get("shared_computer", self._stored.shared_computer),
            proof_of_work=given.get("proof_of_work", self._stored.proof_of_work),
            signed_only=given.get("signed_only", self._stored.signed_only),
            opens_at=given["opens_at"],
            closes_at=given["closes_at"],
            most_people=given["most_people"],
            not_again=tuple(given.get("not_again", self._stored.not_again)),
            id_parameter=given.get("id_parameter", self._stored.id_parameter),
            other_parameters=tuple(given.get("other_parameters", "").split()),
        )

    def refuse(self, problems: list[Problem]) -> None:
        """Say of each field what is wrong with it."""
        for problem in problems:
            name = problem.where.replace(".", "-")
            self.add_error(name if name in self.fields else None, problem.said(gettext))

    def rows(self, counts: Mapping[str, int]) -> Iterator[OutcomeRow]:
        """The outcomes with their fields; `counts` are how many people ended so."""
        recruiter = self.recruiter
        for outcome in Outcome:
            back = recruiter.back.get(outcome, "")
            own_address = not back and not recruiter.submission
            credited = recruiter.credits and outcome is Outcome.COMPLETE
            one = self._stored.exits.get(outcome, Exit())
            yield OutcomeRow(
                outcome,
                HAPPENS[outcome],
                self[f"{outcome}-code"],
                self[f"{outcome}-address"] if own_address else None,
                self[f"{outcome}-credit"] if credited else None,
                back or (recruiter.submission.path if recruiter.submission else ""),
                counts.get(outcome, 0),
                missing=outcome in recruiter.expects and one == Exit(),
            )

    @property
    def shared_fields(self) -> list[forms.BoundField]:
        """The fields that hold for every outcome."""
        return [field for field in self if "-" not in field.name]


def _initial(terms: LinkTerms) -> dict[str, Any]:
    initial: dict[str, Any] = {
        name: getattr(terms, name)
        for name in (
            "returns_at_once",
            "checks_to_fail",
            "minutes_allowed",
            "shared_computer",
            "proof_of_work",
            "signed_only",
            "opens_at",
            "closes_at",
            "most_people",
            "not_again",
            "id_parameter",
            "secret_name",
        )
    }
    initial["other_parameters"] = " ".join(terms.other_parameters)
    for outcome, one in terms.exits.items():
        initial |= {f"{outcome}-{part}": getattr(one, part) for part in _PARTS}
    return initial


def _exit_field(outcome: Outcome, part: str) -> forms.CharField:
    labels = {
        "code": _("Code: a person who %(happens)s"),
        "address": _("Address: a person who %(happens)s"),
        "credit": _("Address for credit: a person who %(happens)s"),
    }
    label = labels[part] % {"happens": HAPPENS[outcome]}
    attributes = {"aria-label": label, "autocomplete": "off", "spellcheck": "false"}
    widget = forms.TextInput(attrs=attributes)
    return forms.CharField(required=False, label=label, widget=widget, max_length=500)
