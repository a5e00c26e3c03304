"""The page behind a recruiting link: information, consent, and the way in."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypedDict
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from surveys import services
from surveys.errors import EnrolmentError, Refused, StudyError
from surveys.languages import is_rtl, name_of
from surveys.models import Administration, ConsentText, RecruitingLink, Study, new_token
from surveys.paradata.collected import NEEDS_SCRIPT, told
from surveys.recruiters import AddressFault, Arrival, BadAddress, read_arrival
from surveys.selectors import consent_text, recorded_at
from surveys.services.people.earlier import took_part_before
from surveys.services.people.personal import way_of
from surveys.services.people.quotas import is_full_on_arrival
from surveys.views.forms import ConsentForm
from surveys.views.limits import ENROLMENTS, LOOK_UPS, client_address
from surveys.views.participants.entrance import (
    asked_already,
    bad_address,
    enough_people,
    entrance_language,
    has_closed,
    information_address,
    next_wave_opens,
    opens_later,
    too_many,
    unsigned,
)
from surveys.views.participants.page_clock import work_for, work_of
from surveys.views.participants.participation import next_step
from surveys.views.participants.returning import come_in, is_signed, remember
from surveys.views.participants.token_pages import calm_page, link_page, to, way_out
from surveys.views.participants.trying import is_test


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def information(request: HttpRequest, link: RecruitingLink) -> HttpResponse:
    """Information and consent. Only a decision makes a row; looking is counted and no more."""
    return _answer(request, link)


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def begin(request: HttpRequest, link: RecruitingLink) -> HttpResponse:
    """Where the form is sent. An address of its own: a POST makes the browser forget its page.

    Going back then shows the very form that was sent, and sending it again begins nothing anew.
    """
    if request.method == "POST":
        return _answer(request, link)
    return HttpResponseRedirect(information_address(request, link))


def way_back_in(administration: Administration) -> str:
    """The address at which whoever declined can begin after all; empty if it is not known."""
    respondent = administration.respondent
    link = respondent.link
    if administration.status != Administration.Status.DECLINED or link is None:
        return ""
    recruiter = link.sender
    path = reverse("surveys:information", kwargs={"token": link.token})
    if not respondent.recruiter_id:
        return path if recruiter.optional else ""
    beside = getattr(respondent, "recruiter_parameters", None)
    values = beside.values if beside else {}
    return f"{path}?{urlencode({recruiter.parameter: respondent.recruiter_id, **values})}"


def _answer(request: HttpRequest, link: RecruitingLink) -> HttpResponse:
    language = entrance_language(request, link.study)
    with translation.override(language):
        try:
            arrival = read_arrival(link.sender, request.GET.dict())
            arrival = replace(arrival, test=is_test(request, link))
        except BadAddress as bad:
            response = _turn_back(request, link, bad)
        else:
            response = _receive(request, link, arrival, language)
    response.headers["Content-Language"] = language
    return response


def _turn_back(request: HttpRequest, link: RecruitingLink, bad: BadAddress) -> HttpResponse:
    """Say what is wrong with the address, to the person and to the researchers."""
    if not link.study.is_open:
        return _not_open(request, link.study)
    if bad.fault is not AddressFault.PREVIEW:
        services.record_alert(link=link, fault=bad.fault, parameter=bad.parameter, found=bad.found)
    return bad_address(request, bad)


def _receive(
    request: HttpRequest, link: RecruitingLink, arrival: Arrival, language: str
) -> HttpResponse:
    if arrival.recruiter_id and LOOK_UPS.reached(link.pk, client_address(request)):
        return too_many(request)
    if request.method == "POST":
        return _decide(request, link, arrival, language)
    if not arrival.test and (led := _led(request, link)):
        return led
    known = services.find_recruited(link=link, recruiter_id=arrival.recruiter_id)
    if known:
        return come_in(request, link, known)
    text = consent_text(link.study, language)
    kept_out = not (arrival.test or link.simulated or link.study.people_may_begin)
    if text is None or not link.study.is_open or kept_out:
        return _not_open(request, link.study)
    if not (link.active or arrival.test):
        return _used(request)
    if not arrival.test:
        if refused := _kept_outside(request, link, arrival):
            return refused
        services.count_load(link=link)
    return _show(request, link, text, ConsentForm())


def _led(request: HttpRequest, link: RecruitingLink) -> HttpResponse | None:
    """Where a personal link leads whoever has begun; None where they can begin here."""
    way = way_of(link=link, now=timezone.now())
    if way is None or way.begins is not None:
        return None
    if way.opens_at:
        return next_wave_opens(request, way.opens_at)
    return to("resume", way.leads_to) if way.leads_to else has_closed(request)


def _kept_outside(
    request: HttpRequest, link: RecruitingLink, arrival: Arrival
) -> HttpResponse | None:
    """The page for whoever cannot begin through this link, or not now; None for anybody else."""
    now = timezone.now()
    if link.opens_later(now):
        return opens_later(request, link)
    if link.is_over(now):
        return has_closed(request)
    if _lacks_signature(request, link, arrival):
        return unsigned(request)
    if took_part_before(link=link, recruiter_id=arrival.recruiter_id):
        return asked_already(request, link, arrival)
    if is_full_on_arrival(link=link):
        return enough_people(request, link, arrival)
    return None


def _lacks_signature(request: HttpRequest, link: RecruitingLink, arrival: Arrival) -> bool:
    needed = link.signed_only and not (link.simulated or arrival.test)
    return needed and not is_signed(request, link, arrival)


def _decide(
    request: HttpRequest, link: RecruitingLink, arrival: Arrival, language: str
) -> HttpResponse:
    text = consent_text(link.study, language)
    form = ConsentForm(request.POST)
    if text is None:
        return _not_open(request, link.study)
    if not form.is_valid():
        return _show(request, link, text, form, status=422)
    if _lacks_signature(request, link, arrival):
        return unsigned(request)
    if ENROLMENTS.reached(link.pk, client_address(request)):
        return too_many(request)
    try:
        entered = _enter(link, text, arrival, form)
    except EnrolmentError as error:
        known = services.find_recruited(link=link, recruiter_id=arrival.recruiter_id)
        if error.refused is Refused.RECRUITER_ID_KNOWN and known:
            return come_in(request, link, known)
        if led := _led(request, link):
            return led
        return _kept_outside(request, link, arrival) or _used(request)
    except StudyError:
        return _not_open(request, link.study)
    goes_on = entered.status == Administration.Status.IN_PROGRESS
    going = next_step(entered) if goes_on else way_out(entered)
    return remember(going, link, entered)


def _enter(
    link: RecruitingLink, text: ConsentText, arrival: Arrival, form: ConsentForm
) -> Administration:
    start = form.cleaned_data["start"]
    who: Entering = {
        "link": link,
        "consent_text": text,
        "recruiter_id": arrival.recruiter_id,
        "token": _token(link, start),
        "parameters": arrival.parameters,
        "test": arrival.test,
    }
    if not form.agrees:
        return services.decline(**who)
    return services.enrol_person(**who, sent=work_of(link, start, form.data))


class Entering(TypedDict):
    """Who decides, and at which link."""

    link: RecruitingLink
    consent_text: ConsentText
    recruiter_id: str
    token: str
    parameters: Mapping[str, str]
    test: bool


def _token(link: RecruitingLink, start: str) -> str:
    """The address of whoever sends this form: the same when it is sent twice.

    Derived with the site's secret, so that nobody chooses the token of an address.
    """
    return salted_hmac("surveys.start", f"{link.token}:{start}", algorithm="sha256").hexdigest()[
        :32
    ]


def _show(
    request: HttpRequest,
    link: RecruitingLink,
    text: ConsentText,
    form: ConsentForm,
    *,
    status: int = 200,
) -> HttpResponse:
    start = new_token()
    context = {
        "study_title": link.study.title(text.language),
        "anonymous": link.study.is_anonymous and not link.simulated,
        "sent_with_id": bool(link.recruiter) and not link.study.is_anonymous,
        "minutes": link.study.settings.get("minutes"),
        "languages": _choices(request, link.study, text.language),
        "language": text.language,
        "simulated": link.simulated,
        "test": is_test(request, link),
        "link": link,
        "text": text,
        "form": form,
        "start": start,
        **work_for(link, start),
        **_recorded(link, text.language),
    }
    return render(request, "surveys/information.html", context, status=status)


def _recorded(link: RecruitingLink, language: str) -> dict[str, object]:
    """What people are told of what is recorded beside their answers.

    Words of the study's own tell of what the study records, and not of what a link adds.
    """
    settings = link.study.settings
    own_words = settings.get("paradata_told", {}).get(language, "")
    of_study = settings.get("paradata", ()) if own_words else ()
    recorded = [one for one in recorded_at(link) if one not in of_study]
    return {
        "recorded": [_(one.sentence) for one in told(recorded)],
        "scripted": any(one in NEEDS_SCRIPT for one in recorded),
        "own_words": own_words,
    }


def _choices(request: HttpRequest, study: Study, chosen: str) -> list[dict[str, str | bool]]:
    """The study's languages, each with the address that keeps what the recruiter put into it."""
    choices = []
    for code in study.languages:
        query = request.GET.copy()
        query["language"] = code
        address = {"name": name_of(code), "query": query.urlencode(), "chosen": code == chosen}
        choices.append({"code": code, "rtl": is_rtl(code), **address})
    return choices if len(choices) > 1 else []


def _not_open(request: HttpRequest, study: Study) -> HttpResponse:
    if study.status == Study.Status.DRAFT or (study.is_open and not study.people_may_begin):
        return calm_page(
            request,
            _("This study has not begun yet"),
            _("Please come back later, or ask whoever sent you this address when it begins."),
            status=403,
        )
    return calm_page(
        request,
        _("This study has ended"),
        _(
            "Thank you for your interest. Nobody can begin any more. If you have already begun, "
            "open the address of your own questionnaire: you can still finish it or withdraw."
        ),
        status=410,
    )


def _used(request: HttpRequest) -> HttpResponse:
    return calm_page(
        request,
        _("This link has been used or switched off"),
        _(
            "It lets one person begin once. If that was you, open the address of your own "
            "questionnaire, for instance from the history of your browser. Otherwise ask whoever "
            "sent you the link for a new one."
        ),
        status=410,
    )
