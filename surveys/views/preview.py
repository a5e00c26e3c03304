"""A study before anybody answers it: as a person sees it, beside what a model reads."""

from collections.abc import Iterator
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from surveys.languages import name_of
from surveys.models import ScaleDirection, Study
from surveys.presentation import Page, Presentation, Walk, present
from surveys.selectors import questionnaire, varied_in
from surveys.views.instruments.readings import arm_of
from surveys.views.membership import member_page
from surveys.views.participants.page_views import view_of
from surveys.workspace.model_reading import read_by_model

LARGEST_SEED = 2**63 - 1


@require_safe
@member_page
def preview(request: HttpRequest, study: Study) -> HttpResponse:
    """One page of the study, for the language, seed, direction, condition and arm in the address.

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
        "languages": [(code, name_of(code)) for code in study.languages],
        "language": language,
        "directions": ScaleDirection.choices,
        "direction": direction,
        "seed": seed,
        "pages": range(1, len(shown.pages) + 1),
        "view": view_of(page, stored={}),
        "model": read_by_model(shown, [one.ref for one in page.questions], arm_of(request.GET)),
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
        targets += [*(one.ref for one in question.preface), question.ref]
    rules = shown.flow.rules
    return ((one, rules[one].text) for one in targets if one in rules and rules[one].answers)


def _one_of(wish: str | None, choices: list[str]) -> str:
    return wish if wish in choices else choices[0]


def _number(text: str | None, *, default: int) -> int:
    """The number in an address; seeds of sessions have up to nineteen digits."""
    if not (text and text.isascii() and text.isdigit() and len(text) < 20):
        return default
    number = int(text)
    return number if number <= LARGEST_SEED else default
