"""The page of a draft's settings: how it is asked, and what is recorded of people."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from surveys.errors import StudyError
from surveys.instrument_files import InstrumentFileError
from surveys.instrument_files.settings import MOST_DAYS_KEPT
from surveys.languages import name_of
from surveys.models import Study
from surveys.paradata.collected import RECORDED, Told
from surveys.roles import Act
from surveys.selectors import languages_untold
from surveys.services.audit import page_actor
from surveys.services.authoring.study_settings import change_settings
from surveys.views.membership import form_methods, page_for

LONGEST_TOLD = 2_000
_TOLD = "paradata_told."
# A choice of two as a box to tick: setting -> the value when it is ticked, and when it is not.
_TICKS: Mapping[str, tuple[Any, Any]] = {
    "demographics_first": (True, False),
    "block_order": ("shuffled", "file"),
    "scale_direction": ("balanced", "forward"),
    "anonymous": (True, False),
    "publish_texts": (True, False),
}


class SettingsForm(forms.Form):
    """Fields are called like the settings; `changed` is what `change_settings` takes."""

    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes that it takes"),
        required=False,
        min_value=1,
        max_value=1440,
        help_text=gettext_lazy("People read it before they begin."),
    )
    demographics_first = forms.BooleanField(
        label=gettext_lazy("Questions about the person come first"), required=False
    )
    block_order = forms.BooleanField(
        label=gettext_lazy("Everybody has an order of blocks of their own"), required=False
    )
    scale_direction = forms.BooleanField(
        label=gettext_lazy("Response scales are turned round for every other person"),
        required=False,
    )
    anonymous = forms.BooleanField(
        label=gettext_lazy("The study is anonymous"),
        required=False,
        help_text=gettext_lazy(
            "No recruiter’s id and no order is stored. The time of day goes when somebody ends, "
            "and of whoever goes away when they have sent nothing for a day; the day and how long "
            "everything took stay. There are no links for single people, no invitations and no "
            "waves. People are told, also that they need their address or code to have answers "
            "deleted."
        ),
    )
    paradata = forms.MultipleChoiceField(
        label=gettext_lazy("Recorded of how people answer"),
        required=False,
        choices=[(one.value, gettext_lazy(one.sentence)) for one in Told],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Without a tick nothing is recorded but the time that each page took. People read each "
            "of these sentences before they agree."
        ),
    )
    retention_days = forms.IntegerField(
        label=gettext_lazy("Days that recruiters’ ids are kept"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS_KEPT,
        help_text=gettext_lazy(
            "Counted from each person’s end; empty: they are kept. It can be set again on People. "
            "People read it before they agree."
        ),
    )
    retention_delete = forms.ChoiceField(
        label=gettext_lazy("Deleted then"),
        choices=[
            ("ids", gettext_lazy("ids and exact times: answers stay, and nobody’s")),
            ("answers", gettext_lazy("everything, answers as well")),
        ],
        required=False,
    )
    publish_texts = forms.BooleanField(
        label=gettext_lazy("Archives may hold the texts and dates that people wrote"),
        required=False,
        help_text=gettext_lazy("They may tell who somebody is."),
    )

    def __init__(self, study: Study, data: Any = None) -> None:
        self._stored: Mapping[str, Any] = study.settings
        super().__init__(data, initial=_initial(study.settings))
        needed = languages_untold(study, RECORDED)
        for language in study.languages:
            self.fields[_TOLD + language] = _told_field(language, needed=language in needed)

    @property
    def changed(self) -> dict[str, Any]:
        """The settings that are another now; what stays as it is written is not among them."""
        given = self.cleaned_data
        sent = {"minutes": given["minutes"], "paradata": self._paradata, **dict(self._ticked())}
        told = {
            name.removeprefix(_TOLD): words.replace("\r\n", "\n")
            for name, words in given.items()
            if name.startswith(_TOLD) and words
        }
        sent["paradata_told"] = told or None
        sent["retention"] = self._retention
        return {key: value for key, value in sent.items() if value != self._stored.get(key)}

    @property
    def _retention(self) -> dict[str, Any] | None:
        days, delete = self.cleaned_data["retention_days"], self.cleaned_data["retention_delete"]
        return {"days": days, "delete": delete or "ids"} if days else None

    @property
    def _paradata(self) -> list[str] | None:
        chosen = self.cleaned_data["paradata"]
        before: list[str] | None = self._stored.get("paradata")
        if {*chosen} == {*(before or ())}:
            return before
        return [one for one in RECORDED if one in chosen] or None

    def _ticked(self) -> Iterator[tuple[str, Any]]:
        for name, (ticked, unticked) in _TICKS.items():
            wanted = ticked if self.cleaned_data[name] else unticked
            yield name, wanted if wanted != unticked or name in self._stored else None

    def refuse(self, error: InstrumentFileError) -> None:
        """Say of each field what is wrong with it."""
        for problem in error.problems:
            name = problem.where.removeprefix("settings.")
            self.add_error(name if name in self.fields else None, problem.said(_))


def _initial(settings: Mapping[str, Any]) -> dict[str, Any]:
    told = settings.get("paradata_told", {})
    retention = settings.get("retention", {})
    return {
        "retention_days": retention.get("days"),
        "retention_delete": retention.get("delete", "ids"),
        "minutes": settings.get("minutes"),
        "paradata": settings.get("paradata", []),
        **{name: settings.get(name) == ticked for name, (ticked, _unticked) in _TICKS.items()},
        **{_TOLD + language: words for language, words in told.items()},
    }


def _told_field(language: str, *, needed: bool) -> forms.CharField:
    label = _("Told in words of your own (%(language)s)") % {"language": name_of(language)}
    help_text = (
        _("The program has no words in this language: nobody is let in where you give none.")
        if needed
        else _("Empty: the sentences above. Your words stand in their place.")
    )
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONGEST_TOLD,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@form_methods
@page_for(Act.AUTHOR)
def study_settings(request: HttpRequest, study: Study) -> HttpResponse:
    """Change the settings of a draft; a frozen study is shown the way to a new version."""
    if study.status != Study.Status.DRAFT:
        return redirect("surveys:new_version", slug=study.slug)
    form = SettingsForm(study, request.POST if request.method == "POST" else None)
    if form.is_valid() and _is_stored(request, study, form):
        messages.success(request, _("The settings are stored."))
        return redirect("surveys:design", slug=study.slug)
    context = {"study": study, "form": form}
    status = 422 if form.errors else 200
    return render(request, "surveys/study_settings.html", context, status=status)


def _is_stored(request: HttpRequest, study: Study, form: SettingsForm) -> bool:
    """Whether the settings could be changed; else the form now says why not."""
    try:
        change_settings(study=study, settings=form.changed, by=page_actor(request.user))
    except InstrumentFileError as error:
        form.refuse(error)
    except StudyError as error:
        form.add_error(None, error.said(_))
    return not form.errors
