"""Tags of the frame around the pages of a study."""

from datetime import UTC, datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from surveys.models import Study
from surveys.workspace.groups import name_of, provenance_in_words
from surveys.workspace.help_pages import help_for
from surveys.workspace.tabs import ShownTab, study_tabs
from surveys.workspace.terms import TERMS
from surveys.workspace.work import light

register = template.Library()


@register.inclusion_tag("surveys/_tabs.html", takes_context=True)
def tabs(context: template.Context, study: Study) -> dict[str, Any]:
    """The tabs of the study, with the one marked that the page belongs to."""
    shown = _tabs(context, study)
    return {"tabs": shown, "path": context["request"].path}


@register.inclusion_tag("surveys/_light.html", takes_context=True)
def jobs_light(context: template.Context) -> dict[str, Any]:
    """Whether a worker lives, and how much is under way; a link to the page that says more."""
    return {"light": light(context["request"].user), "path": context["request"].path}


@register.simple_tag(takes_context=True)
def help_address(context: template.Context) -> str:
    """Where the help explains the page."""
    match = context["request"].resolver_match
    return reverse("help:home") + help_for(match.view_name if match else "")


@register.inclusion_tag("surveys/_term.html", takes_context=True)
def term(context: template.Context, key: str) -> dict[str, Any]:
    """A button that says in place what a word of the workspace means; once a page."""
    render = context.render_context
    if "terms" not in render:
        render["terms"] = set()
    shown: set[str] = render["terms"]
    if key in shown:
        return {}
    shown.add(key)
    called, sentence = TERMS[key]
    return {"key": key, "called": called, "sentence": sentence}


register.filter("named", name_of)
register.filter("provenance", provenance_in_words)


@register.filter
def moment(when: datetime | None) -> SafeString:
    """How long ago something was, up to a day, and then the date; in full, as UTC, in its title.

    A dash for what has not been.
    """
    if when is None:
        return mark_safe("–")
    ago = int((timezone.now() - when).total_seconds())
    if ago < 60:
        said = gettext("%(n)s s ago") % {"n": max(ago, 0)}
    elif ago < 3600:
        said = gettext("%(n)s min ago") % {"n": ago // 60}
    elif ago < 86400:
        said = gettext("%(n)s h ago") % {"n": ago // 3600}
    else:
        said = date_format(timezone.localtime(when), "SHORT_DATETIME_FORMAT")
    in_full = when.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        in_full.isoformat(timespec="seconds"),
        in_full.strftime("%Y-%m-%d %H:%M:%S"),
        said,
    )


@register.inclusion_tag("surveys/_crumbs.html", takes_context=True)
def crumbs(context: template.Context, study: Study) -> dict[str, Any]:
    """The way from all studies to the page, without the page itself."""
    current = next((tab for tab in _tabs(context, study) if tab.current), None)
    path = context["request"].path
    is_below = current is not None and current.address != path
    return {"study": study, "tab": current if is_below else None, "is_below": is_below}


def _tabs(context: template.Context, study: Study) -> list[ShownTab]:
    """The tabs, counted once for a page."""
    request: HttpRequest = context["request"]
    render = context.render_context
    if "study_tabs" not in render:
        match = request.resolver_match
        name = match.view_name if match else ""
        render["study_tabs"] = study_tabs(study, path=request.path, view_name=name)
    shown: list[ShownTab] = render["study_tabs"]
    return shown
