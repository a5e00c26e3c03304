"""The rows and cells of a table as elements, over all pages that the table takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal

from reportlab.platypus import Flowable

from analysis.report.typesetting.elements import Element, Scope

RowKind = Literal["head", "band", "row", "span", "note"]


class TableTags:
    """Called by reportlab at every step of drawing a table (its ``renderCB``).

    A table that is split hands it on to its parts, so rows are counted over all of them; the
    heading that a later part repeats is furniture.
    """

    def __init__(
        self, element: Element, rows: Sequence[RowKind], columns: int, *, row_headers: bool
    ) -> None:
        self.element = element
        self._rows, self._columns, self._row_headers = rows, columns, row_headers
        self._next = 0
        self._row = Element("TR", inside=element)
        self._repeated = False
        self._open: list[AbstractContextManager[None]] = []

    @property
    def begun(self) -> bool:
        """Whether a part of the table has its place."""
        return self._next > 0

    def begin(self) -> None:
        """Know that a part has its place, where nothing is drawn."""
        self._next = len(self._rows)

    def __call__(self, table: Any, step: str, *given: Any) -> None:
        """Open or close what the step begins or ends."""
        steps: dict[str, Callable[..., None]] = {
            "startBG": self._furniture,
            "startLines": self._furniture,
            "endBG": self._close,
            "endLines": self._close,
            "startRow": self._begin_row,
            "startCell": self._begin_cell,
            "endCell": self._close,
        }
        if step in steps:
            steps[step](table, *given)

    def _enter(self, *contexts: AbstractContextManager[None]) -> None:
        for context in contexts:
            context.__enter__()
            self._open.append(context)

    def _close(self, *_given: Any) -> None:
        while self._open:
            self._open.pop().__exit__(None, None, None)

    def _furniture(self, table: Any) -> None:
        self._enter(table.canv.furniture())

    def _begin_row(self, _table: Any, number: int) -> None:
        self._repeated = number == 0 and self._next > 0 and self._rows[0] == "head"
        if not self._repeated:
            self._row = Element("TR", inside=self.element)
            self._next += 1

    def _begin_cell(self, table: Any, _row: int, column: int, value: Any, *_: Any) -> None:
        canvas = table.canv
        if self._repeated:
            self._enter(canvas.furniture(), canvas.within(canvas.document))
        elif self._rows[self._next - 1] == "note":
            self._enter(canvas.within(Element("P", inside=self.element.inside)))
        else:
            cell = self._cell(column)
            marked = [] if isinstance(value, Flowable) or value == "" else [canvas.marked(cell)]
            self._enter(canvas.within(cell), *marked)

    def _cell(self, column: int) -> Element:
        """The cell of the row at hand: headings above, row headings on the left, bands across."""
        kind = self._rows[self._next - 1]
        scope: Scope | None = "Column" if kind in ("head", "band") else None
        if kind in ("row", "span") and column == 0 and self._row_headers:
            scope = "Row"
        wide = {"band": self._columns, "span": self._columns - 1 if column else 1}.get(kind, 1)
        return Element("TH" if scope else "TD", inside=self._row, scope=scope, columns=wide)


def rules_are_furniture(table: Any, step: str, *_given: Any) -> None:
    """The ``renderCB`` of a grid that is only a way to place things: its rules are furniture."""
    if step in ("startBG", "startLines"):
        table.canv.addLiteral("/Artifact BMC")
    elif step in ("endBG", "endLines"):
        table.canv.addLiteral("EMC")
