"""Intervals, named by the method that made them."""

from dataclasses import dataclass

# From so many clusters on intervals of sandwich errors hold a true zero as often as they should;
# fewer are left out one by one.
CLUSTERS_FOR_SANDWICH = 100


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided interval and the method that made it."""

    lower: float
    upper: float
    level: float = 0.95
    method: str = "normal"
