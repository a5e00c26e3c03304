"""Stories that know on which page each of their parts will stand, their own and each other's.

Composition runs until it settles: each pass is laid out with the page numbers found by the pass
before, so contents, cross-references and "page x of y" agree. Three passes are the usual case; the
first two only find out where everything stands, and draw nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Literal

from reportlab.platypus import Frame, PageTemplate

from analysis.report.errors import LayoutError
from analysis.report.typesetting.elements import Element
from analysis.report.typesetting.floats import FloatingDocument
from analysis.report.typesetting.fonts import SERIF, register_fonts
from analysis.report.typesetting.parts import Text, role_of
from analysis.report.typesetting.style import (
    BOTTOM_MARGIN,
    TEXT_WIDTH,
    TOP_MARGIN,
    paper,
)
from analysis.report.typesetting.tagging import DraftCanvas, TaggedCanvas

MarkKind = Literal["section", "table", "figure"]
_MAXIMUM_PASSES = 6
_DRAFTS = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that can be referred to. ``number`` is empty for unnumbered front matter."""

    key: str
    kind: MarkKind
    level: int
    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark and the page it fell on."""

    mark: Mark
    page: int


@dataclass(frozen=True, slots=True)
class PageIndex:
    """Where everything stood in the pass before; empty for the first."""

    placed: tuple[Placed, ...] = ()
    pages: int = 0

    def find(self, key: str) -> Placed | None:
        """A mark and its page; None while it is unknown, or where it was left out."""
        return next((each for each in self.placed if each.mark.key == key), None)


class MarkedText(Text):
    """A heading or caption that reports the page it is drawn on and makes a bookmark there."""

    binds = True
    mark: Mark | None = None
    record: Callable[[Placed], None] | None = None

    def draw(self) -> None:
        """Draw the text, then leave a bookmark and an entry in the outline."""
        super().draw()
        if self.mark is None or self.record is None:
            return
        self.record(Placed(self.mark, self.canv.getPageNumber()))
        self.canv.bookmarkHorizontal(self.mark.key, 0, self.height + 12)
        if self.mark.kind == "section":
            title = f"{self.mark.number}  {self.mark.title}".strip()
            self.canv.addOutlineEntry(title, self.mark.key, self.mark.level - 1, closed=True)

    def split(self, width: float, height: float) -> list[Any]:  # noqa: ARG002 - reportlab's hook
        """Never split: a heading in two parts would be found on neither page."""
        return []


def marked(markup: str, name: str, mark: Mark, record: Callable[[Placed], None]) -> MarkedText:
    """A heading or caption in a style."""
    made = MarkedText.of(markup, name)
    made.element = Element(role_of(name))
    made.mark, made.record = mark, record
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """What every page carries, and what the file says about itself."""

    title: str
    language: str
    author: str
    subject: str
    keywords: tuple[str, ...]
    draw: Callable[[Any, int, int], None]
    """Draws header and footer: canvas, page number, number of pages."""


@dataclass(slots=True)
class _Pass:
    """One run through the story."""

    placed: list[Placed] = field(default_factory=list)
    pages: int = 0


Compose = Callable[[Mapping[str, PageIndex], Callable[[Placed], None]], Sequence[Any]]
"""The story of a document, from where everything stood in every document."""


@dataclass(frozen=True, slots=True)
class Composition:
    """One document: what is in it, and what every page of it carries."""

    compose: Compose
    furniture: Furniture


def _template(
    sheet: tuple[float, float], target: BytesIO, furniture: Furniture, run: _Pass, total: int
) -> Any:
    width, height = sheet
    margin = (width - TEXT_WIDTH) / 2
    frame = Frame(
        margin,
        BOTTOM_MARGIN,
        TEXT_WIDTH,
        height - TOP_MARGIN - BOTTOM_MARGIN,
        leftPadding=0,
        rightPadding=0,
        topPadding=0,
        bottomPadding=0,
    )

    def on_page(canvas: Any, document: Any) -> None:
        run.pages = document.page
        if canvas.draft:
            return
        with canvas.furniture():
            furniture.draw(canvas, document.page, total)

    document = FloatingDocument(
        target,
        pagesize=sheet,
        title=furniture.title,
        author=furniture.author,
        subject=furniture.subject,
        keywords=list(furniture.keywords),
        creator="Counterpart",
        lang=furniture.language,
        invariant=1,
        displayDocTitle=True,
        # reportlab's own first font is Helvetica, which it cannot embed.
        initialFontName=SERIF,
    )
    document.addPageTemplates([PageTemplate(id="page", frames=[frame], onPage=on_page)])
    return document


def lay_out(documents: Mapping[str, Composition], page_size: str) -> dict[str, bytes]:
    """The finished PDFs of documents that refer to each other, by their names.

    Raises:
        UnknownPageSizeError: no such paper.
        LayoutError: page numbers kept moving.
    """
    register_fonts()
    sheet = paper(page_size)
    indexes = dict.fromkeys(documents, PageIndex())
    for number in range(_MAXIMUM_PASSES):
        kind = DraftCanvas if number < _DRAFTS else TaggedCanvas
        made = {name: _set(name, each, indexes, sheet, kind) for name, each in documents.items()}
        found = {name: index for name, (_, index) in made.items()}
        if found == indexes and not kind.draft:
            return {name: pdf for name, (pdf, _) in made.items()}
        indexes = found
    raise LayoutError(
        f"The page numbers of {_titles(documents)} did not settle in {_MAXIMUM_PASSES} "
        "passes. Report this with the content that caused it."
    )


def _titles(documents: Mapping[str, Composition]) -> str:
    return ", ".join(repr(each.furniture.title) for each in documents.values())


def _set(
    name: str,
    document: Composition,
    indexes: Mapping[str, PageIndex],
    sheet: tuple[float, float],
    kind: type[TaggedCanvas],
) -> tuple[bytes, PageIndex]:
    """One pass of one document: its bytes (none of a draft), and where everything fell."""
    run, target = _Pass(), BytesIO()
    template = _template(sheet, target, document.furniture, run, indexes[name].pages)
    story = list(document.compose(indexes, run.placed.append))
    template.build(story, canvasmaker=kind)
    return target.getvalue(), PageIndex(tuple(run.placed), run.pages)
