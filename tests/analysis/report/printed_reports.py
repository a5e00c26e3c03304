"""Reports as they are printed: their bytes, pages and text, and the words that were broken."""

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

import pytest
from printed_pages import pages_of
from pypdf import PdfReader
from reportlab.platypus import paragraph

from analysis.report import build_documents


@dataclass(frozen=True)
class Document:
    """A finished PDF; the text of its pages is read when it is first asked for."""

    pdf: bytes

    @cached_property
    def reader(self) -> PdfReader:
        return PdfReader(BytesIO(self.pdf))

    @cached_property
    def pages(self) -> tuple[str, ...]:
        return pages_of(self.pdf)

    @cached_property
    def text(self) -> str:
        """All pages, with line breaks as spaces."""
        return " ".join(" ".join(page.split()) for page in self.pages)


@dataclass(frozen=True)
class Printed:
    """The report and its supplement."""

    report: Document
    supplement: Document

    @property
    def both(self) -> tuple[Document, Document]:
        return self.report, self.supplement

    @property
    def text(self) -> str:
        """Both, one after the other."""
        return " ".join(each.text for each in self.both)


def print_report(content, page_size="A4"):
    made = build_documents(content, page_size=page_size)
    return Printed(Document(made.report), Document(made.supplement))


@contextmanager
def broken_words():
    """The words that reportlab breaks in two because they are wider than their column."""
    broken, split = [], paragraph._splitWord

    def watched(word, *given):
        broken.append(word)
        return split(word, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paragraph, "_splitWord", watched)
        yield broken
