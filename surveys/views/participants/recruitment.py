"""The page behind a recruiting link: information, consent, and the way in."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from surveys import services
from surveys.errors import EnrolmentError, StudyError
from surveys.models import Administration, ConsentText, RecruitingLink, Study, new_token
from surveys.selectors import consent_text
from surveys.views.forms import ConsentForm
from surveys.views.recruiters import recruiter_named
from surveys.views.token_pages import calm_page, link_page, to


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def information(request: HttpRequest, link: RecruitingLink) -> HttpResponse:
    """Information and consent. Only a decision makes a row; looking is counted and no more."""
    return _answer(request, link)


def _answer(request: HttpRequest, link: RecruitingLink) -> HttpResponse:
    recruiter_id = recruiter_id_in(request, link)
    if known := services.find_recruited(link=link, recruiter_id=recruiter_id):
        return to("resume", known)
    language = _language(request, link.study)
    with translation.override(language):
        response = _open_door(request, link, recruiter_id, language)
    response.headers["Content-Language"] = language
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def begin(request: HttpRequest, link: RecruitingLink) -> HttpResponse:
    """Where the form is sent. An address of its own: a POST makes the browser forget its page.

    Going back then shows the very form that was sent, and sending it again begins nothing anew.
    """
    if request.method == "POST":
        return _answer(request, link)
    path = reverse("surveys:information", kwargs={"token": link.token})
    query = request.GET.urlencode()
    return HttpResponseRedirect(f"{path}?{query}" if query else path)


def recruiter_id_in(request: HttpRequest, link: RecruitingLink) -> str:
    """The id that the link's recruiter put into the address; empty if there is none."""
    return request.GET.get(recruiter_named(link.recruiter).parameter, "").strip()


def _open_door(
    request: HttpRequest, link: RecruitingLink, recruiter_id: str, language: str
) -> HttpResponse:
    if request.method == "POST":
        return _decide(request, link, recruiter_id, language)
    text = consent_text(link.study, language)
    if text is None or not link.study.is_open:
        return _not_open(request, link.study)
    if not link.active:
        return _used(request)
    services.count_load(link=link)
    return _show(request, link, text, ConsentForm())


def _decide(
    request: HttpRequest, link: RecruitingLink, recruiter_id: str, language: str
) -> HttpResponse:
    text = consent_text(link.study, language)
    form = ConsentForm({**request.POST.dict(), "recruiter_id": recruiter_id})
    if text is None:
        return _not_open(request, link.study)
    if not form.is_valid():
        return _show(request, link, text, form, status=422)
    token = _token(link, form.cleaned_data["start"])
    try:
        return to("resume", _enter(link, text, recruiter_id, token, form.agrees))
    except EnrolmentError:
        return _used(request)
    except StudyError:
        return _not_open(request, link.study)


def _enter(
    link: RecruitingLink, text: ConsentText, recruiter_id: str, token: str, agrees: bool
) -> Administration:
    if not agrees:
        return services.decline(link=link, consent_text=text, token=token)
    return services.enrol_person(
        link=link, consent_text=text, recruiter_id=recruiter_id, token=token
    )


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
    context = {
        "study_title": link.study.title(text.language),
        "minutes": link.study.settings.get("minutes"),
        "languages": _choices(request, link.study, text.language),
        "language": text.language,
        "simulated": link.simulated,
        "link": link,
        "text": text,
        "form": form,
        "start": new_token(),
    }
    return render(request, "surveys/information.html", context, status=status)


def _choices(request: HttpRequest, study: Study, chosen: str) -> list[dict[str, str | bool]]:
    """The study's languages, each with the address that keeps what the recruiter put into it."""
    choices = []
    for code in study.languages:
        query = request.GET.copy()
        query["language"] = code
        name = translation.get_language_info(code)["name_local"]
        choices.append(
            {"code": code, "name": name, "query": query.urlencode(), "chosen": code == chosen}
        )
    return choices if len(choices) > 1 else []


def _language(request: HttpRequest, study: Study) -> str:
    """The language asked for, else the browser's if the study has it, else the study's first."""
    wishes = (
        request.POST.get("language"),
        request.GET.get("language"),
        get_language_from_request(request),
    )
    return next(
        (wish for wish in wishes if wish and wish in study.languages), study.default_language
    )


def _not_open(request: HttpRequest, study: Study) -> HttpResponse:
    if study.status == Study.Status.DRAFT:
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
