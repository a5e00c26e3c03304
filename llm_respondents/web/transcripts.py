"""Sessions as the conversations that they were: to read, to search, and to take away."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from llm_respondents.codes import CallFlag
from llm_respondents.models import Attempt
from llm_respondents.readout.progress import replying_models, sessions_of
from llm_respondents.readout.search import (
    CallQuery,
    excerpts,
    question_choices,
    search_calls,
)
from llm_respondents.readout.sentences import sentence_of
from llm_respondents.readout.transcripts import panel_transcript, transcript
from llm_respondents.web.access import panel_or_404
from llm_respondents.web.words import in_words
from surveys.roles import Act

CALLS_PER_PAGE = 25


@require_safe
@login_required
def transcript_page(request: HttpRequest, panel_id: int, number: int) -> HttpResponse:
    """One session as the conversation that it was."""
    panel = panel_or_404(request, panel_id)
    member = get_object_or_404(sessions_of(panel), number=number)
    context = {
        "panel": panel,
        "study": panel.study,
        "member": member,
        "transcript": transcript(member),
    }
    return render(request, "llm_respondents/transcript.html", context)


@require_safe
@login_required
def search_page(request: HttpRequest, panel_id: int) -> HttpResponse:
    """Find calls by what was asked and replied, outcome, flag and question."""
    panel = panel_or_404(request, panel_id)
    names = {"text": "q", "outcome": "outcome", "flag": "flag", "question": "question"}
    given = {name: request.GET.get(key, "").strip() for name, key in names.items()}
    query = CallQuery(**given)
    page = Paginator(search_calls(panel, query), CALLS_PER_PAGE).get_page(request.GET.get("page"))
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
