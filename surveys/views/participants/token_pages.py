"""Pages whose address is the credential: no cookie, no session, no JavaScript."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt

from surveys import services
from surveys.models import Administration, RecruitingLink
from surveys.recruiters import Outcome
from surveys.selectors import person_administration, recruiting_link
from surveys.views.visitors.error_pages import COPIED_IN_PART, NOTHING_HERE, said_to_visitor
from surveys.views.visitors.frames import framed

P = ParamSpec("P")
_TOOK_BACK = (Administration.Status.WITHDRAWN, Administration.Status.DECLINED)
LinkView = Callable[Concatenate[HttpRequest, RecruitingLink, P], HttpResponse]
PersonalView = Callable[Concatenate[HttpRequest, Administration, P], HttpResponse]
# Called by the resolver, which passes the token by its name.
TokenView = Callable[..., HttpResponse]


def link_page(view: LinkView[P]) -> TokenView:
    """The page behind a recruiting link, found by the token in its address.

    It may be kept by the browser (not by a proxy): going back to it shows the form that was sent,
    so that sending it twice begins once.
    """

    # No cookie authorises anything here, so a forged request has nothing to abuse; and a CSRF
    # cookie would lock out everyone whose browser refuses cookies.
    @csrf_exempt
    @wraps(view)
    def wrapped(
        request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        link = recruiting_link(token)
        if link is None:
            response = unknown_address(request)
        else:
            response = view(request, link, *args, **kwargs)
        patch_cache_control(response, private=True, no_cache=True)
        return guarded(response, link)

    return wrapped


def personal_page(view: PersonalView[P]) -> TokenView:
    """A page of one person's administration, in its language, kept by nobody."""

    # See `link_page`: the token in the address is the only credential.
    @csrf_exempt
    @wraps(view)
    def wrapped(
        request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        administration = person_administration(token)
        if administration is None:
            response = unknown_address(request)
        else:
            with translation.override(administration.language):
                response = view(request, administration, *args, **kwargs)
            response.headers["Content-Language"] = administration.language
        link = administration.respondent.link if administration else None
        return kept_by_nobody(guarded(response, link))

    return wrapped


def while_in_progress(view: PersonalView[P]) -> PersonalView[P]:
    """Lead whoever has ended, or is out of time, to the page that says so."""

    @wraps(view)
    def wrapped(
        request: HttpRequest, administration: Administration, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if administration.status != Administration.Status.IN_PROGRESS:
            return to("end", administration)
        if services.time_is_up(administration, timezone.now()):
            return out_of_time(administration)
        return view(request, administration, *args, **kwargs)

    return wrapped


def out_of_time(administration: Administration) -> HttpResponse:
    """End the part of somebody who took longer than their link allows, and say so."""
    services.end_early(administration=administration, outcome=Outcome.TIMED_OUT)
    return way_out(administration)


def way_out(administration: Administration) -> HttpResponseRedirect:
    """Lead whoever has just ended to the page that says so, or on to the recruiter."""
    link = administration.respondent.link
    return to("leave" if link and link.returns_at_once else "end", administration)


def to(name: str, administration: Administration, **kwargs: Any) -> HttpResponseRedirect:
    """Redirect to a personal page; what the browser then reloads is a page, never a form."""
    address = reverse(f"surveys:{name}", kwargs={"token": administration.token, **kwargs})
    return HttpResponseRedirect(address)


def show(
    request: HttpRequest,
    template: str,
    administration: Administration,
    context: Mapping[str, Any],
    *,
    own: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a personal page; with what on it is somebody's `own`, the rest is kept (`framed`)."""
    respondent = administration.respondent
    shared = {
        "study_title": administration.study.title(administration.language),
        "language": administration.language,
        "simulated": respondent.simulated,
        "test": respondent.test,
        "foot": administration.status not in _TOOK_BACK,
    }
    code = {"resume_code": administration.resume_code} if respondent.recruiter_id else {}
    theirs = {"token": administration.token, **code}
    if own is not None:
        content = framed(template, {**shared, **context}, {**theirs, **own})
        return HttpResponse(content, status=status)
    context = {"administration": administration, **shared, **theirs, **context}
    return render(request, template, context, status=status)


def kept_by_nobody(response: HttpResponse) -> HttpResponse:
    """Neither a browser nor a proxy keeps the page, nor shows it again without asking."""
    response.headers["Cache-Control"] = "max-age=0, no-cache, no-store, must-revalidate, private"
    return response


def calm_page(request: HttpRequest, title: str, text: str, *, status: int) -> HttpResponse:
    """Say what is the matter and what to do, without alarm."""
    context = {"title": title, "text": text, "language": translation.get_language()}
    return render(request, "surveys/message.html", context, status=status)


def unknown_address(request: HttpRequest) -> HttpResponse:
    """The page for a token that is in no address of ours."""
    return said_to_visitor(request, NOTHING_HERE, COPIED_IN_PART, status=404)


def guarded(response: HttpResponse, link: RecruitingLink | None = None) -> HttpResponse:
    """The address is a secret: it goes to no other site and into no search engine.

    From pages of a link forms may go where its recruiter is, and to nobody else; and where the
    recruiter shows the study inside a page of its own, that site may frame it.
    """
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    if link is None:
        return response
    # Read by the middleware that writes the policy; its decorators set the same attributes, but
    # know nothing of the link.
    if origins := link.redirect_origins:
        vars(response)["_csp_update"] = {"form-action": origins}
    if frames := link.sender.framed_by:
        vars(response)["_csp_replace"] = {"frame-ancestors": list(frames)}
        vars(response)["xframe_options_exempt"] = True
    return response
