"""The tab of a study on its panels of models."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from llm_respondents.models import Panel
from llm_respondents.readout.sentences import halt_of
from surveys.models import Study
from surveys.selectors.counting import number_of
from surveys.workspace.tabs import Count, Need, Progress, Tab

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


def _panels(facts: Mapping[str, Any]) -> Count | None:
    """How many panels there are; where one halted, somebody must look."""
    number = facts["panels"]
    return Count(number, attention=facts["panels_halted"]) if number else None


def _asked(study: Study) -> Progress:
    """How many panels are complete, of those that were not cancelled."""
    statuses = list(
        Panel.objects.filter(study=study)
        .exclude(status="cancelled")
        .values_list("status", flat=True)
    )
    if not statuses:
        if study.status != Study.Status.OPEN:
            return Progress("open", _("no panel"))
        return Progress("open", _("no panel"), _("Recruit a panel: it says what it will cost."))
    complete = statuses.count("complete")
    said = _("%(complete)s of %(all)s panels complete") % {
        "complete": complete,
        "all": len(statuses),
    }
    return Progress("done" if complete == len(statuses) else "now", said)


def _halted(studies: Sequence[Study]) -> Iterator[Need]:
    """Panels that stopped and go on once somebody has mended the cause."""
    by_key = {study.pk: study for study in studies}
    for panel in Panel.objects.filter(study__in=by_key, status="halted").select_related("group"):
        why = halt_of(panel)
        said = _("Panel %(panel)s stopped: %(why)s") % {"panel": panel, "why": why.sentence}
        address = reverse("llm_respondents:panel", kwargs={"panel_id": panel.pk})
        yield Need(by_key[panel.study_id], said, _("See the panel"), address)


TAB = Tab(
    "models",
    gettext_lazy("Models"),
    "llm_respondents:models",
    _panels,
    pages=tuple(f"llm_respondents:{page}" for page in PAGES),
    step=_asked,
    needs=_halted,
    facts={
        "panels": number_of(Panel.objects.filter(study=OuterRef("pk"))),
        "panels_halted": Exists(Panel.objects.filter(study=OuterRef("pk"), status="halted")),
    },
)
