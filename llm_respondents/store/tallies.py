"""Counts of panels that are kept in their rows, see `llm_respondents.jobs.tallies`."""

from llm_respondents.models import Panel


def forget_tally(panel_id: int) -> None:
    """Let a panel be counted anew: its sessions were changed by no worker that counts."""
    Panel.objects.filter(pk=panel_id).update(tally={})
