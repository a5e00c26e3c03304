"""Which studies and panels a request may name. To anyone but a member they do not exist."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from llm_respondents.models import Panel
from llm_respondents.readout.progress import panels_for
from surveys.models import Study
from surveys.selectors import studies_for


def study_or_404(request: HttpRequest, slug: str) -> Study:
    """The study, for its members. Raises `Http404`."""
    return get_object_or_404(studies_for(request.user), slug=slug)


def panel_or_404(request: HttpRequest, panel_id: int) -> Panel:
    """The panel, for the members of its study. Raises `Http404`."""
    return get_object_or_404(panels_for(request.user), pk=panel_id)
