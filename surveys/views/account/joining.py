"""Where an invitation leads: to the study for whoever has an account, else to making one."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model, login
from django.contrib.auth.forms import BaseUserCreationForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from surveys.models import Door, Study
from surveys.services.access.accounts import make_account
from surveys.services.access.invitations import accept_invitation, invitation_told
from surveys.services.access.refusals import InvitationError, InvitationRefused
from surveys.services.audit import page_actor
from surveys.views.limits import INVITATIONS_OF_ADDRESS, client_address
from surveys.views.membership import form_methods


class NewAccountForm(BaseUserCreationForm):  # type: ignore[type-arg]  # not generic when it runs
    """How somebody who is invited wants to be called, and the password."""

    class Meta:
        model = get_user_model()
        fields = ("username", "email")
        # As the page of the log-in calls it.
        labels: ClassVar = {"username": gettext_lazy("User name")}


@form_methods
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Say who invites to what, and let somebody in, once."""
    if INVITATIONS_OF_ADDRESS.reached(client_address(request)):
        return _over(request, _("There were too many tries; wait some minutes."), 429)
    try:
        told = invitation_told(token)
        if request.user.is_authenticated:
            if request.method == "POST":
                return _welcome(request, _joined(token, request.user))
            form = None
        else:
            form = NewAccountForm(request.POST or None, initial={"email": told.email})
            if form.is_valid():
                return _welcome(request, _joined_anew(request, token, form.cleaned_data))
    except InvitationError as error:
        status = 404 if error.refused is InvitationRefused.UNKNOWN else 410
        return _over(request, error.said(_), status)
    context = {"invitation": told, "form": form, "role": _(told.get_role_display())}
    status = 422 if form is not None and form.errors else 200
    return render(request, "surveys/account/invitation.html", context, status=status)


def _joined(token: str, user: Any) -> Study:
    return accept_invitation(told=token, user=user, by=page_actor(user))


def _joined_anew(request: HttpRequest, token: str, chosen: dict[str, Any]) -> Study:
    """The study, with a new account; neither without the other."""
    with transaction.atomic():
        user = make_account(
            username=chosen["username"],
            email=chosen["email"],
            password=chosen["password1"],
            door=Door.PAGE,
        )
        study = _joined(token, user)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return study


def _welcome(request: HttpRequest, study: Study) -> HttpResponse:
    messages.success(request, _("Welcome to %(study)s.") % {"study": study.title()})
    return redirect("surveys:study", slug=study.slug)


def _over(request: HttpRequest, said: str, status: int) -> HttpResponse:
    context = {"said": said}
    return render(request, "surveys/account/invitation_over.html", context, status=status)
