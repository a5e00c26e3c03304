"""A study before anybody answers it: as a person sees it, beside what a model reads."""

from collections.abc import Iterator
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from surveys.models import ScaleDirection, Study
from surveys.presentation import Page, Presentation, Question, Walk, present
from surveys.selectors import questionnaire, varied_in
from surveys.views.membership import member_page
from surveys.views.participants.page_views import view_of


@require_safe
@member_page
def preview(request: HttpRequest, study: Study) -> HttpResponse:
    """One page of the study, for the language, seed, direction and condition in the address.

    What depends on answers is shown, with the rule that says when.
    """
    language = _one_of(request.GET.get("language"), study.languages)
    direction = _one_of(request.GET.get("direction"), ScaleDirection.values)
    seed = _number(request.GET.get("seed"), default=1)
    varied = varied_in(study)
    condition = {key: _one_of(request.GET.get(f"condition-{key}"), varied[key]) for key in varied}
    shown = present(
        questionnaire(study, language), seed=seed, scale_direction=direction, condition=condition
    )
    number = min(max(_number(request.GET.get("page"), default=1), 1), len(shown.pages))
    page = _before_answers(Walk(shown, {}), shown.pages[number - 1])
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
        "factors": [(key, levels, condition[key]) for key, levels in varied.items()],
        "rules": list(_rules(shown, page)),
        "screenings": [one.when.text for one in shown.flow.exits] if number == 1 else [],
    }
    return render(request, "surveys/preview.html", context)


def _before_answers(walk: Walk, page: Page) -> Page:
    """The page as far as the condition alone decides it; answers are still to be given."""
    possible = (one for one in page.questions if one.ref not in walk.hidden)
    return replace(page, questions=tuple(map(walk.worded, possible)))


def _rules(shown: Presentation, page: Page) -> Iterator[tuple[str, str]]:
    """What of a page depends on answers, and the rule as it is written."""
    targets = [page.block]
    for question in page.questions:
        targets += [*question.preface_refs, question.ref]
    rules = shown.flow.rules
    return ((one, rules[one].text) for one in targets if one in rules and rules[one].answers)


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
