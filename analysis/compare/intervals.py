"""Intervals, named by the method that made them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """A two-sided interval and the method that made it."""

    lower: float
    upper: float
    level: float = 0.95
    method: str = "normal"
