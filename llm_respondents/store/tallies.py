"""Counts of panels that are kept in their rows, see `llm_respondents.jobs.tallies`."""

from django.utils import timezone

from llm_respondents.models import Panel


def forget_tally(panel_id: int) -> None:
    """Let a panel be counted anew: its sessions were changed by no worker that counts."""
    # With the moment, so that whoever counts at this moment keeps nothing older.
    forgotten = {"forgotten_at": timezone.now().isoformat()}
    Panel.objects.filter(pk=panel_id).update(tally=forgotten)
