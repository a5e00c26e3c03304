"""The forms of invitations: addresses of a list, mails in every language, what bounced."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surveys.codes import Problem
from surveys.languages import name_of
from surveys.models import Mailing, Study
from surveys.recruiters.mails import LONGEST_SUBJECT, LONGEST_TEXT, MOST_PER_MINUTE, MailDraft

_SUBJECT = _("Invitation to a study: {study}")
_TEXT = _(
    "Hello,\n\nyou are invited to take part in the study “{study}”. This address is yours alone:"
    "\n\n{link}\n\nIf you do not want any more mails about this study, open\n\n{unsubscribe}\n"
)


class AddressesForm(forms.Form):
    """A line for each person: pseudonym, address, perhaps a language."""

    addresses = forms.CharField(
        label=_("Addresses"),
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        help_text=_(
            "A line for each person: pseudonym, mail address, and a language if it is not the "
            "study’s first. Whoever stands there already gets the new address."
        ),
    )

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Say what is wrong, by line; the first twenty."""
        for problem in problems[:20]:
            number = problem.where.removeprefix("addresses[").rstrip("]")
            self.add_error("addresses", f"{number}: {problem.said(gettext)}")


class BouncedForm(forms.Form):
    """Addresses at which nobody was reached, as a mail server reports them."""

    bounced = forms.CharField(
        label=_("Addresses that bounced"),
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "mono"}),
        help_text=_("One a line. Nobody writes to them until they get a new address."),
    )


class MailForm(forms.Form):
    """A mail in each language of a study; fields are called ``subjects-en`` and ``texts-en``."""

    recipients = forms.ChoiceField(label=_("To"), choices=Mailing.Recipients.choices)
    per_minute = forms.IntegerField(
        label=_("Mails a minute"),
        min_value=1,
        max_value=MOST_PER_MINUTE,
        initial=30,
        help_text=_("Ask the operator of the mail server how many it takes."),
    )

    def __init__(self, study: Study, data: Any = None) -> None:
        super().__init__(data)
        self._languages = list(study.languages)
        for language in self._languages:
            name = name_of(language)
            with translation.override(language):
                subject, text = str(_SUBJECT), str(_TEXT)
            self.fields[f"subjects-{language}"] = forms.CharField(
                label=gettext("Subject (%(language)s)") % {"language": name},
                max_length=LONGEST_SUBJECT,
                initial=subject,
            )
            self.fields[f"texts-{language}"] = forms.CharField(
                label=gettext("Text (%(language)s)") % {"language": name},
                max_length=LONGEST_TEXT,
                initial=text,
                widget=forms.Textarea(attrs={"rows": 12, "lang": language, "dir": "auto"}),
                help_text=gettext(
                    "Filled in for each person: {link} and {unsubscribe}, which every mail needs; "
                    "{study}, {pseudonym}, {closes}."
                ),
            )

    @property
    def draft(self) -> MailDraft:
        """The mail as `send_mailing` takes it."""
        given = self.cleaned_data
        return MailDraft(
            subjects={one: given[f"subjects-{one}"] for one in self._languages},
            texts={one: given[f"texts-{one}"].replace("\r\n", "\n") for one in self._languages},
            recipients=given["recipients"],
            per_minute=given["per_minute"],
        )

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Say what is wrong beside its field."""
        for problem in problems:
            name = problem.where.replace(".", "-")
            self.add_error(name if name in self.fields else None, problem.said(gettext))
