"""A person's way through the study: pages, a few words about themselves, the final submit.

Every POST stores in one transaction, then redirects; a second identical POST stores nothing more
and redirects to the same place.
"""

from contextlib import suppress
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from surveys import services
from surveys.errors import AnswerError, Refused
from surveys.models import Administration, Study, SubmissionDoor, new_token
from surveys.paradata.visits import Visit
from surveys.presentation import Page, Walk
from surveys.selectors import presentation_of, walk_of
from surveys.views.forms import DemographicsForm
from surveys.views.participants.page_clock import stamp
from surveys.views.participants.page_entries import (
    PageEntry,
    StoredAnswers,
    given_answers,
    given_before,
    let_go,
    read_entry,
    recorded_on,
    still_open,
    visit_of,
)
from surveys.views.participants.page_views import view_of
from surveys.views.participants.token_pages import (
    calm_page,
    personal_page,
    show,
    to,
    way_out,
    while_in_progress,
)

PAGE = "surveys/page.html"
methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@personal_page
@while_in_progress
def resume(_request: HttpRequest, administration: Administration) -> HttpResponse:
    """Lead to what is still open."""
    return next_step(administration)


def next_step(administration: Administration) -> HttpResponse:
    """Lead to the first page with an unanswered question, or to what comes after the last."""
    if begins_with_the_person(administration):
        return to("demographics", administration)
    walk = walk_of(administration)
    if walk.open_page <= len(walk.presentation.pages):
        return to("page", administration, number=walk.open_page)
    if administration.study.demographics and not administration.respondent.demographics:
        return to("demographics", administration)
    return to("review", administration)


@methods
@personal_page
@while_in_progress
def questions(request: HttpRequest, administration: Administration, number: int) -> HttpResponse:
    """One page of questions."""
    presentation, posts = presentation_of(administration), request.method == "POST"
    if not 1 <= number <= len(presentation.pages):
        return _no_such_page(request)
    if begins_with_the_person(administration):
        return to("demographics", administration)
    # What was answered before need not be known to take a page in on which all is answered.
    knows = presentation.branches or not posts
    walk = walk_of(administration) if knows else Walk(presentation, {})
    page = walk.page(number)
    if not page.questions:
        # Answered otherwise meanwhile: nothing of it is shown any more, or not yet.
        return to("resume", administration)
    if posts:
        return _take_page(request, administration, walk, page)
    if number > walk.open_page:
        return to("resume", administration)
    return _show_page(request, administration, page, walk.told)


def _take_page(
    request: HttpRequest, administration: Administration, walk: Walk, page: Page
) -> HttpResponse:
    entry = read_entry(page, request.POST)
    if entry.missing and not walk.presentation.branches:
        # What was skipped before stays skipped.
        walk = walk_of(administration)
    stored = walk.told
    unanswered = still_open(page, entry, stored)
    skipped = let_go(page, entry, stored, unanswered)
    try:
        visit = visit_of(administration.study, page, entry, request.POST)
        ended = _record(administration, page, entry, skipped, visit)
    except AnswerError as error:
        # The page is not this one's turn; or submitted or withdrawn in another window meanwhile.
        resumes = error.refused in (Refused.OUT_OF_ORDER, Refused.QUESTION_NOT_SHOWN)
        return to("resume" if resumes else "end", administration)
    if ended:
        return way_out(administration)
    unanswered = tuple(ref for ref in unanswered if ref not in skipped)
    if unanswered and not entry.goes_back:
        if page.number > walk.open_page:
            return to("resume", administration)
        return _show_page(request, administration, page, stored, entry, unanswered)
    if entry.returns:
        return to("review", administration)
    if walk.presentation.branches:
        walk = walk_of(administration)
    if entry.goes_back:
        return to("page", administration, number=walk.beside(page.number, -1) or page.number)
    return _after(administration, walk, page)


def _record(
    administration: Administration,
    page: Page,
    entry: PageEntry,
    skipped: tuple[str, ...],
    visit: Visit,
) -> bool:
    """Store what the page brings, also where questions are open: a closed tab loses nothing.

    Tell whether the answers end the questionnaire.
    """
    answers = given_answers(entry, skipped)
    if not answers:
        return False
    receipt = services.record_participant_answers(
        administration=administration,
        answers=answers,
        idempotency_key=entry.idempotency_key(page),
        door=SubmissionDoor.PAGE,
        visit=visit,
    )
    return receipt.ends


def _after(administration: Administration, walk: Walk, page: Page) -> HttpResponse:
    number = walk.beside(page.number, 1)
    if number <= len(walk.presentation.pages):
        return to("page", administration, number=number)
    study = administration.study
    asked_last = study.demographics and not asks_about_them_first(study)
    return to("demographics" if asked_last else "review", administration)


def asks_about_them_first(study: Study) -> bool:
    """Whether people are asked about themselves before anything else."""
    return bool(study.demographics and study.settings.get("demographics_first"))


def begins_with_the_person(administration: Administration) -> bool:
    """Whether what comes first, and is asked first, is still open."""
    first = asks_about_them_first(administration.study)
    return first and not administration.respondent.demographics


def _show_page(
    request: HttpRequest,
    administration: Administration,
    page: Page,
    stored: StoredAnswers,
    entry: PageEntry | None = None,
    unanswered: tuple[str, ...] = (),
) -> HttpResponse:
    frozen = not presentation_of(administration).depends_on_answers
    view = view_of(page, stored, entry, unanswered, frozen=frozen)
    context = {
        **view.around,
        "progress": progress(administration, page.number),
        "all_stored": all(question.ref in stored for question in page.questions),
        **recorded_on(administration.study, page),
        "returns": entry.returns if entry else request.GET.get("return") == "review",
    }
    own = {"questions": view.questions(administration.language), **form_fields(entry)}
    if unanswered or not frozen:
        status = 422 if unanswered else 200
        return show(request, PAGE, administration, {**context, **own}, status=status)
    return show(request, PAGE, administration, context, own=own)


def form_fields(entry: PageEntry | None) -> dict[str, str]:
    """The key of a page's form and when the page was first shown, as before where it was sent."""
    key = entry.key if entry else new_token()
    return {"key": key, "started": stamp(key, entry.started_ms) if entry else stamp(key)}


class Progress(NamedTuple):
    """Which step of how many."""

    step: int
    total: int


def progress(administration: Administration, step: int) -> Progress:
    """Which step of how many: pages of questions, demographics if any, and the final submit.

    Of `step` the pages are the first, one more than their number is what is asked about the person.
    """
    pages = len(presentation_of(administration).pages)
    total = pages + (1 if administration.study.demographics else 0) + 1
    if asks_about_them_first(administration.study):
        step = {0: 0, pages + 1: 1, total: total}.get(step, step + 1)
    return Progress(step, total)


@methods
@personal_page
@while_in_progress
def demographics(request: HttpRequest, administration: Administration) -> HttpResponse:
    """A few words about the person; every question may be left open unless the study says not."""
    pages = len(presentation_of(administration).pages)
    fields = administration.study.demographics
    known = {k: v for k, v in administration.respondent.demographics.items() if v is not None}
    data = request.POST if request.method == "POST" else None
    form = DemographicsForm(fields, administration.language, data, initial=known)
    if data is not None and form.is_valid():
        values = form.values
        if not services.record_demographics(administration=administration, values=values):
            return way_out(administration)
    first = asks_about_them_first(administration.study)
    goes_back = data is not None and data.get("go") == "back" and not first
    if goes_back:
        last = walk_of(administration).beside(pages + 1, -1)
        return to("page", administration, number=last or 1)
    if data is not None and form.is_valid():
        return to("resume" if first else "review", administration)
    context = {
        "form": form,
        "first": first,
        "progress": progress(administration, pages + 1),
        "stored": bool(administration.respondent.demographics),
    }
    status = 422 if form.errors else 200
    return show(request, "surveys/demographics.html", administration, context, status=status)


@methods
@personal_page
@while_in_progress
def review(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The last look: what is stored, the way back to each page, and the final submit."""
    walk = walk_of(administration)
    pages = [walk.page(page.number) for page in walk.presentation.pages]
    if walk.open_page <= len(pages):
        return to("resume", administration)
    if request.method == "POST":
        # Withdrawn in another window at the same moment: the end page says so.
        with suppress(AnswerError):
            services.complete_administration(administration=administration)
        return way_out(administration)
    total = progress(administration, 0).total
    context = {
        "pages": tuple(
            (page.number, page.title, _skipped(page, walk.told)) for page in pages if page.questions
        ),
        "about_you": bool(administration.study.demographics),
        "progress": progress(administration, total),
    }
    return show(request, "surveys/review.html", administration, context, own={})


def _skipped(page: Page, stored: StoredAnswers) -> int:
    return sum(given_before(question, stored[question.ref]) is None for question in page.questions)


def _no_such_page(request: HttpRequest) -> HttpResponse:
    return calm_page(
        request,
        _("This questionnaire has no such page"),
        _("Please go back to the page before; nothing is lost."),
        status=404,
    )
