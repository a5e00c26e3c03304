"""Passwords: changed by whoever knows the one before, or set anew by a link that came by mail."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from surveys.services.access.accounts import set_password
from surveys.services.access.new_passwords import ask_for_new_password
from surveys.services.audit import page_actor
from surveys.views.limits import (
    NEW_PASSWORDS_OF_ADDRESS,
    NEW_PASSWORDS_OF_MAIL,
    client_address,
)
from surveys.views.membership import form_methods


class MailForm(forms.Form):
    """Where the link is to be sent."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


@form_methods
@never_cache
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link that sets a new password. What is answered is the same for any address."""
    form = MailForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "can_send": bool(settings.EMAIL_HOST)}
    if not form.is_valid() or not settings.EMAIL_HOST:
        status = 422 if form.errors else 200
        return render(request, "registration/forgotten.html", context, status=status)
    if NEW_PASSWORDS_OF_ADDRESS.reached(client_address(request)):
        return render(
            request, "registration/forgotten.html", {**context, "waits": True}, status=429
        )
    email = form.cleaned_data["email"]
    # Nobody's letter box is filled, and nobody is told that it would be.
    if not NEW_PASSWORDS_OF_MAIL.reached(email.casefold()):
        ask_for_new_password(email=email, language=get_language() or settings.LANGUAGE_CODE)
    return render(request, "registration/forgotten.html", {**context, "asked": True})


class SetNewPassword(PasswordResetConfirmView):
    """Where the link of the mail leads. It signs nobody in: a second factor is asked for there."""

    http_method_names = ("get", "head", "post")
    template_name = "registration/set_new_password.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: "SetPasswordForm[User]") -> HttpResponse:
        """Set the password, and forget the link."""
        _set(self.user, form)
        del self.request.session["_password_reset_token"]
        messages.success(self.request, _("The new password is set; log in with it."))
        return HttpResponseRedirect(self.get_success_url())


class ChangePassword(PasswordChangeView):
    """Change the password for whoever knows it. Every other session ends."""

    http_method_names = ("get", "head", "post")
    template_name = "surveys/account/password.html"
    success_url = reverse_lazy("surveys:account")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Set it, and stay signed in here."""
        _set(form.user, form)
        update_session_auth_hash(self.request, form.user)
        messages.success(self.request, _("The password is changed. You are signed out elsewhere."))
        return HttpResponseRedirect(self.get_success_url())


def _set(user: User, form: "SetPasswordForm[User]") -> None:
    set_password(user=user, password=form.cleaned_data["new_password1"], by=page_actor(user))


set_new_password = form_methods(never_cache(SetNewPassword.as_view()))
change_password = never_cache(login_required(ChangePassword.as_view()))
