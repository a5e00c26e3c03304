"""Forms of the pages. They check what was typed; what may be done is decided by the services."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surveys.models import Membership, RecruitingLink
from surveys.recruiters import RECRUITERS

# The value under which studies keep "I prefer not to say".
UNDISCLOSED = "undisclosed"


class ConsentForm(forms.Form):
    """The decision, and a key that is the same when this form is sent twice."""

    decision = forms.ChoiceField(choices=[("agree", "agree"), ("decline", "decline")])
    start = forms.RegexField(r"^[\w-]{16,64}$")

    @property
    def agrees(self) -> bool:
        """Whether the person takes part."""
        return bool(self.cleaned_data["decision"] == "agree")


class DemographicsForm(forms.Form):
    """The demographic questions of a study. Each may be left open unless the study says not."""

    def __init__(
        self,
        questions: list[dict[str, Any]],
        language: str,
        data: Mapping[str, Any] | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        for question in questions:
            self.fields[question["key"]] = _demographic_field(question, language)

    @property
    def values(self) -> dict[str, Any]:
        """What was answered; None for what was left open."""
        return {key: None if given == "" else given for key, given in self.cleaned_data.items()}


def _demographic_field(question: dict[str, Any], language: str) -> forms.Field:
    if question["kind"] == "integer":
        return _integer_field(question, language)
    choices = [(option["value"], option["label"][language]) for option in question["options"]]
    if UNDISCLOSED not in dict(choices):
        choices.append((UNDISCLOSED, _("I prefer not to say")))
    return forms.ChoiceField(
        label=question["label"][language],
        choices=choices,
        required=question["required"],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one; you can also prefer not to say.")},
    )


def _integer_field(question: dict[str, Any], language: str) -> forms.Field:
    low, high = question["minimum"], question["maximum"]
    rule = gettext("Please enter a whole number.")
    if low is not None and high is not None:
        rule = gettext("Please enter a whole number from %(low)d to %(high)d.")
        rule %= {"low": low, "high": high}
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 6})
    return forms.IntegerField(
        label=question["label"][language],
        min_value=low,
        max_value=high,
        required=question["required"],
        widget=widget,
        error_messages={"invalid": rule, "min_value": rule, "max_value": rule, "required": rule},
    )


class LinkForm(forms.Form):
    """A new recruiting link; its fields are those of `services.create_link`."""

    label = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("For yourselves, such as “Poster in the hall”."),
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (RecruitingLink.Kind.OPEN, _("Open: any number of people")),
            (RecruitingLink.Kind.SINGLE_USE, _("Single use: one person, once")),
        ],
        initial=RecruitingLink.Kind.OPEN,
    )
    recruiter = forms.ChoiceField(
        label=_("Recruiter"),
        required=False,
        choices=[("", _("None")), *((one.key, one.name) for one in RECRUITERS.values())],
        help_text=_("The id that the recruiter puts into the address is stored with the person."),
    )
    simulated = forms.BooleanField(
        label=_("Rehearsal: store and show whoever uses it as simulated"), required=False
    )


class MemberForm(forms.Form):
    """Somebody with an account who shall see and steer the study."""

    username = forms.CharField(label=_("User name"), max_length=150)
    role = forms.ChoiceField(
        label=_("Role"), choices=Membership.Role.choices, initial=Membership.Role.COLLABORATOR
    )

    def clean_username(self) -> AbstractBaseUser:
        """The account with this name."""
        users = get_user_model().objects
        user = users.filter(username=self.cleaned_data["username"], is_active=True).first()
        if user is None:
            raise forms.ValidationError(
                _("There is no account with this name; ask for one to be made first."),
                code="unknown_user",
            )
        return user
