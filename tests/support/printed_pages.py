"""The text of a PDF's pages, as a reader's search would find it."""

import pypdfium2


def pages_of(pdf: bytes) -> tuple[str, ...]:
    """The text of each page, in the order in which it is drawn.

    A hyphen that ends a line comes back as U+FFFE from this library.
    """
    with pypdfium2.PdfDocument(pdf) as document:
        return tuple(_text(page) for page in document)


def _text(page: pypdfium2.PdfPage) -> str:
    return page.get_textpage().get_text_range().replace("\ufffe", "-")
