"""Tags of the frame around the pages of a study."""

from typing import Any

from django import template
from django.http import HttpRequest

from surveys.models import Study
from surveys.workspace.tabs import ShownTab, study_tabs

register = template.Library()


@register.inclusion_tag("surveys/_tabs.html", takes_context=True)
def tabs(context: template.Context, study: Study) -> dict[str, Any]:
    """The tabs of the study, with the one marked that the page belongs to."""
    shown = _tabs(context, study)
    return {"tabs": shown, "path": context["request"].path}


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
