"""Pages of studies of one's own: writing a draft, copying, archiving, deleting, taking away."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from surveys import services
from surveys.errors import InstrumentError, StudyError
from surveys.instrument_files import study_skeleton, study_values, to_toml
from surveys.models import Study
from surveys.roles import Act
from surveys.services.audit import page_actor
from surveys.services.authoring.packing import instruments_of, packed_study
from surveys.services.definitions import readiness, study_definition
from surveys.views.forms import CopyForm, DraftForm, VersionForm
from surveys.views.membership import form_methods, member_page, page_for
from surveys.views.workspace.confirmation import Question, ask
from surveys.views.workspace.undoing import say_with_undo


@form_methods
@login_required
def new_study(request: HttpRequest) -> HttpResponse:
    """Make a draft of a study that is pasted or uploaded."""
    form = DraftForm(request.POST, request.FILES) if request.method == "POST" else DraftForm()
    form.initial = {"text": study_skeleton()}
    made = _stored(request, form, services.make_draft) if form.is_bound else None
    if made is not None:
        messages.success(request, _("The draft is made."))
        return redirect("surveys:design", slug=made.slug)
    context = {"form": form, "heading": _("New study"), "action": _("Make the draft")}
    return render(request, "surveys/draft_form.html", context, status=_status(form))


@form_methods
@page_for(Act.AUTHOR)
def edit_study(request: HttpRequest, study: Study) -> HttpResponse:
    """Change a draft as text; a frozen study is shown the way to a new version."""
    if study.status != Study.Status.DRAFT:
        return redirect("surveys:new_version", slug=study.slug)
    if request.method == "POST":
        form = DraftForm(request.POST, request.FILES)
    else:
        form = DraftForm()
        form.initial = {"text": to_toml(study_values(study_definition(study)))}
    saved = _stored(request, form, services.change_draft, study=study) if form.is_bound else None
    if saved is not None:
        messages.success(request, _("The draft is changed."))
        return redirect("surveys:design", slug=study.slug)
    context = {
        "form": form,
        "study": study,
        "heading": _("Change the draft"),
        "action": _("Save the draft"),
        "ready": readiness(study),
    }
    return render(request, "surveys/draft_form.html", context, status=_status(form))


def _stored(
    request: HttpRequest, form: DraftForm, use_case: Callable[..., Study], **study: Study
) -> Study | None:
    """What the use case made of the form; None where the form now says why it made nothing."""
    if not form.is_valid():
        return None
    by = page_actor(request.user)
    # A new draft belongs to whoever sent it; a draft that is there keeps its members.
    owner = {} if study else {"owner": by.user}
    try:
        return use_case(materials=form.materials, by=by, **study, **owner)
    except (StudyError, InstrumentError) as error:
        form.refuse(error)
        return None


def _status(form: DraftForm) -> int:
    return 422 if form.is_bound else 200


@require_safe
@member_page
def study_file(_request: HttpRequest, study: Study) -> HttpResponse:
    """The study as the file that it can be loaded from again."""
    response = HttpResponse(
        to_toml(study_values(study_definition(study))),
        content_type="application/toml; charset=utf-8",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{study.slug}.toml"'
    return response


@require_safe
@member_page
def study_zip(_request: HttpRequest, study: Study) -> HttpResponse:
    """The study with its instruments, and all that these show, as files that load_study reads."""
    definition = study_definition(study)
    content = packed_study(definition, instruments_of(definition))
    response = HttpResponse(content, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{study.slug}.zip"'
    return response


@form_methods
@member_page
def copy_study(request: HttpRequest, study: Study) -> HttpResponse:
    """Make a draft of the same content under another name."""
    form = CopyForm(request.POST or None)
    wording = (_("Copy this study"), _("Make the copy"))
    return _made_of(request, study, form, services.copy_study, wording)


@form_methods
@page_for(Act.AUTHOR)
def new_version(request: HttpRequest, study: Study) -> HttpResponse:
    """Make a draft that amends a frozen study."""
    form = VersionForm(request.POST or None)
    wording = (_("New version"), _("Make the new version"))
    return _made_of(request, study, form, services.new_version, wording)


def _made_of(
    request: HttpRequest,
    study: Study,
    form: CopyForm | VersionForm,
    use_case: Callable[..., Study],
    wording: tuple[str, str],
) -> HttpResponse:
    if form.is_valid():
        by = page_actor(request.user)
        try:
            made = use_case(study=study, owner=by.user, by=by, **form.cleaned_data)
        except StudyError as error:
            form.add_error(next(iter(form.fields)), error.said(_))
        else:
            messages.success(request, _("The draft is made."))
            return redirect("surveys:study", slug=made.slug)
    heading, action = wording
    context = {
        "study": study,
        "form": form,
        "heading": heading,
        "action": action,
        "back": reverse("surveys:design", kwargs={"slug": study.slug}),
    }
    status = 422 if form.errors else 200
    return render(request, "surveys/study_form.html", context, status=status)


@require_POST
@page_for(Act.AUTHOR)
def archive_study(request: HttpRequest, study: Study) -> HttpResponse:
    """Put the study out of the list, or back into it."""
    by = page_actor(request.user)
    try:
        if "restore" in request.POST:
            services.restore_study(study=study, by=by)
            say_with_undo(request, _("The study is in the list again."), request.path)
        else:
            services.archive_study(study=study, by=by)
            told = _("The study is archived: it is left out of the list.")
            say_with_undo(request, told, request.path, restore="1")
    except StudyError as error:
        messages.error(request, error.said(_))
    return redirect("surveys:design", slug=study.slug)


@form_methods
@page_for(Act.DELETE)
def delete_study(request: HttpRequest, study: Study) -> HttpResponse:
    """Delete a study that nobody has begun, after asking."""
    if request.method != "POST":
        back = reverse("surveys:design", kwargs={"slug": study.slug})
        return ask(request, _deleting(study), study=study, back=back)
    try:
        services.delete_study(study=study, by=page_actor(request.user))
    except StudyError as error:
        messages.error(request, error.said(_))
        return redirect("surveys:study", slug=study.slug)
    messages.success(request, _("The study is deleted."))
    return redirect("surveys:study_list")


def _deleting(study: Study) -> Question:
    return Question(
        heading=_("Delete this study?"),
        text=_("Nobody has begun it, so that no answer is lost."),
        deleted=[
            _("The study, with its plans"),
            _("Links: %(n)s") % {"n": study.links.count()},
        ],
        affected=[
            _("Members who then do not find it any more: %(n)s") % {"n": study.memberships.count()},
        ],
        stays=[_("Its name, in the log"), _("The instruments that it uses")],
        action=_("Delete for good"),
    )
