"""The page of what a study gives out, reports and data, and of what was imported into it."""

from collections.abc import Sequence

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from surveys.exports.content import FORMATS
from surveys.jobs.queue import look_after_jobs
from surveys.jobs.reading import job_state
from surveys.models import Job, RespondentGroup, Study
from surveys.roles import Act
from surveys.selectors import study_groups
from surveys.services.access.refusals import require_role
from surveys.services.audit import page_actor
from surveys.services.data.export_rows import study_waves
from surveys.services.data.exports import EXPORT, export_choice, start_export
from surveys.views.membership import member_page
from surveys.workspace.groups import name_of, provenance_in_words
from surveys.workspace.printed import printed_of

JOBS_SHOWN = 5
FORMAT_NAMES = {
    "csv": gettext_lazy("CSV: as given, scored, and one row for each answer"),
    "sav": gettext_lazy("SPSS (.sav)"),
    "dta": gettext_lazy("Stata (.dta)"),
    "r": gettext_lazy("R: CSV with a script that labels it"),
}


class ExportForm(forms.Form):
    """What is wanted of the data."""

    formats = forms.MultipleChoiceField(
        choices=[(one, FORMAT_NAMES[one]) for one in FORMATS],
        initial=["csv", "r"],
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Formats"),
    )
    groups = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Groups")
    )
    waves = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Only imported people of these waves"),
    )
    demographics = forms.BooleanField(
        required=False,
        label=gettext_lazy("What people said about themselves, in a file of its own"),
    )
    recruiter_ids = forms.BooleanField(
        required=False, label=gettext_lazy("The ids that recruiters gave, in a file of its own")
    )
    paradata = forms.BooleanField(
        required=False,
        label=gettext_lazy("How the pages were answered, and flags, in files of their own"),
    )
    share = forms.BooleanField(
        required=False,
        label=gettext_lazy(
            "A copy for others: pseudonyms, no times, only people whose consent covers it"
        ),
    )
    exact = forms.BooleanField(
        required=False,
        label=gettext_lazy(
            "Exact text, for programs: words also where a spreadsheet takes them for a formula"
        ),
    )

    def __init__(
        self, study: Study, groups: Sequence[RespondentGroup], given: QueryDict | None
    ) -> None:
        super().__init__(given)
        offered = {
            "groups": [(one.key, _group_in_words(one)) for one in groups],
            "waves": [(one, one) for one in study_waves(study)],
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = choices
        self.fields["groups"].initial = [one.key for one in groups]
        if not offered["waves"]:
            del self.fields["waves"]


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def study_data(request: HttpRequest, study: Study) -> HttpResponse:
    """Fetch reports and exports, ask for one, see what was imported and left out."""
    look_after_jobs()
    groups = study_groups(study)
    form = ExportForm(study, groups, request.POST or None)
    if request.method == "POST":
        require_role(study.reader_role, Act.EXPORT)
    if form.is_valid():
        choice = export_choice(form.cleaned_data, study)
        start_export(study=study, choice=choice, by=page_actor(request.user))
        messages.success(request, _("The export is being made; this page offers it when ready."))
        return redirect("surveys:data", slug=study.slug)
    jobs = Job.objects.filter(study=study, kind=EXPORT).order_by("-pk")[:JOBS_SHOWN]
    context = {
        "study": study,
        "form": form,
        "groups": groups,
        "printed": printed_of(study),
        "states": [job_state(job) for job in jobs],
        "back": reverse("surveys:data", kwargs={"slug": study.slug}),
        "imports": study.imported_files.select_related("imported_by"),
    }
    return render(request, "surveys/data.html", context, status=422 if form.errors else 200)


def _group_in_words(group: RespondentGroup) -> str:
    """What a group is called, and who answered, in the reader's language."""
    return f"{name_of(group)} ({provenance_in_words(group.provenance)})"
