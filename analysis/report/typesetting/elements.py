"""The logical structure of a document: headings, paragraphs, tables, figures, in reading order.

PDF keeps it beside the pages (ISO 32000-1, 14.7 and 14.8): a tree of elements, whose leaves name
sequences of a page's content by a number, the MCID. PDF/UA (ISO 14289-1) asks that everything on a
page be such a leaf or be marked as furniture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Role = Literal[
    "Document", "H1", "H2", "H3", "P", "L", "LI", "Lbl", "LBody", "Link", "Caption", "Figure",
    "Table", "TR", "TH", "TD", "TOC", "TOCI",
]  # fmt: skip
Scope = Literal["Row", "Column"]


class Content(NamedTuple):
    """A sequence of a page's content: the page counted from 1, and its number there."""

    page: int
    mcid: int


class Annotation(NamedTuple):
    """A link's active area: the page, its number in the tree, and the name reportlab gave it."""

    page: int
    number: int
    name: str


@dataclass(slots=True, eq=False)
class Element:
    """One element. It takes its place in the tree when something of it is first drawn.

    ``scope`` and ``columns`` are of cells, ``alternative`` and ``box`` (left, bottom, right and
    top in points of the page) of figures.
    """

    role: Role
    inside: Element | None = None
    scope: Scope | None = None
    columns: int = 1
    alternative: str = ""
    box: tuple[float, float, float, float] | None = None
    kids: list[Element | Content | Annotation] = field(default_factory=list)
    placed: bool = False

    def place(self, otherwise: Element) -> None:
        """Become the last child of the element it is inside of; without one, of ``otherwise``."""
        if self.placed:
            return
        self.placed = True
        if self.inside is None:
            self.inside = otherwise
        if self.inside is not otherwise:
            self.inside.place(otherwise)
        self.inside.kids.append(self)

    def walk(self) -> Iterator[Element]:
        """The element and all below it, in reading order."""
        yield self
        for kid in self.kids:
            if isinstance(kid, Element):
                yield from kid.walk()
