"""The writer of a report: numbers sections, tables and figures, and knows where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from reportlab.graphics import renderPDF
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepInFrame,
    KeepTogether,
    PageBreak,
    Paragraph,
    Preformatted,
    Spacer,
)

from analysis.report.drawings.figure import Figure
from analysis.report.typesetting.fonts import SANS_BOLD
from analysis.report.typesetting.layout import Mark, MarkedParagraph, MarkKind, PageIndex, Placed
from analysis.report.typesetting.style import TEXT_WIDTH, plain, prose, style
from analysis.report.typesetting.tables import Band, Column, Row, table

_LABEL = f'<font name="{SANS_BOLD}" size="7.6">{{}}</font>&nbsp;&nbsp;'
# A table this short is kept on one page with its caption; longer ones may break.
_SHORT_TABLE = 8
# What must fit below a heading or a caption before a page may end: points.
_HEADING_HEIGHT = 38.0
_OPENING_HEIGHT = 100.0
_AFTER_TABLE = 11.0


def _note(markup: str) -> str:
    """A note below a table or a figure."""
    return prose(f"<i>Note.</i> {markup}") if markup else ""


class _Picture(Flowable):  # type: ignore[misc]  # reportlab carries no types
    """A drawing whose text alternative is in the page for those who do not see it."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self.figure = figure
        self.width, self.height = figure.drawing.width, figure.drawing.height

    def wrap(self, *_available: float) -> tuple[float, float]:
        """The size of the drawing, whatever is available."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw inside a marked-content sequence with /Alt (ISO 32000-1, 14.9.3)."""
        spoken = self.figure.alternative.encode("utf-16-be").hex().upper()
        self.canv.addLiteral(f"/Span <</Alt <FEFF{spoken}>>> BDC")
        renderPDF.draw(self.figure.drawing, self.canv, 0, 0)
        self.canv.addLiteral("EMC")


class Writer:
    """Collects the parts of one pass; ``index`` holds the page numbers of the pass before."""

    def __init__(self, index: PageIndex, record: Callable[[Placed], None]) -> None:
        self.index = index
        self.story: list[Any] = []
        self.figures: list[Figure] = []
        self._record = record
        self._counts = {"table": 0, "figure": 0}
        self._section = [0, 0]
        self._appendix = False
        self._headings: list[Any] = []
        self._sheet = False

    # ---- a page of its own

    def begin_sheet(self) -> None:
        """What follows is one page, whatever it holds."""
        self._sheet = True

    def end_sheet(self) -> None:
        """Close the page; where it holds too much it is set a little smaller."""
        self._sheet = False
        self.story = [KeepInFrame(TEXT_WIDTH, 0, self.story, mode="shrink"), PageBreak()]

    # ---- headings, which wait for what they stand above

    def section(self, key: str, title: str) -> None:
        """Open a numbered section."""
        self._section = [self._section[0] + 1, 0]
        self._heading(Mark(key, "section", 1, self._section_number(), title), "section")

    def subsection(self, key: str, title: str) -> None:
        """Open a numbered subsection."""
        self._section[1] += 1
        self._heading(Mark(key, "section", 2, self._section_number(), title), "subsection")

    def unnumbered(self, key: str, title: str, name: str = "section") -> None:
        """A heading that stands in the contents without a number."""
        self._heading(Mark(key, "section", 1, "", title), name)

    def begin_appendix(self) -> None:
        """From here on sections are lettered."""
        self._appendix, self._section = True, [0, 0]

    def _section_number(self) -> str:
        major, minor = self._section
        first = chr(ord("A") + major - 1) if self._appendix else str(major)
        return f"{first}.{minor}" if minor else first

    def _heading(self, mark: Mark, name: str) -> None:
        number = f"{mark.number}&nbsp;&nbsp;" if mark.number else ""
        self._headings.append(self._marked(mark, f"{number}{plain(mark.title)}", name))

    def _whole(self, parts: Sequence[Any]) -> None:
        """Add parts that stay on one page, with the headings above them."""
        whole = [*self._headings, *parts]
        self.story.extend(whole if self._sheet else [KeepTogether(whole)])
        self._headings = []

    def _breakable(self, parts: Sequence[Any]) -> None:
        """Add parts that may run on, with room for a decent beginning."""
        room = _OPENING_HEIGHT + _HEADING_HEIGHT * len(self._headings)
        self.story.extend([] if self._sheet else [CondPageBreak(room)])
        self.story.extend([*self._headings, *parts])
        self._headings = []

    def flow(self, part: Any) -> None:
        """Add a part that breaks as it likes; below a heading it brings its first lines."""
        if self._headings:
            self._breakable([part])
        else:
            self.story.append(part)

    def _marked(self, mark: Mark, markup: str, name: str) -> Any:
        paragraph = MarkedParagraph(markup, style(name))
        paragraph.mark, paragraph.record = mark, self._record
        return paragraph

    # ---- text

    def text(self, markup: str, name: str = "body") -> None:
        """A paragraph of reportlab markup; pass what came from outside through ``plain``."""
        self.flow(Paragraph(prose(markup), style(name)))

    def bullets(self, items: Iterable[str], name: str = "bullet") -> None:
        """A list of paragraphs (markup)."""
        for item in items:
            self.flow(Paragraph(prose(item), style(name), bulletText="•"))

    def quote(self, words: str) -> None:
        """Running text as it was given, paragraph by paragraph, with no letter changed."""
        for paragraph in words.split("\n"):
            if paragraph.strip():
                self.flow(Paragraph(plain(paragraph), style("quote")))

    def verbatim(self, words: str) -> None:
        """Text as it was, in the typewriter face, broken at 92 characters."""
        self.flow(Preformatted(words, style("code"), maxLineLength=92))
        self.space(6)

    def space(self, points: float) -> None:
        """Empty space."""
        self.story.append(Spacer(1, points))

    def new_page(self) -> None:
        """Start a page."""
        self.story.append(PageBreak())

    def room(self, points: float) -> None:
        """Start a page unless this much is left, a waiting heading included."""
        self.story.append(CondPageBreak(points))

    # ---- numbered things

    def _next(self, kind: MarkKind, key: str, title: str) -> Mark:
        self._counts[kind] += 1
        return Mark(key, kind, 1, str(self._counts[kind]), title)

    def _caption(self, kind: MarkKind, key: str, title: str, name: str) -> Any:
        mark = self._next(kind, key, title)
        return self._marked(mark, prose(_LABEL.format(mark.reference) + plain(title)), name)

    def table(
        self,
        key: str,
        title: str,
        columns: Sequence[Column],
        rows: Sequence[Row | Band],
        note: str = "",
        *,
        together: bool | None = None,
        width: float = 1.0,
    ) -> None:
        """A numbered table with its caption above and its note (markup) below.

        ``width`` is the part of the text width it takes; ``together`` forbids or allows a break.
        """
        caption = self._caption("table", key, title, "caption")
        made = table(columns, rows, note=_note(note), width=width)
        parts = [caption, made, Spacer(1, _AFTER_TABLE)]
        keep = len(rows) <= _SHORT_TABLE if together is None else together
        add = self._whole if keep else self._breakable
        add(parts)

    def figure(self, figure: Figure) -> None:
        """A numbered figure with caption and note below, all on one page."""
        self.figures.append(figure)
        caption = self._caption("figure", figure.key, figure.title, "figure_caption")
        parts: list[Any] = [Spacer(1, 6), _Picture(figure), caption]
        if figure.note:
            parts.append(Paragraph(_note(plain(figure.note)), style("note")))
        self._whole(parts)

    # ---- references

    def see(self, key: str) -> str:
        """A cross-reference that is also a link: "Table 3"."""
        words = self.index.reference(key).replace(" ", "&nbsp;")
        return f'<a href="#{key}">{words}</a>' if self.index.has(key) else words

    def page(self, key: str) -> str:
        """The page a mark stands on."""
        return self.index.page(key)
