"""Panels that run, for the page of jobs."""

from collections.abc import Iterator

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import reverse
from django.utils.translation import gettext as _

from llm_respondents.models import Panel
from llm_respondents.readout.progress import panels_for, progress_of
from surveys.workspace.work import OtherWork


def running_panels(user: AbstractBaseUser | AnonymousUser) -> Iterator[OtherWork]:
    """The panels of the user's studies that run, each with its questions that are closed."""
    panels = list(panels_for(user).filter(status=Panel.Status.RUNNING))
    progress = progress_of(panels)
    for panel in panels:
        one = progress[panel.pk]
        yield OtherWork(
            label=str(panel),
            address=reverse("llm_respondents:panel", kwargs={"panel_id": panel.pk}),
            study=panel.study.title(),
            said=_("%(done)s of %(all)s sessions complete")
            % {"done": one.completed, "all": one.sessions},
            place=one.closed,
            total=one.questions,
        )
