"""What the pages before a questionnaire share: their language, their address, and calm refusals."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from surveys.languages import best_of, first_known, words_in
from surveys.models import RecruitingLink, Study
from surveys.recruiters import AddressFault, Arrival, BadAddress, Outcome
from surveys.services.people.leaving import turned_away
from surveys.views.participants.token_pages import calm_page


def entrance_language(request: HttpRequest, study: Study) -> str:
    """The language asked for, else the browser's if the study has it, else the study's first."""
    wishes = (
        request.POST.get("language"),
        request.GET.get("language"),
        request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME),
    )
    accepted = request.headers.get("Accept-Language", "")
    return (
        first_known(wishes, study.languages)
        or best_of(accepted, study.languages)
        or study.default_language
    )


def information_address(request: HttpRequest, link: RecruitingLink) -> str:
    """The link's first page, with what the recruiter put into the address."""
    path = reverse("surveys:information", kwargs={"token": link.token})
    query = request.GET.urlencode()
    return f"{path}?{query}" if query else path


def too_many(request: HttpRequest) -> HttpResponse:
    """The page for an address that has tried too often."""
    return calm_page(
        request,
        _("Please wait a few minutes"),
        _(
            "Very many requests have come from your network in a short time. Nothing is lost: "
            "please open the same address again in ten minutes."
        ),
        status=429,
    )


def enough_people(request: HttpRequest, link: RecruitingLink, arrival: Arrival) -> HttpResponse:
    """The page for whoever comes when there are enough people: thanks, and the way back."""
    return send_back(
        request,
        link,
        arrival,
        Outcome.QUOTA_FULL,
        title=_("The places are taken"),
        text=_(
            "Thank you for your interest. By this address the study has as many people as it "
            "needs, and nothing has been stored about you."
        ),
    )


def asked_already(request: HttpRequest, link: RecruitingLink, arrival: Arrival) -> HttpResponse:
    """The page for whoever took part in a study whose people are not asked again."""
    return send_back(
        request,
        link,
        arrival,
        Outcome.SCREENED_OUT,
        title=_("You have taken part in a study like this"),
        text=_(
            "Thank you for coming again. This study looks for people who did not take part in an "
            "earlier one, and nothing has been stored about you now."
        ),
    )


def unsigned(request: HttpRequest) -> HttpResponse:
    """The page for whoever comes without the recruiter's signature where one is needed."""
    return calm_page(
        request,
        _("Please open the study from where you found it"),
        _(
            "This study lets in whoever comes straight from the service that sent you, and the "
            "address that you opened does not say so: it may be shortened, copied or too old. "
            "Nothing has been stored about you. Please open the study again from your list there. "
            "If this happens again, please write to the researchers there."
        ),
        status=403,
    )


def opens_later(request: HttpRequest, link: RecruitingLink) -> HttpResponse:
    """The page for whoever comes before a link opens."""
    assert link.opens_at is not None
    return _opens(request, _("This study opens later"), link.opens_at)


def next_wave_opens(request: HttpRequest, opens_at: datetime) -> HttpResponse:
    """The page for whoever has done what is open of a study that asks several times."""
    return _opens(request, _("The next part opens later"), opens_at)


def _opens(request: HttpRequest, title: str, opens_at: datetime) -> HttpResponse:
    opens = timezone.localtime(opens_at)
    # A date in the language of the sentence around it.
    with translation.override(words_in(translation.get_language())):
        moment = f"{date_format(opens, 'DATETIME_FORMAT')} ({opens.tzname()})"
    text = _("You can begin from %(moment)s on, at this same address.") % {"moment": moment}
    return calm_page(request, title, text, status=403)


def has_closed(request: HttpRequest) -> HttpResponse:
    """The page for whoever comes after a link has closed."""
    return calm_page(
        request,
        _("Nobody can begin any more"),
        _(
            "Thank you for your interest: the time for this study is over. If you have already "
            "begun, open the address of your own questionnaire: you can still finish it, or "
            "withdraw."
        ),
        status=410,
    )


def send_back(
    request: HttpRequest,
    link: RecruitingLink,
    arrival: Arrival,
    outcome: Outcome,
    *,
    title: str,
    text: str,
) -> HttpResponse:
    """The page for whoever cannot begin, with the code and the way back to the recruiter."""
    language = translation.get_language()
    context = {
        "title": title,
        "text": text,
        "language": language,
        "study_title": link.study.title(language),
        "simulated": link.simulated,
        "test": arrival.test,
        "leaving": turned_away(link=link, arrival=arrival, outcome=outcome),
        "recruiter": link.sender,
    }
    return render(request, "surveys/turned_away.html", context, status=410)


def bad_address(request: HttpRequest, bad: BadAddress) -> HttpResponse:
    """The page for an address that is not as the recruiter makes it."""
    if bad.fault is AddressFault.PREVIEW:
        return calm_page(
            request,
            _("This is a preview"),
            _("To take part, please accept the task first. It then opens here."),
            status=200,
        )
    return calm_page(
        request, _("The address is not complete"), _what_is_wrong(bad.fault), status=422
    )


def _what_is_wrong(fault: AddressFault) -> str:
    if fault is AddressFault.UNREADABLE:
        return _(
            "The address contains an id that is too long. Please open it again from the "
            "message that invited you."
        )
    if fault is AddressFault.UNFILLED:
        return _(
            "There is a placeholder where the service that sent you should have put your id. This "
            "is not your mistake, and nothing has been stored about you. Please open the study "
            "again from where you found it. The researchers can see that this happened; if it "
            "happens again, please also write to them there."
        )
    return _(
        "The service that sent you adds your id to the address, and it is not there. Nothing has "
        "been stored about you. Please open the study again from where you found it. The "
        "researchers can see that this happened; if it happens again, please also write to them "
        "there."
    )
