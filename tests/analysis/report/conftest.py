"""One sample report for the whole directory: making it takes seconds, reading it does not."""

import time
from dataclasses import dataclass

import pytest
from printed_reports import broken_words, print_report
from reportlab.graphics import renderPDF
from sample_report import sample_content

from analysis.report import build_documents


@pytest.fixture(scope="session")
def content():
    return sample_content()


@pytest.fixture(scope="session")
def printed(content):
    return print_report(content)


@dataclass(frozen=True)
class Rebuilt:
    """The documents made once more: what was broken in two, pictures drawn, seconds taken."""

    report: bytes
    supplement: bytes
    broken: tuple[str, ...]
    drawn: int
    seconds: float


@pytest.fixture(scope="session")
def rebuilt(content):
    drawn, draw = [], renderPDF.draw

    def counted(drawing, *given):
        drawn.append(drawing)
        draw(drawing, *given)

    with pytest.MonkeyPatch.context() as patch, broken_words() as broken:
        patch.setattr(renderPDF, "draw", counted)
        started = time.process_time()
        made = build_documents(content)
    seconds = time.process_time() - started
    return Rebuilt(made.report, made.supplement, tuple(broken), len(drawn), seconds)


@pytest.fixture(scope="session")
def letter(content):
    return print_report(content, "Letter")
