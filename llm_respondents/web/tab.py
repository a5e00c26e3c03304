"""The tab of a study on its panels of models."""

from django.utils.translation import gettext_lazy as _

from llm_respondents.models import Panel
from surveys.models import Study
from surveys.workspace.tabs import Count, Tab

PAGES = (
    "new_panel",
    "new_panel_of_file",
    "study_cap",
    "panel",
    "cancel_panel",
    "cap",
    "reading",
    "search",
    "transcript",
)


def _panels(study: Study) -> Count | None:
    """How many panels there are; where one halted, somebody must look."""
    statuses = list(Panel.objects.filter(study=study).values_list("status", flat=True))
    return Count(len(statuses), attention="halted" in statuses) if statuses else None


TAB = Tab(
    "models",
    _("Models"),
    "llm_respondents:models",
    _panels,
    pages=tuple(f"llm_respondents:{page}" for page in PAGES),
)
