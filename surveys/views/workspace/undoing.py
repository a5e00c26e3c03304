"""Saying what was done, with a button that takes it back."""

from django.contrib import messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _


def say_with_undo(request: HttpRequest, said: str, target: str, **fields: str) -> None:
    """A toast on the next page; its *Undo* sends the fields to `target` as a form."""
    sent = {"csrfmiddlewaretoken": get_token(request), **fields}
    inputs = format_html_join("", '<input type="hidden" name="{}" value="{}">', sent.items())
    toast = format_html(
        '<span>{}</span><form method="post" action="{}">{}<button class="small">{}</button></form>',
        said,
        target,
        inputs,
        _("Undo"),
    )
    messages.success(request, toast)
