"""What a running worker can be told: set from any thread, read by the loop."""

from dataclasses import dataclass


@dataclass(slots=True)
class Orders:
    """How many calls are to be made at once; None: as the worker was started with."""

    concurrency: int | None = None
