"""What a page is made of: text, verbatim text, pictures, each with its place in the structure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Self

from reportlab.graphics import renderPDF
from reportlab.platypus import Flowable, Paragraph, Preformatted

from analysis.report.typesetting.elements import Element, Role
from analysis.report.typesetting.style import style

_ROLES: dict[str, Role] = {
    "title": "H1",
    "section": "H2",
    "subsection": "H3",
    "caption": "Caption",
    "figure_caption": "Caption",
}


@lru_cache(maxsize=4096)
def _read(markup: str, name: str) -> Any:
    """Markup as fragments: every pass sets the same words, and to read them takes longer."""
    return Paragraph(markup, style(name)).frags


class Text(Paragraph):  # type: ignore[misc]  # reportlab carries no types
    """A paragraph that is an element, or within a cell the cell's own text.

    ``element`` is shared by the parts of a paragraph that runs over a page.
    """

    element: Element | None = None
    _wrapped = 0.0

    @classmethod
    def of(cls, markup: str, name: str, **options: Any) -> Self:
        """A paragraph of this markup in a style."""
        frags = [each.clone() for each in _read(markup, name)]
        return cls(markup, style(name), frags=frags, **options)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """The size; lines are broken once for each width, however often the size is asked for."""
        if width != self._wrapped or not hasattr(self, "blPara"):  # a split takes the lines away
            super().wrap(width, height)
            self._wrapped = width
        return self.width, self.height

    def split(self, width: float, height: float) -> list[Any]:
        """The parts, which stay one element."""
        parts = super().split(width, height)
        for part in parts:
            part.element = self.element
        return list(parts)

    def draw(self) -> None:
        """Draw the text as content of its element."""
        if self.canv.draft:
            return
        element = self.element or self.canv.current
        words = self._link_words(element)
        with self.canv.within(words or element):
            super().draw()

    def _link_words(self, element: Element) -> Element | None:
        """The element of a paragraph that is a link from its first word to its last."""
        links = {link[1] for each in self.frags for link in getattr(each, "link", ()) or ((0, ""),)}
        if len(links) != 1 or "" in links:
            return None
        words = Element("Link", inside=element)
        self.canv.links[links.pop().removeprefix("#")] = words
        return words


def role_of(name: str) -> Role:
    """The role of a paragraph in a style."""
    return _ROLES.get(name, "P")


def text(markup: str, name: str, *, element: Element | None = None) -> Text:
    """A paragraph in a style, a heading or caption where its style is one."""
    made = Text.of(markup, name)
    made.element = element or Element(role_of(name))
    return made


def cell(markup: str, name: str) -> Text:
    """Text of a table's cell, which is no paragraph of its own."""
    return Text.of(markup, name)


class _Item(Text):
    """A paragraph of a list, whose bullet is its label."""

    label: Element

    def split(self, width: float, height: float) -> list[Any]:
        """The parts, which stay one item."""
        parts = super().split(width, height)
        for part in parts:
            part.label = self.label
        return parts

    def draw(self) -> None:
        """Draw the bullet as the label; the words name their own element."""
        if self.canv.draft:
            return
        with self.canv.within(self.label):
            Paragraph.draw(self)

    def beginText(self, x: float, y: float) -> Any:  # noqa: N802 - asked for by the paragraph
        """A text object for the words."""
        assert self.element is not None
        with self.canv.within(self.element):
            return self.canv.beginText(x, y)


def bullet(markup: str, name: str, *, of: Element) -> Any:
    """An item of the list ``of``."""
    made = _Item.of(markup, name, bulletText="•")
    item = Element("LI", inside=of)
    made.label, made.element = Element("Lbl", inside=item), Element("LBody", inside=item)
    return made


class Verbatim(Preformatted):  # type: ignore[misc]  # reportlab carries no types
    """Text in the typewriter face, line by line as it was."""

    element: Element | None = None

    def split(self, width: float, height: float) -> list[Any]:
        """The parts, which stay one element; none of a single line."""
        if height < 2 * self.style.leading or len(self.lines) < 4:
            return []
        parts = []
        for each in super().split(width, height):
            part = Verbatim("\n".join(each.lines), self.style)
            part.element = self.element
            parts.append(part)
        return parts

    def draw(self) -> None:
        """Draw the lines as content of one paragraph."""
        if self.canv.draft:
            return
        with self.canv.within(self.element or self.canv.current):
            super().draw()


def verbatim(words: str, *, characters: int) -> Verbatim:
    """Text as it was, broken after so many characters."""
    made = Verbatim(words, style("code"), maxLineLength=characters)
    made.element = Element("P")
    return made


class Picture(Flowable):  # type: ignore[misc]  # reportlab carries no types
    """A drawing with the words that stand for it."""

    def __init__(self, drawing: Any, element: Element) -> None:
        super().__init__()
        self.drawing, self.element = drawing, element
        self.width, self.height = drawing.width, drawing.height

    def wrap(self, *_available: float) -> tuple[float, float]:
        """The size of the drawing, whatever is available."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw as one sequence of the figure, which knows where it stands."""
        if self.canv.draft:
            return
        left, bottom = self.canv.absolutePosition(0, 0)
        self.element.box = (left, bottom, left + self.width, bottom + self.height)
        with self.canv.marked(self.element):
            renderPDF.draw(self.drawing, self.canv, 0, 0)


def picture(drawing: Any, alternative: str, *, inside: Element | None = None) -> Picture:
    """A figure with its text alternative."""
    return Picture(drawing, Element("Figure", inside=inside, alternative=alternative))
