"""Asking for no more mail, by the address in each of them: with one button, or by a program."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from surveys.models import Contact
from surveys.services.inviting.contacts import unsubscribe as write_no_more
from surveys.views.participants.token_pages import (
    calm_page,
    guarded,
    kept_by_nobody,
    unknown_address,
)


# The address is the only credential, and mail programs post to it without a cookie (RFC 8058).
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, and write no more once it is said. Opening the page alone does nothing."""
    contact = Contact.objects.select_related("link__study").filter(token=token).first()
    if contact is None:
        return guarded(unknown_address(request))
    with translation.override(contact.language):
        if request.method == "POST":
            write_no_more(contact=contact)
        response = _page(request, contact, done=request.method == "POST")
    response.headers["Content-Language"] = contact.language
    return kept_by_nobody(guarded(response))


def _page(request: HttpRequest, contact: Contact, *, done: bool) -> HttpResponse:
    if done or contact.state == Contact.State.UNSUBSCRIBED:
        return calm_page(
            request,
            _("You get no more mails"),
            _("Nobody writes to you about this study any more. What you answered is not touched."),
            status=200,
        )
    context = {
        "study_title": contact.link.study.title(contact.language),
        "language": contact.language,
    }
    return render(request, "surveys/unsubscribe.html", context)
