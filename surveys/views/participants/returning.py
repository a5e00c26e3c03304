"""Somebody comes to a recruiting link with an id under which a questionnaire exists.

The id is no key: it may be somebody else's, guessed or handed on. Back into a questionnaire lead
its own address, the browser that it was begun in, its resume code, and an address that the
recruiter signed. Whoever comes with nothing
but an id that is long and random may go on where questions are open, and sees nothing stored.
"""

import secrets
import time
from collections.abc import Mapping

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from surveys import services
from surveys.models import Administration, RecruitingLink
from surveys.recruiters import Arrival, BadAddress, read_arrival, same_id
from surveys.recruiters.signatures import signed_parameters
from surveys.selectors import consent_text
from surveys.services.access.signing_keys import keys_for
from surveys.views.limits import (
    KNOWN_IDS,
    RESUME_CODES,
    RESUME_CODES_OF_ADDRESS,
    client_address,
)
from surveys.views.participants.entrance import entrance_language, information_address, too_many
from surveys.views.participants.token_pages import link_page, to

COOKIE = "counterpart_place"
_KEPT_SECONDS = 7 * 24 * 60 * 60
# Between a page that was opened by a signed address and its form somebody reads, or has lunch.
_READING_SECONDS = 24 * 60 * 60
_SIGNER = TimestampSigner(salt="surveys.place")
CONTINUATION = TimestampSigner(salt="surveys.continuation")


def remember(
    response: HttpResponse, link: RecruitingLink, administration: Administration
) -> HttpResponse:
    """Let this browser find its place again: a convenience, and nothing depends on it."""
    # Inside a page of another site a cookie would be one of a third party.
    # A computer that many people use remembers nobody.
    kept = administration.respondent.recruiter_id and not link.shared_computer
    if kept and not link.sender.framed_by:
        response.set_cookie(
            COOKIE,
            _SIGNER.sign(str(administration.pk)),
            max_age=_KEPT_SECONDS,
            path=reverse("surveys:information", kwargs={"token": link.token}),
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )
    return response


def is_the_same_person(request: HttpRequest, link: RecruitingLink, known: Administration) -> bool:
    """Whether the request proves more than an id. Every proof there is stands here."""
    return _has_cookie(request, known) or _is_signed(request, link, known)


def _has_cookie(request: HttpRequest, known: Administration) -> bool:
    try:
        place = _SIGNER.unsign(request.COOKIES.get(COOKIE, ""), max_age=_KEPT_SECONDS)
    except BadSignature:
        return False
    return place == str(known.pk)


def is_signed(request: HttpRequest, link: RecruitingLink, arrival: Arrival) -> bool:
    """Whether the recruiter signed that this person comes; a form may be sent a day later."""
    late = _READING_SECONDS if request.method == "POST" else 0
    said = same_id(link.recruiter, _said(request, link, late=late).get(link.sender.parameter, ""))
    return bool(said) and said == arrival.recruiter_id


def _said(request: HttpRequest, link: RecruitingLink, *, late: int = 0) -> Mapping[str, str]:
    """The parameters that the recruiter signed, also so many seconds after they ran out."""
    signing = link.sender.signing
    token = request.GET.get(signing.parameter, "") if signing else ""
    if not (signing and token):
        return {}
    address = request.build_absolute_uri(reverse("surveys:information", args=[link.token]))
    keys = keys_for(signing=signing, token=token)
    return signed_parameters(token, keys, signing, address=address, now=time.time() - late)


def _is_signed(request: HttpRequest, link: RecruitingLink, known: Administration) -> bool:
    """Whether the recruiter signed that this person comes now, to the same task as before."""
    sender, said = link.sender, _said(request, link)
    if same_id(sender.key, said.get(sender.parameter, "")) != known.respondent.recruiter_id:
        return False
    beside = getattr(known.respondent, "recruiter_parameters", None)
    before = beside.values if beside else {}
    return all(said.get(name, "") == value for name, value in before.items())


def come_in(request: HttpRequest, link: RecruitingLink, known: Administration) -> HttpResponse:
    """Lead whoever proves to be the person to their place; tell anybody else how to get there."""
    if is_the_same_person(request, link, known):
        return to("resume", known)
    if KNOWN_IDS.reached(link.pk, client_address(request)):
        return too_many(request)
    return _show(request, link, known)


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def come_back(request: HttpRequest, link: RecruitingLink) -> HttpResponse:
    """Take a resume code, or let somebody go on at the next open page."""
    known = _known(request, link) if request.method == "POST" else None
    if known is None:
        return HttpResponseRedirect(information_address(request, link))
    if request.POST.get("go") == "on" and may_go_on(link, known):
        path = reverse("surveys:go_on", kwargs={"token": CONTINUATION.sign(str(known.pk))})
        return HttpResponseRedirect(path)
    language = entrance_language(request, link.study)
    with translation.override(language):
        response = _try_code(request, link, known)
    response.headers["Content-Language"] = language
    return response


def may_go_on(link: RecruitingLink, known: Administration) -> bool:
    """Whether the id alone lets somebody answer what is open: not where it can be guessed."""
    unguessable = link.sender.is_unguessable(known.respondent.recruiter_id)
    return unguessable and known.status == Administration.Status.IN_PROGRESS


def _known(request: HttpRequest, link: RecruitingLink) -> Administration | None:
    try:
        arrival = read_arrival(link.sender, request.GET.dict())
    except BadAddress:
        return None
    return services.find_recruited(link=link, recruiter_id=arrival.recruiter_id)


def _try_code(request: HttpRequest, link: RecruitingLink, known: Administration) -> HttpResponse:
    # Both are counted, whatever the other says.
    tries = (
        RESUME_CODES.reached(known.pk),
        RESUME_CODES_OF_ADDRESS.reached(client_address(request)),
    )
    if any(tries):
        return too_many(request)
    if not _fits(request.POST.get("code", ""), known):
        return _show(request, link, known, wrong=True)
    return remember(to("resume", known), link, known)


def _fits(code: str, known: Administration) -> bool:
    given = "".join(letter for letter in code.upper() if letter.isalnum())
    return secrets.compare_digest(given.encode(), known.resume_code.replace("-", "").encode())


def _show(
    request: HttpRequest, link: RecruitingLink, known: Administration, *, wrong: bool = False
) -> HttpResponse:
    language = translation.get_language()
    text = consent_text(link.study, language)
    query = request.GET.urlencode()
    context = {
        "title": _("A questionnaire under this id exists"),
        "study_title": link.study.title(language),
        "simulated": link.simulated,
        "language": language,
        "action": f"{reverse('surveys:come_back', kwargs={'token': link.token})}?{query}",
        "may_go_on": may_go_on(link, known),
        "contact": text.contact if text else "",
        "wrong": wrong,
    }
    status = 422 if wrong else 409
    return render(request, "surveys/returning.html", context, status=status)
