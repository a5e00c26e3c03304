"""The end of a person's part: thanks with a code, the way back to the recruiter, withdrawal."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from surveys.models import Administration
from surveys.services.audit import PARTICIPANT
from surveys.services.people.erasure import withdraw_person
from surveys.services.people.leaving import Leaving, leave_computer, leaving
from surveys.services.people.receipts import own_data
from surveys.views.participants.recruitment import way_back_in
from surveys.views.participants.token_pages import personal_page, show, to, way_out


@require_safe
@personal_page
def end(request: HttpRequest, administration: Administration) -> HttpResponse:
    """Thanks with the completion code, or what was decided instead; as often as it is opened."""
    if administration.status == Administration.Status.IN_PROGRESS:
        return to("resume", administration)
    return show_end(request, administration)


@require_safe
@personal_page
def leave(request: HttpRequest, administration: Administration) -> HttpResponse:
    """Where somebody comes who has just ended: on to the recruiter, if the link says at once.

    A page with a header and no redirect: a browser would hold every further redirect of a form that
    was sent against the policy of this site, also those that the recruiter makes on its own.
    """
    way_out = leaving(administration=administration)
    # Whoever tries the pages shall see where a person would go, and stay.
    at_once = way_out.at_once and not administration.respondent.test
    if not at_once or way_out.destination is None or way_out.destination.fields:
        return to("end", administration)
    response = show_end(request, administration)
    response.headers["Refresh"] = f"0; url={way_out.destination.address}"
    return response


@require_POST
@personal_page
def next_person(_request: HttpRequest, administration: Administration) -> HttpResponse:
    """At a computer that many people use: begin for the next one, and show nobody this one's pages.

    The address of the questionnaire that ended is worth nothing from now on: going back finds none.
    """
    link = administration.respondent.link
    ended = administration.status != Administration.Status.IN_PROGRESS
    if link is None or not link.shared_computer or not ended:
        return to("resume", administration)
    leave_computer(administration=administration)
    response = HttpResponseRedirect(reverse("surveys:information", args=[link.token]))
    # What the browser kept of this person's pages goes as well.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def show_end(
    request: HttpRequest, administration: Administration, more: Mapping[str, Any] | None = None
) -> HttpResponse:
    """The last page: what became of it, the code, and the button that leads back."""
    link = administration.respondent.link
    way_out = leaving(administration=administration)
    context = {
        "again": way_back_in(administration),
        "leaving": way_out,
        "own_code": _own_code(administration, way_out),
        "recruiter": link.sender if link else None,
        "shared_computer": bool(link and link.shared_computer),
        **(more or {}),
    }
    return show(request, "surveys/end.html", administration, context)


def _own_code(administration: Administration, way_out: Leaving) -> str:
    """The code that is this person's alone, where another is shown and no id tells who it is."""
    own: str = administration.completion_code
    known = own == way_out.code or bool(administration.respondent.recruiter_id)
    has_answers = administration.status == Administration.Status.COMPLETED
    return own if has_answers and not known else ""


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def withdraw(request: HttpRequest, administration: Administration) -> HttpResponse:
    """Take everything back, during the study or after its end."""
    if administration.status in {Administration.Status.DECLINED, Administration.Status.WITHDRAWN}:
        return to("end", administration)
    if request.method == "POST":
        forget = "forget_id" in request.POST
        withdraw_person(administration=administration, forget_id=forget, by=PARTICIPANT)
        return way_out(administration)
    consent = getattr(administration.respondent, "consent", None)
    context = {"contact": consent.text.contact if consent else ""}
    return show(request, "surveys/withdraw.html", administration, context)


@require_safe
@personal_page
def stored(request: HttpRequest, administration: Administration) -> HttpResponse:
    """What is stored about this person, in words, and how to take it along or back."""
    context = {"data": own_data(administration=administration)}
    return show(request, "surveys/stored.html", administration, context)


@require_safe
@personal_page
def stored_file(_request: HttpRequest, administration: Administration) -> HttpResponse:
    """The same as a file, for the person alone."""
    response = JsonResponse(
        own_data(administration=administration).as_json(),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response
