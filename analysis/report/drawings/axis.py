"""Linear axes with round ticks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor

_STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
_MOST_TICKS = 7


@dataclass(frozen=True, slots=True)
class AxisScale:
    """Maps values between ``low`` and ``high`` to points between ``start`` and ``end``."""

    low: float
    high: float
    start: float
    end: float
    step: float

    def at(self, value: float) -> float:
        """The position of a value in points."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def ticks(self) -> tuple[float, ...]:
        """Round values from one end to the other."""
        first, last = round(self.low / self.step), round(self.high / self.step)
        return tuple(round(at * self.step, 6) for at in range(first, last + 1))


def nice_scale(values: Iterable[float], start: float, end: float) -> AxisScale:
    """A scale around the values whose ends are ticks; at most seven ticks."""
    found = list(values)
    low, high = min(found), max(found)
    span = max(high - low, 0.2)
    step = next((s for s in _STEPS if span / s <= _MOST_TICKS - 2), _STEPS[-1])
    bottom, top = floor(low / step) * step, ceil(high / step) * step
    return AxisScale(bottom, top if top > bottom else bottom + step, start, end, step)
