"""The page on which somebody sets up a second factor, makes other codes, or ends it."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from surveys.services.access.refusals import SecondFactorError
from surveys.services.access.two_factor import (
    begin_set_up,
    codes_left,
    confirm_set_up,
    end_two_factor,
    is_required,
    is_set_up,
    make_recovery_codes,
)
from surveys.services.audit import page_actor
from surveys.views.account.proof import password_missing
from surveys.views.account.second_factor import PASSED
from surveys.views.limits import SECOND_FACTORS_OF_USER
from surveys.views.membership import form_methods


@form_methods
@login_required
@never_cache
def two_factor(request: HttpRequest) -> HttpResponse:
    """How it stands; for whoever has none the code to scan, and the field that confirms it."""
    user = _user(request)
    if is_set_up(user):
        return _page(request, user)
    said = ""
    if request.method == "POST":
        said, codes = _confirmed(request, user)
        if codes:
            request.session[PASSED] = True
            return _page(request, user, codes=codes)
    status = 422 if said else 200
    return _page(request, user, status=status, said=said, **_to_scan(user))


def _confirmed(request: HttpRequest, user: User) -> tuple[str, list[str]]:
    """What is wrong with the code, or the codes on paper."""
    if SECOND_FACTORS_OF_USER.reached(user.pk):
        return _("There were too many tries; wait some minutes."), []
    try:
        return "", confirm_set_up(
            user=user,
            code=request.POST.get("code", ""),
            by=page_actor(user),
            keep_session=request.session.session_key or "",
        )
    except SecondFactorError as error:
        return error.said(_), []


@require_POST
@login_required
@never_cache
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Other codes on paper, for whoever gives the password; they are shown this once."""
    user = _user(request)
    if not is_set_up(user):
        return redirect("surveys:two_factor")
    if said := password_missing(request, user):
        return _page(request, user, status=422, refused=said)
    return _page(request, user, codes=make_recovery_codes(user=user, by=page_actor(user)))


@require_POST
@login_required
@never_cache
def end(request: HttpRequest) -> HttpResponse:
    """Ask for no second factor any more, for whoever gives the password."""
    user = _user(request)
    if said := password_missing(request, user):
        return _page(request, user, status=422, refused=said)
    if end_two_factor(user=user, by=page_actor(user)):
        request.session.pop(PASSED, None)
        messages.success(request, _("Signing in asks for no second factor any more."))
    return redirect("surveys:account")


def _page(request: HttpRequest, user: User, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "there": is_set_up(user),
        "left": codes_left(user),
        "required": is_required(user),
        **more,
    }
    return render(request, "surveys/account/two_factor.html", context, status=status)


def _to_scan(user: User) -> dict[str, Any]:
    """The secret as a QR code and as letters to type."""
    # Only this page and that of links draw QR codes; every other start does without the encoder.
    import segno

    device = begin_set_up(user=user, by=page_actor(user))
    svg = BytesIO()
    segno.make(device.config_url, micro=False, error="m").save(
        svg, kind="svg", scale=5, border=4, light="#fff", xmldecl=False, svgclass="qr"
    )
    # Of our own encoder, which escapes nothing as it writes paths alone.
    return {"qr": mark_safe(svg.getvalue().decode()), "secret": _grouped(device)}  # noqa: S308


def _grouped(device: Any) -> str:
    from base64 import b32encode

    letters = b32encode(device.bin_key).decode()
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # as nobody passes `login_required` otherwise
    return request.user
