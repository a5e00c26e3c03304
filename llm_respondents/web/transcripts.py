"""Sessions as the conversations that they were: to read, to search, and to take away."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Max, Min, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from llm_respondents.codes import CallFlag
from llm_respondents.models import Attempt, PanelMember
from llm_respondents.readout.progress import replying_models
from llm_respondents.readout.search import (
    CallQuery,
    excerpts,
    question_choices,
    search_calls,
)
from llm_respondents.readout.sentences import sentence_of
from llm_respondents.readout.transcripts import (
    Transcript,
    TranscriptTurn,
    panel_transcript,
    transcript,
)
from llm_respondents.web.access import panel_or_404
from llm_respondents.web.words import in_words
from surveys.presentation import Page
from surveys.roles import Act
from surveys.selectors import walk_of
from surveys.views.participants.page_views import view_of
from surveys.workspace.lists.paging import KeyedPaginator

CALLS_PER_PAGE = 25


@require_safe
@login_required
def transcript_page(request: HttpRequest, panel_id: int, number: int) -> HttpResponse:
    """One session as the conversation that it was, page by page beside what a person is shown.

    ``?page=all`` shows the whole conversation, ``?call=ID`` the page of one call.
    """
    panel = panel_or_404(request, panel_id)
    member = get_object_or_404(
        PanelMember.objects.select_related("respondent__administration__study"),
        panel=panel,
        number=number,
    )
    conversation = transcript(member)
    walk = walk_of(conversation.administration)
    numbers = range(1, len(walk.presentation.pages) + 1)
    pages = [page for page in map(walk.page, numbers) if page.questions]
    shown = _chosen(request, conversation, pages)
    context = {
        "panel": panel,
        "study": panel.study,
        "member": member,
        "transcript": conversation,
        "turns": conversation.turns if shown is None else _asked_on(conversation, shown),
        "view": None if shown is None else view_of(shown, walk.told),
        "pages": [page.number for page in pages],
        **_beside(member, pages, shown),
    }
    return render(request, "llm_respondents/transcript.html", context)


def _chosen(request: HttpRequest, conversation: Transcript, pages: Sequence[Page]) -> Page | None:
    """The page that the address names; None for all of them at once."""
    if request.GET.get("page") == "all" or not pages:
        return None
    call = request.GET.get("call", "")
    for turn in conversation.turns:
        if call == str(turn.attempt.pk):
            first = turn.questions[0].ref if turn.questions else ""
            return next((page for page in pages if first in _refs(page)), pages[0])
    wanted = request.GET.get("page", "")
    return next((page for page in pages if str(page.number) == wanted), pages[0])


def _refs(page: Page) -> set[str]:
    return {question.ref for question in page.questions}


def _asked_on(conversation: Transcript, page: Page) -> list[TranscriptTurn]:
    """The calls in which something of a page was asked: one may ask for several pages."""
    refs = _refs(page)
    return [turn for turn in conversation.turns if refs & {one.ref for one in turn.questions}]


def _beside(member: PanelMember, pages: Sequence[Page], shown: Page | None) -> dict[str, Any]:
    """The pages and sessions before and behind."""
    numbers = [page.number for page in pages]
    at = numbers.index(shown.number) if shown is not None else None
    sessions = PanelMember.objects.filter(panel=member.panel_id).aggregate(
        before=Max("number", filter=Q(number__lt=member.number)),
        behind=Min("number", filter=Q(number__gt=member.number)),
    )
    return {
        "session_before": sessions["before"],
        "session_behind": sessions["behind"],
        "page_before": numbers[at - 1] if at else None,
        "page_behind": numbers[at + 1] if at is not None and at + 1 < len(numbers) else None,
    }


@require_safe
@login_required
def search_page(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Find calls by what was asked and replied, outcome, flag and question."""
    panel = panel_or_404(request, panel_id)
    names = {"text": "q", "outcome": "outcome", "flag": "flag", "question": "question"}
    given = {name: request.GET.get(key, "").strip() for name, key in names.items()}
    query = CallQuery(**given)
    page = KeyedPaginator(search_calls(panel, query), CALLS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    context: dict[str, Any] = {
        "panel": panel,
        "study": panel.study,
        "query": query,
        "page": page,
        "calls": [(call, excerpts(call, query.text)) for call in page],
        "outcomes": [(name, in_words("outcome", name)) for name in Attempt.OUTCOMES],
        "flags": [(flag.value, sentence_of(flag)) for flag in CallFlag],
        "questions": question_choices(panel.study),
        "replying": replying_models(panel),
    }
    return render(request, "llm_respondents/search.html", context)


@require_safe
@login_required
def export(request: HttpRequest, panel_id: int) -> StreamingHttpResponse:
    """Every call of the panel, word for word, as JSON Lines."""
    panel = panel_or_404(request, panel_id, Act.EXPORT)
    lines = (f"{line}\n" for line in panel_transcript(panel))
    name = f"{panel.study.slug}-{panel.group.key}-transcripts.jsonl"
    return StreamingHttpResponse(
        lines,
        content_type="application/jsonl",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
