"""Going on with a recruiter's long, random id alone: what is open can be answered, and no more.

One address that always shows the next open step. What is stored is on none of its pages, is not
changed by what they send, and cannot be withdrawn here.
"""

from collections.abc import Container
from contextlib import suppress
from dataclasses import replace
from functools import wraps

from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from surveys import services
from surveys.codes import marked as _
from surveys.errors import AnswerError
from surveys.models import Administration, SubmissionDoor
from surveys.presentation import Page, Preface, Question
from surveys.recruiters import Outcome
from surveys.selectors import person_administration_of, presentation_of, walk_of
from surveys.views.forms import DemographicsForm
from surveys.views.participants.endings import show_end
from surveys.views.participants.page_entries import (
    PageEntry,
    given_answers,
    let_go,
    read_entry,
    recorded_on,
    still_open,
    visit_of,
)
from surveys.views.participants.page_views import view_of
from surveys.views.participants.participation import (
    PAGE,
    begins_with_the_person,
    form_fields,
    progress,
)
from surveys.views.participants.returning import CONTINUATION
from surveys.views.participants.token_pages import (
    PersonalView,
    TokenView,
    guarded,
    kept_by_nobody,
    show,
)
from surveys.views.visitors.error_pages import said_to_visitor

# Long enough for one sitting; after it the recruiter's address leads here again.
_VALID_SECONDS = 12 * 60 * 60
LIMITED = {"limited": True}


def _continued(view: PersonalView[[]]) -> TokenView:
    """A page for whoever holds a signed pass, in the questionnaire's language."""

    # As for `link_page`: the address is the only credential.
    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        administration = _passed(token)
        if administration is None:
            response = _expired(request)
        else:
            with translation.override(administration.language):
                response = view(request, administration)
            response.headers["Content-Language"] = administration.language
        link = administration.respondent.link if administration else None
        return kept_by_nobody(guarded(response, link))

    return wrapped


@require_http_methods(["GET", "HEAD", "POST"])
@_continued
def go_on(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The next open step: questions, a few words about the person, the final submit, the end."""
    if services.time_is_up(administration, timezone.now()):
        services.end_early(administration=administration, outcome=Outcome.TIMED_OUT)
        return HttpResponseRedirect(request.path)
    if administration.status != Administration.Status.IN_PROGRESS:
        return show_end(request, administration, LIMITED)
    if begins_with_the_person(administration):
        return _about(request, administration)
    walk = walk_of(administration)
    asked_about = bool(administration.study.demographics)
    if walk.open_page <= len(walk.presentation.pages):
        page = _open_part(walk.page(walk.open_page), walk.told)
        return _questions(request, administration, page)
    if asked_about and not administration.respondent.demographics:
        return _about(request, administration)
    return _hand_in(request, administration)


def _questions(request: HttpRequest, administration: Administration, page: Page) -> HttpResponse:
    if request.method != "POST":
        return _show_page(request, administration, page)
    if request.POST.get("number") != str(page.number):
        # Sent twice, or from a page that was answered elsewhere in the meantime.
        return HttpResponseRedirect(request.path)
    entry = read_entry(page, request.POST)
    unanswered = still_open(page, entry, {})
    skipped = let_go(page, entry, {}, unanswered)
    answers = given_answers(entry, skipped)
    try:
        if answers:
            services.record_participant_answers(
                administration=administration,
                answers=answers,
                idempotency_key=entry.idempotency_key(page),
                door=SubmissionDoor.RETURN_PAGE,
                only_open=True,
                visit=visit_of(administration.study, page, entry, request.POST),
            )
    except AnswerError:
        return HttpResponseRedirect(request.path)
    if unanswered := tuple(ref for ref in unanswered if ref not in skipped):
        left = _open_part(page, {*entry.given, *skipped})
        return _show_page(request, administration, left, entry, unanswered)
    return HttpResponseRedirect(request.path)


def _open_part(page: Page, stored: Container[str]) -> Page:
    """The page without what is stored; what is read before a question is read before the next."""
    questions: list[Question] = []
    before: tuple[Preface, ...] = ()
    for question in page.questions:
        before = (*before, *question.preface)
        if question.ref not in stored:
            questions.append(replace(question, preface=before))
            before = ()
    return replace(page, questions=tuple(questions))


def _show_page(
    request: HttpRequest,
    administration: Administration,
    page: Page,
    entry: PageEntry | None = None,
    missing: tuple[str, ...] = (),
) -> HttpResponse:
    view = view_of(page, {}, entry, missing)
    context = {
        **LIMITED,
        **view.around,
        "questions": view.questions(administration.language),
        "progress": progress(administration, page.number),
        **form_fields(entry),
        **recorded_on(administration.study, page),
    }
    status = 422 if missing else 200
    return show(request, PAGE, administration, context, status=status)


def _about(request: HttpRequest, administration: Administration) -> HttpResponse:
    sent = request.method == "POST" and request.POST.get("step") == "about-you"
    data = request.POST if sent else None
    form = DemographicsForm(administration.study.demographics, administration.language, data)
    if sent and form.is_valid():
        services.record_demographics(
            administration=administration, values=form.values, only_open=True
        )
        return HttpResponseRedirect(request.path)
    pages = len(presentation_of(administration).pages)
    context = {**LIMITED, "form": form, "progress": progress(administration, pages + 1)}
    status = 422 if form.errors else 200
    return show(request, "surveys/demographics.html", administration, context, status=status)


def _hand_in(request: HttpRequest, administration: Administration) -> HttpResponse:
    if request.method == "POST" and request.POST.get("step") == "submit":
        # Withdrawn in another window at the same moment: the end page says so.
        with suppress(AnswerError):
            services.complete_administration(administration=administration)
        return HttpResponseRedirect(request.path)
    total = progress(administration, 0).total
    context = {**LIMITED, "progress": progress(administration, total)}
    return show(request, "surveys/hand_in.html", administration, context)


def _passed(token: str) -> Administration | None:
    try:
        key = CONTINUATION.unsign(token, max_age=_VALID_SECONDS)
    except BadSignature:
        return None
    return person_administration_of(int(key))


def _expired(request: HttpRequest) -> HttpResponse:
    return said_to_visitor(
        request,
        _("This address is no longer valid"),
        _("Nothing is lost. Please open the study again from where you found it."),
        status=410,
    )
