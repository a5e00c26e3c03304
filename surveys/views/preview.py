"""A study before anybody answers it: as a person sees it, beside what a model reads."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from surveys.models import ScaleDirection, Study
from surveys.presentation import Page, Question, present
from surveys.selectors import questionnaire
from surveys.views.membership import member_page
from surveys.views.participants.page_views import view_of


@require_safe
@member_page
def preview(request: HttpRequest, study: Study) -> HttpResponse:
    """One page of the study, for the language, seed and scale direction in the address."""
    language = _one_of(request.GET.get("language"), study.languages)
    direction = _one_of(request.GET.get("direction"), ScaleDirection.values)
    seed = _number(request.GET.get("seed"), default=1)
    shown = present(questionnaire(study, language), seed=seed, scale_direction=direction)
    number = min(max(_number(request.GET.get("page"), default=1), 1), len(shown.pages))
    page = shown.pages[number - 1]
    context = {
        "study": study,
        "languages": [(code, translation.get_language_info(code)) for code in study.languages],
        "language": language,
        "directions": ScaleDirection.choices,
        "direction": direction,
        "seed": seed,
        "pages": range(1, len(shown.pages) + 1),
        "view": view_of(page, stored={}),
        "as_text": as_text(page),
    }
    return render(request, "surveys/preview.html", context)


def as_text(page: Page) -> str:
    """The words of one page as a model reads them: instruction, questions, numbered options."""
    parts = [page.instruction]
    for question in page.questions:
        parts += question.preface
        parts.append("\n".join(part for part in (question.text, *_below(question)) if part))
    return "\n\n".join(parts)


def _below(question: Question) -> Iterator[str]:
    if question.open:
        yield question.open.told()
        yield from (str(one.label) for one in question.format.unscored)
    for option in question.options:
        yield f"{option.code} = {option.label}"
    yield from (f"{code} = {label}" for code, label in question.unscored)


def _one_of(wish: str | None, choices: list[str]) -> str:
    return wish if wish in choices else choices[0]


def _number(text: str | None, *, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else default
