"""The tabs of a study that this app serves itself."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from surveys.models import Study
from surveys.workspace.tabs import Count, Tab


def _links(study: Study) -> Count | None:
    """How many links there are; where one lets nobody in, somebody must look."""
    number = study.links.count()
    if not number:
        return None
    return Count(number, attention=study.links.filter(alerts__isnull=False).exists())


TABS = (
    Tab("overview", _("Overview"), "surveys:study"),
    Tab(
        "design",
        _("Design"),
        "surveys:design",
        pages=(
            "surveys:edit_study",
            "surveys:preview",
            "surveys:state_facts",
            "surveys:copy_study",
            "surveys:new_version",
            "surveys:delete_study",
        ),
    ),
    Tab(
        "recruit",
        pgettext_lazy("tab", "Recruit"),
        "surveys:recruit",
        _links,
        pages=("surveys:new_link",),
    ),
    Tab("team", _("Team"), "surveys:team", pages=("surveys:new_member", "surveys:log")),
)
