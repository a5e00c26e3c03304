"""Coarse background jobs: ids in, one service call. Leases decide what is done, not the queue."""

from django_tasks import task

from llm_respondents import services


@task()
def run_panel(panel_id: int, first: int = 0) -> str:
    """Conduct a panel, or its first sessions only, as far as it goes; returns its status."""
    return services.run_queued_panel(panel_id=panel_id, first=first)


@task()
def run_batches(panel_id: int) -> str:
    """Hand a panel's calls over in batches and collect what is there; returns its status."""
    return services.run_queued_batches(panel_id=panel_id)


@task()
def end_batches(panel_id: int) -> str:
    """End the batches of a cancelled panel and collect what they finished; returns its status."""
    return services.run_panel_in_batches(panel_id=panel_id).status
