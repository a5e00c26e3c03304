"""The page of one's own account: address, password, second factor, tokens, sessions."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from surveys.models import ApiToken, AuditEntry
from surveys.services.access.accounts import set_mail_address
from surveys.services.access.sessions import end_sessions, other_sessions
from surveys.services.access.two_factor import codes_left, is_required, is_set_up
from surveys.services.audit import page_actor
from surveys.views.account.proof import password_missing
from surveys.views.membership import form_methods

LATELY = 10


class MailAddressForm(forms.Form):
    """Where mails that set a new password go; the password proves who says so."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        help_text=gettext_lazy("Links that set a new password go there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@form_methods
@login_required
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    """Everything about the account; sending the form sets the address."""
    user = request.user
    assert isinstance(user, User)
    form = MailAddressForm(request.POST or None, initial={"email": user.email})
    if form.is_valid() and (said := password_missing(request, user)):
        form.add_error("password", said)
    if form.is_valid():
        by, email = page_actor(user), form.cleaned_data["email"]
        set_mail_address(user=user, email=email, by=by)
        messages.success(request, _("The address is set."))
        return redirect("surveys:account")
    own = AuditEntry.objects.filter(actor=user, study=None).order_by("-at", "-pk")
    context = {
        "form": form,
        "two_factor": is_set_up(user),
        "required": is_required(user),
        "left": codes_left(user),
        "tokens": sum(one.is_good for one in ApiToken.objects.filter(user=user)),
        "others": len(other_sessions(user, request.session.session_key or "")),
        "lately": own[:LATELY],
    }
    status = 422 if form.errors else 200
    return render(request, "surveys/account/account.html", context, status=status)


@require_POST
@login_required
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    ended = end_sessions(
        user=request.user,  # type: ignore[arg-type]
        by=page_actor(request.user),
        keep=request.session.session_key or "",
    )
    said = ngettext("One other session is ended.", "%(n)s other sessions are ended.", ended)
    messages.success(request, said % {"n": ended})
    return redirect("surveys:account")
