"""The tree of elements and the file's description of itself, as objects of the file.

Sources: ISO 32000-1, 14.7.2 (elements), 14.7.4.4 (from content back to elements), 14.8.5 (their
attributes); ISO 14289-1, 5 and 7.1 (identification, metadata).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfdoc

from analysis.report.typesetting.elements import Annotation, Content, Element

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<pdf:Keywords>{keywords}</pdf:Keywords>
<xmp:CreatorTool>{creator}</xmp:CreatorTool>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


class _Object(pdfdoc.PDFObject):  # type: ignore[misc]  # reportlab carries no types
    """An object written as it stands, once all others have their numbers."""

    __RefOnly__ = 1

    def __init__(self) -> None:
        self.parts: list[Any] = []

    def format(self, document: Any) -> bytes:
        """The parts joined; those that are objects as references."""
        return b" ".join(
            part if isinstance(part, bytes) else pdfdoc.format(part, document)
            for part in self.parts
        )


def write_structure(
    document: Any,
    root: Element,
    annotated: Sequence[Element],
    contents: Sequence[Sequence[Element]],
) -> None:
    """Add the tree, the way back into it, and the metadata to a file about to be written.

    ``annotated`` are the elements of the links by number, ``contents`` those of each page by MCID.
    """
    top = _Object()
    top_reference = document.Reference(top)
    objects = {element: _Object() for element in root.walk()}
    references = {element: document.Reference(made) for element, made in objects.items()}
    for element, made in objects.items():
        parent = references[element.inside] if element.inside is not None else top_reference
        made.parts = _parts(document, element, parent, references)
    back = _Object()
    back.parts = _parent_tree(document, annotated, contents, references)
    top.parts = [
        *(b"<< /Type /StructTreeRoot /K", references[root], b"/ParentTree"),
        *(document.Reference(back), b"/ParentTreeNextKey"),
        str(len(annotated) + len(contents)).encode(),
        b">>",
    ]
    catalog = document.Catalog
    catalog.StructTreeRoot = top
    catalog.MarkInfo = _marked()
    catalog.Metadata = pdfdoc.XMP(creator=_metadata)


def _marked() -> Any:
    marked = _Object()
    marked.parts = [b"<< /Marked true >>"]
    return marked


def _parts(
    document: Any, element: Element, parent: Any, references: dict[Element, Any]
) -> list[Any]:
    pages = [kid.page for kid in element.kids if not isinstance(kid, Element)]
    page = pages[0] if pages else 0
    parts: list[Any] = [f"<< /S /{element.role} /P".encode(), parent]
    if page:
        parts += [b"/Pg", _page(page)]
    if element.alternative:
        parts += [b"/Alt", _text(element.alternative)]
    if attributes := _attributes(element):
        parts += [b"/A", attributes]
    if element.kids:
        kids = [_kid(document, kid, page, references) for kid in element.kids]
        parts += [b"/K [", *(part for kid in kids for part in kid), b"]"]
    return [*parts, b">>"]


def _kid(
    document: Any,
    kid: Element | Content | Annotation,
    page: int,
    references: dict[Element, Any],
) -> list[Any]:
    """A child as its parent names it; content of another page than the parent's names its page."""
    if isinstance(kid, Element):
        return [references[kid]]
    if isinstance(kid, Annotation):
        area = document.refAnnotation(kid.name)
        return [b"<< /Type /OBJR /Pg", _page(kid.page), b"/Obj", area, b">>"]
    if kid.page == page:
        return [str(kid.mcid).encode()]
    return [b"<< /Type /MCR /Pg", _page(kid.page), f"/MCID {kid.mcid} >>".encode()]


def _attributes(element: Element) -> bytes:
    if element.box is not None:
        box = " ".join(f"{side:.2f}" for side in element.box)
        return f"<< /O /Layout /Placement /Block /BBox [{box}] >>".encode()
    found = [f"/Scope /{element.scope}"] if element.scope else []
    found += [f"/ColSpan {element.columns}"] if element.columns > 1 else []
    return f"<< /O /Table {' '.join(found)} >>".encode() if found else b""


def _parent_tree(
    document: Any,
    annotated: Sequence[Element],
    contents: Sequence[Sequence[Element]],
    references: dict[Element, Any],
) -> list[Any]:
    """Annotations by number, then for each page the elements of its sequences by MCID."""
    parts: list[Any] = [b"<< /Nums ["]
    for number, element in enumerate(annotated):
        parts += [str(number).encode(), references[element]]
    for number, leaves in enumerate(contents, start=len(annotated)):
        page = _Object()
        page.parts = [b"[", *(references[element] for element in leaves), b"]"]
        parts += [str(number).encode(), document.Reference(page)]
    return [*parts, b"] >>"]


def _page(number: int) -> Any:
    return pdfdoc.PDFObjectReference(f"Page{number}")


def _text(words: str) -> bytes:
    """A text string in UTF-16 with its mark, as hexadecimal digits."""
    return f"<FEFF{words.encode('utf-16-be').hex().upper()}>".encode()


def _metadata(document: Any) -> bytes:
    info = document.info
    words = _XMP.format(
        title=escape(info.title),
        author=escape(info.author),
        subject=escape(info.subject),
        keywords=escape(info.keywords),
        creator=escape(info.creator),
        language=escape(document.Catalog.Lang.s),
    )
    return words.encode()
