"""Figures and short tables that wait for the next page, so that none ends with a gap."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from reportlab.platypus import BaseDocTemplate, CondPageBreak, KeepTogether, Spacer

from analysis.report.typesetting.cells import TableTags


class Floating(KeepTogether):  # type: ignore[misc]  # reportlab carries no types
    """Parts on one page, which let what follows go first where they do not fit any more.

    ``kinds`` are numbered, such as tables: of one kind the first comes first.
    """

    def __init__(self, parts: Sequence[Any], kinds: Collection[str]) -> None:
        super().__init__(list(parts))
        self.parts, self.kinds = list(parts), frozenset(kinds)

    def height(self, canvas: Any, width: float) -> float:
        """How much room the parts need, in points."""
        self.canv = canvas
        self.wrap(width, 0)
        return float(self._H)


class Anchored(KeepTogether):  # type: ignore[misc]  # reportlab carries no types
    """Parts on one page that do not float, because a heading stands above them."""

    def __init__(self, parts: Sequence[Any], kinds: Collection[str]) -> None:
        super().__init__(list(parts))
        self.kinds = frozenset(kinds)


class Barrier(Spacer):  # type: ignore[misc]  # reportlab carries no types
    """What waits comes before this."""

    def __init__(self) -> None:
        super().__init__(0, 0)


class Opening(CondPageBreak):  # type: ignore[misc]  # reportlab carries no types
    """Starts a page unless headings and caption fit here with the first rows of their table."""

    binds = True
    kinds = frozenset({"table"})

    def __init__(self, above: Sequence[Any], table: Any, rows: int) -> None:
        super().__init__(0)
        self._above, self._table, self._rows = above, table, rows

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Measure what must stay together, then break or do not."""
        self._table.wrap(width, height)
        above = sum(
            each.getSpaceBefore() + each.wrap(width, height)[1] + each.getSpaceAfter()
            for each in self._above
        )
        self.height = above + sum(self._table._rowHeights[: self._rows])  # noqa: SLF001
        return tuple(super().wrap(width, height))


class FloatingDocument(BaseDocTemplate):  # type: ignore[misc]  # reportlab carries no types
    """A document whose floating parts come as soon as they fit, in their own order.

    What does not float lets nothing of its kind that waits fall behind it, so that numbers rise.

    Nothing comes between a part that ``binds``, such as a heading, and what it stands above.
    """

    _waiting: list[Floating]
    _story: list[Any]
    _bound = False

    def build(self, flowables: list[Any], **options: Any) -> None:
        """Lay the story out."""
        self._waiting, self._story = [], flowables
        super().build(flowables, **options)

    def handle_flowable(self, flowables: list[Any]) -> None:
        """Place the next part, or what has waited for room, or let a floating part wait."""
        if flowables is not self._story:  # reportlab's own list of page breaks
            super().handle_flowable(flowables)
            return
        first = flowables[0]
        self._place_waiting(first)
        self._bound = getattr(first, "binds", False)
        if not isinstance(first, Floating):
            super().handle_flowable(flowables)
        elif self._must_wait(first):
            self._waiting.append(flowables.pop(0))
        else:
            self._place(flowables.pop(0))
        if not flowables:
            self._place_all()

    def _place_waiting(self, before: Any) -> None:
        kinds: frozenset[str] = getattr(before, "kinds", frozenset())
        passed = not isinstance(before, Floating) and any(
            each.kinds & kinds for each in self._waiting
        )
        if isinstance(before, Barrier) or passed:
            self._place_all()
            return
        free = not self._bound and not _continues(before)
        if self._waiting and free and self._fits(self._waiting[0]):
            self._place(self._waiting.pop(0))

    def _place_all(self) -> None:
        while self._waiting:
            self._place(self._waiting.pop(0))

    def _place(self, floating: Floating) -> None:
        """Set the parts, on the next page where this one has no room left."""
        parts: list[Any] = [KeepTogether(floating.parts)]
        while parts:
            self.clean_hanging()
            super().handle_flowable(parts)

    def _must_wait(self, floating: Floating) -> bool:
        before = any(floating.kinds & each.kinds for each in self._waiting)
        return before or not self._fits(floating)

    def _fits(self, floating: Floating) -> bool:
        """Whether there is room here; at the top of a page there is as much as there will be."""
        frame = self.frame
        room = frame._y - frame._y1p  # noqa: SLF001 - reportlab has no accessor
        return bool(frame._atTop) or floating.height(self.canv, frame._width) <= room  # noqa: SLF001


def _continues(part: Any) -> bool:
    """Whether this is the rest of a table, which nothing may part from its beginning."""
    tags = getattr(part, "_renderCB", None)
    return isinstance(tags, TableTags) and tags.begun
