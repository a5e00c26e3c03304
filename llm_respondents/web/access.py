"""Which studies and panels a request may name, and for what. To anyone but a member they are not.

Whoever is a member and may not do it gets 403, which says who may (`RoleNeeded`).
"""

from django.http import Http404, HttpRequest

from llm_respondents.models import Panel
from llm_respondents.web.following import followed_panel
from surveys.roles import Act
from surveys.services.access.refusals import require_role
from surveys.views.membership import row_or_404, study_of, study_or_404

__all__ = ("followed_panel_or_404", "panel_or_404", "study_or_404")


def followed_panel_or_404(request: HttpRequest, panel_id: int, act: Act = Act.SEE) -> Panel:
    """As `panel_or_404`, with what its page asks of jobs and workers (`followed_panel`)."""
    panel = followed_panel(request.user, panel_id)
    if panel is None:
        raise Http404
    require_role(study_of(panel, "study").reader_role, act)
    return panel


def panel_or_404(request: HttpRequest, panel_id: int, act: Act = Act.SEE) -> Panel:
    """The panel, for those members of its study who may do `act`. Raises `Http404`."""
    panels = Panel.objects.select_related("study", "group")
    return row_or_404(request, panels, panel_id, "study", act=act)
