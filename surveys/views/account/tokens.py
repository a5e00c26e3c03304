"""The page on which a user gives programs a token, and takes it back."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from surveys.models import ApiToken, Scope
from surveys.services.access.tokens import LONGEST_DAYS, create_token, revoke_token
from surveys.services.audit import page_actor
from surveys.views.membership import form_methods


class TokenForm(forms.Form):
    """What a token is called, is good for, and until when; the fields of `create_token`."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("What it is for, such as “R on my laptop”."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Good for"),
        choices=Scope.choices,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days until it ends"), min_value=1, max_value=LONGEST_DAYS, initial=90
    )


@form_methods
@login_required
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens. A new one is shown once, on the page that answers the form."""
    form, told = TokenForm(request.POST or None), ""
    by = page_actor(request.user)
    if form.is_valid() and by.user is not None:
        _token, told = create_token(user=by.user, by=by, **form.cleaned_data)
        form = TokenForm()
    rows = ApiToken.objects.filter(user_id=by.user_id or 0)
    context = {"form": form, "told": told, "rows": rows, "scopes": dict(Scope.choices)}
    status = 422 if form.errors else 200
    return render(request, "surveys/account/tokens.html", context, status=status)


@require_POST
@login_required
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Take a token back."""
    token = get_object_or_404(ApiToken, user_id=request.user.pk, pk=token_id)
    if revoke_token(token=token, by=page_actor(request.user)):
        said = _("The token %(token)s opens nothing any more.")
        messages.success(request, said % {"token": token.name})
    return redirect("surveys:tokens")
