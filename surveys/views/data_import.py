"""The page through which a data file and its mapping come in: people, or answers of models."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from surveys.errors import ImportFileError, StudyError
from surveys.jobs.queue import look_after_jobs
from surveys.jobs.reading import JOBS_SHOWN, job_state, jobs_for
from surveys.models import Study
from surveys.selectors import studies_for
from surveys.services.audit import page_actor
from surveys.services.data.import_files import MOST_BYTES, draft_import, start_import
from surveys.services.data.imports import IMPORT


class DataImportForm(forms.Form):
    """A mapping and the data that it describes."""

    mapping = forms.FileField(
        label=gettext_lazy("Mapping (TOML)"),
        help_text=gettext_lazy("It says whose answers these are, and what each column is."),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )
    file = forms.FileField(
        label=gettext_lazy("Data"),
        help_text=gettext_lazy(
            "CSV, XLSX, SPSS (.sav) or Stata (.dta); answers of models as CSV, JSON Lines or JSON."
        ),
        widget=forms.FileInput(
            attrs={"accept": ".csv,.tsv,.txt,.xlsx,.sav,.dta,.jsonl,.json,.eval"}
        ),
    )

    sheet = forms.CharField(
        required=False,
        label=gettext_lazy("Sheet"),
        help_text=gettext_lazy("Of a workbook: the sheet to be read, if not the mapping's."),
    )

    def clean_file(self) -> Any:
        """The file, unless it is larger than a page takes."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is too large for this page; use manage.py import_responses."),
                code="file_too_large",
            )
        return file

    def clean_mapping(self) -> str:
        """The text of the mapping."""
        try:
            return str(self.cleaned_data["mapping"].read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise forms.ValidationError(
                _("The mapping is not UTF-8 text."), code="not_utf8"
            ) from None


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def import_data(request: HttpRequest) -> HttpResponse:
    """Ask for two files, let a worker bring them in, and show how far it is."""
    look_after_jobs()
    form = DataImportForm(request.POST or None, request.FILES or None)
    if form.is_valid() and _started(request, form):
        messages.success(request, _("The file is being read; this page says what came of it."))
        return redirect("surveys:import_data")
    jobs = jobs_for(request.user).filter(kind=IMPORT).order_by("-pk")[:JOBS_SHOWN]
    context = {
        "form": form,
        "states": [job_state(job) for job in jobs],
        "back": reverse("surveys:import_data"),
    }
    return render(request, "surveys/import_data.html", context, status=422 if form.errors else 200)


class DraftForm(forms.Form):
    """A data file whose mapping is to be drafted."""

    file = forms.FileField(
        label=gettext_lazy("Data"),
        help_text=gettext_lazy(
            "CSV, TSV, XLSX, SPSS (.sav) or Stata (.dta); nothing of it is kept."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.sav,.dta"}),
    )
    study = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Study"),
        help_text=gettext_lazy("Its questions are looked for among the columns."),
    )

    sheet = forms.CharField(
        required=False,
        label=gettext_lazy("Sheet"),
        help_text=gettext_lazy("Of a workbook: the sheet to be read, if not that with most rows."),
        widget=forms.TextInput(attrs={"list": "sheets"}),
    )

    def __init__(self, studies: QuerySet[Study], *given: Any) -> None:
        super().__init__(*given)
        field = self.fields["study"]
        assert isinstance(field, forms.ChoiceField)
        there = [(one.slug, f"{one.title()} ({one.slug})") for one in studies.order_by("slug")]
        field.choices = [("", _("a new study, made of this file")), *there]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def draft_mapping(request: HttpRequest) -> HttpResponse:
    """Ask for a data file; show what each column would become, and the mapping that asks."""
    form = DraftForm(studies_for(request.user), request.POST or None, request.FILES or None)
    draft = None
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            draft = draft_import(
                content=file.read(),
                name=file.name,
                study=form.cleaned_data["study"],
                user=request.user,
                sheet=form.cleaned_data["sheet"],
            )
        except ImportFileError as error:
            for problem in error.problems:
                form.add_error("file", f"{problem.where}: {problem.said(_)}")
    context = {
        "form": form,
        "draft": draft,
        "columns": [(one, _in_words(draft.aim_of(one))) for one in draft.columns] if draft else (),
    }
    return render(
        request, "surveys/draft_mapping.html", context, status=422 if form.errors else 200
    )


AIMS = {
    "left out": gettext_lazy("left out"),
    "row filter": gettext_lazy("chooses rows"),
    "id": gettext_lazy("the id"),
    "demographic": gettext_lazy("a demographic"),
    "weight": gettext_lazy("weight"),
    "cluster": gettext_lazy("cluster"),
    "stratum": gettext_lazy("stratum"),
    "wave": gettext_lazy("wave"),
    "time": gettext_lazy("time"),
}


def _in_words(aim: str) -> str:
    """What a column would become, in the reader's language: a question as it is written."""
    return str(AIMS.get(aim, aim))


def _started(request: HttpRequest, form: DataImportForm) -> bool:
    file = form.cleaned_data["file"]
    try:
        start_import(
            mapping_text=form.cleaned_data["mapping"],
            mapping_name=request.FILES["mapping"].name or "mapping.toml",  # type: ignore[union-attr]
            content=file.read(),
            name=file.name,
            by=page_actor(request.user),
            sheet=form.cleaned_data["sheet"],
        )
    except ImportFileError as error:
        for problem in error.problems:
            form.add_error("mapping", f"{problem.where}: {problem.said(_)}")
    except StudyError as error:
        form.add_error("mapping", error.said(_))
    return not form.errors
