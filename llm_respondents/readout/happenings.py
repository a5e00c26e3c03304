"""Panels that have ended or halted, for whoever is to be told."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.db.models.functions import Coalesce

from llm_respondents.models import Panel
from surveys.models import WebhookEvent
from surveys.services.webhooks.happenings import Happening


def panels_that_ended(studies: Collection[int], since: datetime) -> Iterator[Happening]:
    """Panels of these studies that ended since then, and those that halt after a call since then.

    A halt has no time of its own: it follows the last call of the panel.
    """
    panels = Panel.objects.filter(study__in=studies).select_related("group")
    for panel in panels.filter(status__in=Panel.OVER, ended_at__gte=since):
        assert panel.ended_at is not None  # as it is later than something
        facts = {**_facts(panel), "reason": panel.ended_reason}
        key = f"panel {panel.pk} ended {panel.ended_at.isoformat()}"
        yield Happening(WebhookEvent.PANEL_ENDED, panel.study_id, key, panel.ended_at, facts)
    halted = panels.filter(status=Panel.Status.HALTED)
    called = Max("group__respondents__administration__attempts__started_at")
    for panel in halted.annotate(at=Coalesce(called, "started_at", "created_at")):
        if panel.at >= since:
            facts = {**_facts(panel), "code": panel.halt_code}
            key = f"panel {panel.pk} halted {panel.halt_code} {panel.at.isoformat()}"
            yield Happening(WebhookEvent.PANEL_HALTED, panel.study_id, key, panel.at, facts)


def _facts(panel: Panel) -> dict[str, Any]:
    return {
        "panel": panel.pk,
        "group": panel.group.key,
        "status": panel.status,
        "provenance": panel.group.provenance,
    }
