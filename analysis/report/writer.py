"""The writer of a document: numbers sections, tables and figures, and knows where they stand.

What stands as it is (titles, headings, whole paragraphs and notes) is said in the language of the
document here: sections write it in English. What has numbers or names in it they say themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from reportlab.platypus import CondPageBreak, Spacer

from analysis.language import gettext as _
from analysis.report.drawings.catalogue import Figures
from analysis.report.drawings.figure import Figure
from analysis.report.typesetting.elements import Element
from analysis.report.typesetting.floats import Anchored, Barrier, Floating, Opening
from analysis.report.typesetting.fonts import SANS_BOLD
from analysis.report.typesetting.layout import Mark, MarkKind, PageIndex, Placed, marked
from analysis.report.typesetting.parts import bullet, picture, text, verbatim
from analysis.report.typesetting.style import plain, prose
from analysis.report.typesetting.tables import (
    Band,
    Column,
    Row,
    TableFile,
    opening_rows,
    table,
    table_file,
)

_LABEL = f'<font name="{SANS_BOLD}" size="7.6">{{}}</font>&nbsp;&nbsp;'
# A table this short is kept on one page with its caption; longer ones may break.
_SHORT_TABLE = 8
# So many rows fill a page.
_FULL_PAGE = 42
# What must fit below a heading or a caption before a page may end: points.
_HEADING_HEIGHT = 38.0
_OPENING_HEIGHT = 100.0
_AFTER_TABLE = 11.0
_AFTER_FIGURE = 8.0


@dataclass(frozen=True, slots=True)
class Volume:
    """One of the documents: its name, and what stands before its numbers."""

    name: str
    prefix: str


REPORT = Volume("report", "")
SUPPLEMENT = Volume("supplement", "S")


def _note(markup: str) -> str:
    """A note below a table or a figure."""
    return prose(f"<i>{_('Note.')}</i> {_(markup)}") if markup else ""


class Writer:
    """Collects the parts of one pass; ``indexes`` say where everything stood in the pass before.

    ``figures`` are those of the content, ``files`` the tables that are longer than a page and stand
    in the archive.
    """

    def __init__(
        self,
        volume: Volume,
        indexes: Mapping[str, PageIndex],
        record: Callable[[Placed], None],
        figures: Figures,
    ) -> None:
        self.volume = volume
        self.figures = figures
        self.index = indexes[volume.name]
        self.story: list[Any] = []
        self.files: dict[str, TableFile] = {}
        self._others = {name: index for name, index in indexes.items() if name != volume.name}
        self._record = record
        self._counts = {"table": 0, "figure": 0}
        self._section = [0, 0]
        self._headings: list[Any] = []
        self._block: list[tuple[Any, tuple[str, ...]]] | None = None

    # ---- headings, which wait for what they stand above

    def section(self, key: str, title: str) -> None:
        """Open a numbered section; what waits for room comes before it."""
        self.story.append(Barrier())
        self._section = [self._section[0] + 1, 0]
        self._heading(Mark(key, "section", 1, self._section_number(), _(title)), "section")

    def subsection(self, key: str, title: str) -> None:
        """Open a numbered subsection."""
        self._section[1] += 1
        self._heading(Mark(key, "section", 2, self._section_number(), _(title)), "subsection")

    def unnumbered(self, key: str, title: str, name: str = "section") -> None:
        """A heading that stands in the contents without a number."""
        self._heading(Mark(key, "section", 1, "", title), name)

    def _section_number(self) -> str:
        major, minor = self._section
        first = f"{self.volume.prefix}{major}"
        return f"{first}.{minor}" if minor else first

    def _heading(self, mark: Mark, name: str) -> None:
        number = f"{mark.number}&nbsp;&nbsp;" if mark.number else ""
        self._headings.append(marked(f"{number}{plain(mark.title)}", name, mark, self._record))

    def _whole(self, parts: Sequence[Any], *kinds: str) -> None:
        """Add parts that stay on one page, with the headings above them; without any they float."""
        if self._block is not None:
            self._block += [(part, kinds) for part in parts]
        elif self._headings:
            self.story.append(Anchored([*self._headings, *parts], kinds))
            self._headings = []
        else:
            self.story.append(Floating(parts, kinds))

    def _breakable(self, parts: Sequence[Any]) -> None:
        """Add parts that may run on, with room for a decent beginning."""
        room = _OPENING_HEIGHT + _HEADING_HEIGHT * len(self._headings)
        self.story += [CondPageBreak(room), *self._headings, *parts]
        self._headings = []

    def whole(self, part: Any) -> None:
        """Add a part that stands on one page."""
        self._whole([part])

    @contextmanager
    def together(self) -> Iterator[None]:
        """Figures and short tables written in here stand on one page."""
        self._block = []
        yield
        block, self._block = self._block, None
        kinds = {kind for _, of in block for kind in of}
        self._whole([part for part, _ in block], *kinds)

    def flow(self, part: Any) -> None:
        """Add a part that breaks as it likes; below a heading it brings its first lines."""
        if self._headings:
            self._breakable([part])
        else:
            self.story.append(part)

    # ---- text

    def text(self, markup: str, name: str = "body") -> None:
        """A paragraph of reportlab markup; pass what came from outside through ``plain``."""
        self.flow(text(prose(_(markup)), name))

    def bullets(self, items: Iterable[str], name: str = "bullet") -> None:
        """A list of paragraphs (markup)."""
        whole = Element("L")
        for item in items:
            self.flow(bullet(prose(_(item)), name, of=whole))

    def quote(self, words: str) -> None:
        """Running text as it was given, paragraph by paragraph, with no letter changed."""
        for paragraph in words.split("\n"):
            if paragraph.strip():
                self.flow(text(plain(paragraph), "quote"))

    def verbatim(self, words: str) -> None:
        """Text as it was, in the typewriter face, broken at 92 characters."""
        self.flow(verbatim(words, characters=92))
        self.space(6)

    def space(self, points: float) -> None:
        """Empty space."""
        self.story.append(Spacer(1, points))

    def room(self, points: float) -> None:
        """Start a page unless this much is left, a waiting heading included."""
        self.story.append(CondPageBreak(points))

    # ---- numbered things

    def _next(self, kind: MarkKind, key: str, title: str) -> Mark:
        self._counts[kind] += 1
        return Mark(key, kind, 1, f"{self.volume.prefix}{self._counts[kind]}", _(title))

    def _caption(self, kind: MarkKind, key: str, title: str, name: str, of: Element) -> Any:
        mark = self._next(kind, key, title)
        words = prose(_LABEL.format(_reference(mark)) + plain(mark.title))
        made = marked(words, name, mark, self._record)
        made.element = Element("Caption", inside=of)
        return made

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
        to_archive: bool = False,
    ) -> None:
        """A numbered table with its caption above and its note (markup) below.

        ``width`` is the part of the text width it takes; ``together`` forbids or allows a break.
        With ``to_archive`` a table longer than a page is a file of the archive, and a line here.
        """
        if to_archive and len(rows) > _FULL_PAGE:
            self._filed(key, title, columns, rows)
            return
        element = Element("Table")
        caption = self._caption("table", key, title, "caption", element)
        made = table(columns, rows, element, note=_note(note), width=width)
        parts = [caption, made, Spacer(1, _AFTER_TABLE)]
        if len(rows) <= _SHORT_TABLE if together is None else together:
            self._whole(parts, "table")
        else:
            above = [*self._headings, caption]
            self.story += [Opening(above, made, opening_rows(rows)), *self._headings, *parts]
            self._headings = []

    def _filed(
        self, key: str, title: str, columns: Sequence[Column], rows: Sequence[Row | Band]
    ) -> None:
        """A caption, and where in the archive the table stands."""
        made = self.files[key] = table_file(key, title, columns, rows)
        mark = self._next("table", key, title)
        words = prose(_LABEL.format(_reference(mark)) + plain(mark.title))
        caption = marked(words, "caption", mark, self._record)
        caption.element = Element("P")
        where = _("Longer than a page ({rows} rows): file {name} of the replication archive.")
        line = plain(where.format(rows=len(made.rows), name=made.name))
        self._whole([caption, text(line, "body")], "table")

    def figure(self, figure: Figure) -> None:
        """A numbered figure with caption and note below, all on one page."""
        drawn = picture(figure.drawing, figure.alternative)
        caption = self._caption("figure", figure.key, figure.title, "figure_caption", drawn.element)
        note = [text(_note(plain(_(figure.note))), "note")] if figure.note else []
        self._whole([Spacer(1, 6), drawn, caption, *note, Spacer(1, _AFTER_FIGURE)], "figure")

    # ---- references

    def see(self, key: str) -> str:
        """A cross-reference: "Table 3", which is also a link, or "Supplement, Table S3"."""
        if found := self.index.find(key):
            return f'<a href="#{key}">{_unbroken(_reference(found.mark))}</a>'
        for name, index in self._others.items():
            if found := index.find(key):
                return f"{_unbroken(_volume(name))}, {_unbroken(_reference(found.mark))}"
        return _unbroken(_("Section {number}").format(number=0))

    def page(self, key: str) -> str:
        """The page a mark stands on, in the other document with its name."""
        if found := self.index.find(key):
            return str(found.page)
        for name, index in self._others.items():
            if found := index.find(key):
                return f"{_volume(name)}, {found.page}"
        return "0"


def _unbroken(words: str) -> str:
    return words.replace(" ", "&nbsp;")


def _volume(name: str) -> str:
    """The printed name of a document."""
    return {"report": _("Report"), "supplement": _("Supplement")}[name]


def _reference(mark: Mark) -> str:
    """The words of a cross-reference: "Table 3", "Section S4.1"."""
    words = {
        "section": _("Section {number}"),
        "table": _("Table {number}"),
        "figure": _("Figure {number}"),
    }
    return words[mark.kind].format(number=mark.number)
