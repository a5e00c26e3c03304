"""A canvas that says of everything drawn on it which element it belongs to.

Whatever is drawn without naming an element is furniture: headers, rules, backgrounds. It is marked
as an artifact, so that a screen reader passes over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.textobject import PDFTextObject

from analysis.report.typesetting.elements import Annotation, Content, Element
from analysis.report.typesetting.structure import write_structure

_PDF_VERSION = (1, 7)


class _LinkAnnotation(pdfdoc.LinkAnnotation):  # type: ignore[misc]  # reportlab carries no types
    """A link that knows its place in the tree."""

    permitted = (*pdfdoc.LinkAnnotation.permitted, "StructParent")


class TaggedText(PDFTextObject):  # type: ignore[misc]  # reportlab carries no types
    """A text object whose content belongs to an element; the words of a link to one of its own."""

    def __init__(self, canvas: TaggedCanvas, x: float, y: float, element: Element) -> None:
        super().__init__(canvas, x, y)
        self._element = element
        self._before = len(self._code)
        self._code.append(canvas.opening(element))

    def _textOut(self, text: str, TStar: int = 0) -> None:  # noqa: N802 - reportlab's names
        self._before = len(self._code)
        super()._textOut(text, TStar)

    def _linkRecord(self, link: tuple[int, str], what: str) -> None:  # noqa: N802 - reportlab's
        """Called by a paragraph after the first words of a link, and after its last."""
        if self._element.role == "Link":
            return
        if what == "start":
            words = Element("Link", inside=self._element)
            self._canvas.links[link[1].removeprefix("#")] = words
            self._code[self._before : self._before] = ["EMC", self._canvas.opening(words)]
        else:
            self._code += ["EMC", self._canvas.opening(self._element)]

    def getCode(self) -> str:  # noqa: N802 - reportlab's name
        """The finished text object."""
        self._code.append("EMC")
        return str(super().getCode())


class TaggedCanvas(Canvas):  # type: ignore[misc]  # reportlab carries no types
    """A canvas with a tree of elements; ``links`` holds the latest words of each link's target.

    Parts draw nothing on a ``draft``.
    """

    draft = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"pdfVersion": _PDF_VERSION})
        self.document = Element("Document", placed=True)
        self.links: dict[str, Element] = {}
        self._current = self.document
        self._contents: list[list[Element]] = [[]]
        self._annotated: list[Element] = []

    # ---- content

    @property
    def current(self) -> Element:
        """The element that is being drawn; the document itself between two of them."""
        return self._current

    def opening(self, element: Element) -> str:
        """The operator that opens a sequence of an element's content; "EMC" closes it."""
        element.place(self._current)
        leaves = self._contents[-1]
        element.kids.append(Content(self._pageNumber, len(leaves)))
        leaves.append(element)
        return f"/{element.role} <</MCID {len(leaves) - 1}>> BDC"

    @contextmanager
    def within(self, element: Element) -> Iterator[None]:
        """Elements placed in here, and text drawn in here, are of this element."""
        element.place(self._current)
        before, self._current = self._current, element
        try:
            yield
        finally:
            self._current = before

    @contextmanager
    def marked(self, element: Element) -> Iterator[None]:
        """Everything drawn in here is one sequence of this element's content."""
        self.addLiteral(self.opening(element))
        yield
        self.addLiteral("EMC")

    @contextmanager
    def furniture(self) -> Iterator[None]:
        """What is drawn in here says nothing to a reader."""
        self.addLiteral("/Artifact BMC")
        yield
        self.addLiteral("EMC")

    def beginText(self, x: float = 0, y: float = 0, direction: Any = None) -> Any:  # noqa: N802
        """A text object of the current element; outside of one, of whatever marks it."""
        if self._current is self.document:
            return super().beginText(x, y, direction)
        return TaggedText(self, x, y, self._current)

    # ---- links

    def linkRect(self, contents: str, destinationname: str, Rect: Any = None, **_: Any) -> None:  # noqa: N802 - reportlab's names
        """The active area of a link, as a child of the element that holds its words."""
        element = self.links[destinationname]
        name = f"Link{len(self._annotated)}"
        annotation = _LinkAnnotation(
            Rect=self._absRect(Rect, 1),
            Contents=contents or destinationname.replace("-", " "),
            Destination=self._bookmarkReference(destinationname),
            Border="[0 0 0]",
            StructParent=len(self._annotated),
        )
        element.kids.append(Annotation(self._pageNumber, len(self._annotated), name))
        self._annotated.append(element)
        self._addAnnotation(annotation, name)

    # ---- pages

    def _setAnnotations(self, page: Any) -> None:  # noqa: N802 - called for each finished page
        super()._setAnnotations(page)
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
        # Numbers of annotations come first in the tree; how many there are is known at the end.
        page.StructParents = _PageNumber(self, self._pageNumber - 1)
        page.Tabs = pdfdoc.PDFName("S")
        self._contents.append([])

    def save(self) -> None:
        """Write the file, with the structure and what it says about itself."""
        if self._code:
            self.showPage()
        write_structure(self._doc, self.document, self._annotated, self._contents[:-1])
        super().save()


class DraftCanvas(TaggedCanvas):
    """A canvas for finding out where everything will stand: pages are counted and stay empty."""

    draft = True

    def bookmarkHorizontal(self, *_given: Any, **_options: Any) -> None:  # noqa: N802 - reportlab's
        """Leave no bookmark."""

    def addOutlineEntry(self, *_given: Any, **_options: Any) -> None:  # noqa: N802 - reportlab's
        """Leave no entry in the outline."""

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Count the page and forget it."""
        self._startPage()

    def save(self) -> None:
        """Write nothing."""


class _PageNumber(pdfdoc.PDFObject):  # type: ignore[misc]  # reportlab carries no types
    """A page's number in the tree: after all annotations."""

    def __init__(self, canvas: TaggedCanvas, page: int) -> None:
        self._canvas, self._page = canvas, page

    def format(self, _document: Any) -> bytes:
        return str(len(self._canvas._annotated) + self._page).encode()  # noqa: SLF001
