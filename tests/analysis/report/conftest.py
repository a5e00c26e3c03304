"""One sample report for the whole directory: making it takes seconds, reading it does not."""

from dataclasses import dataclass
from io import BytesIO

import pytest
from pypdf import PdfReader
from sample_report import sample_content

from analysis.report import build_pdf


@dataclass(frozen=True)
class Printed:
    """A finished PDF and the text of each page."""

    pdf: bytes
    reader: PdfReader
    pages: tuple[str, ...]

    @property
    def text(self) -> str:
        """All pages, with line breaks as spaces."""
        return " ".join(" ".join(page.split()) for page in self.pages)


def print_report(content, page_size="A4"):
    pdf = build_pdf(content, page_size=page_size)
    reader = PdfReader(BytesIO(pdf))
    return Printed(pdf, reader, tuple(page.extract_text() for page in reader.pages))


@pytest.fixture(scope="session")
def content():
    return sample_content()


@pytest.fixture(scope="session")
def printed(content):
    return print_report(content)


@pytest.fixture(scope="session")
def letter(content):
    return print_report(content, "Letter")
