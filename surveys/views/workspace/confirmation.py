"""Asking before something that cannot be undone: what goes, what is affected, what stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from surveys.models import Study


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `action` is the button's words and repeats the verb of the heading.

    `deleted`, `locks`, `affected`, `stays` and `seen` are lines with counts; those that are empty
    are not shown. The form goes to `target`, without it to the address of the page that asks; `act`
    goes with it. `keep` is the way back in words, where "cancel" is what the question is about.
    """

    heading: str
    action: str
    text: str = ""
    deleted: Sequence[str] = ()
    locks: Sequence[str] = ()
    affected: Sequence[str] = ()
    stays: Sequence[str] = ()
    seen: Sequence[str] = ()
    target: str = ""
    act: str = ""
    keep: str = ""


def ask(request: HttpRequest, question: Question, *, study: Study, back: str = "") -> HttpResponse:
    """The page that asks.

    `back` is where whoever does not want it goes: without it, to the study's overview.
    """
    back = back or reverse("surveys:study", kwargs={"slug": study.slug})
    context = {"study": study, "question": question, "back": back}
    return render(request, "surveys/confirm.html", context)
