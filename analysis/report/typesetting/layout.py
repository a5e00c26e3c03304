"""A story that knows on which page each of its parts will stand.

Composition runs until it settles: each pass is laid out with the page numbers found by the pass
before, so contents, cross-references and "page x of y" agree. Three passes are the usual case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Literal

from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph

from analysis.report.errors import LayoutError
from analysis.report.typesetting.fonts import SERIF, register_fonts
from analysis.report.typesetting.style import BOTTOM_MARGIN, TEXT_WIDTH, TOP_MARGIN, paper

MarkKind = Literal["section", "table", "figure"]
_MAXIMUM_PASSES = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that can be referred to. ``number`` is empty for unnumbered front matter."""

    key: str
    kind: MarkKind
    level: int
    number: str
    title: str

    @property
    def reference(self) -> str:
        """The words of a cross-reference: "Table 3", "Section 4.1", "Appendix B"."""
        lettered = self.kind == "section" and self.number[:1].isalpha()
        return f"{'Appendix' if lettered else self.kind.capitalize()} {self.number}"


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

    def page(self, key: str) -> str:
        """The page of a mark as text; "0" while it is unknown or was left out."""
        return str(next((each.page for each in self.placed if each.mark.key == key), 0))

    def reference(self, key: str) -> str:
        """The words that point to a mark."""
        found = next((each.mark for each in self.placed if each.mark.key == key), None)
        return found.reference if found else "Section 0"

    def has(self, key: str) -> bool:
        """Whether the pass before held this mark."""
        return any(each.mark.key == key for each in self.placed)


class MarkedParagraph(Paragraph):  # type: ignore[misc]  # reportlab carries no types
    """A heading or caption that reports the page it is drawn on and makes a bookmark there."""

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


Compose = Callable[[PageIndex, Callable[[Placed], None]], Sequence[Any]]


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
        furniture.draw(canvas, document.page, total)

    document = BaseDocTemplate(
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


def lay_out(compose: Compose, furniture: Furniture, page_size: str) -> bytes:
    """The finished PDF.

    Raises:
        UnknownPageSizeError: no such paper.
        LayoutError: page numbers kept moving.
    """
    register_fonts()
    sheet = paper(page_size)
    index = PageIndex()
    for _ in range(_MAXIMUM_PASSES):
        run = _Pass()
        target = BytesIO()
        document = _template(sheet, target, furniture, run, index.pages)
        document.build(list(compose(index, run.placed.append)))
        found = PageIndex(tuple(run.placed), run.pages)
        if found == index:
            return target.getvalue()
        index = found
    raise LayoutError(
        f"The page numbers of {furniture.title!r} did not settle in {_MAXIMUM_PASSES} passes. "
        "Report this with the content that caused it."
    )
