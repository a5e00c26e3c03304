"""What can go wrong while a report is made.

::

    ValueError
    └── ReportError                 base of everything this package raises on purpose
        ├── UnknownPageSizeError    "unknown_page_size"
        ├── FontsMissingError       "fonts_missing"
        ├── ContentError            "content_mismatch"
        └── LayoutError             "layout_unstable"
"""

from __future__ import annotations

from typing import ClassVar


class ReportError(ValueError):
    """A report could not be made; the message says what to do."""

    code: ClassVar[str] = "report_error"


class UnknownPageSizeError(ReportError):
    """The page size is neither "A4" nor "Letter"."""

    code = "unknown_page_size"


class FontsMissingError(ReportError):
    """The font files that come with matplotlib were not found."""

    code = "fonts_missing"


class ContentError(ReportError):
    """Two parts of the content contradict each other, such as a path of an unknown group."""

    code = "content_mismatch"


class LayoutError(ReportError):
    """Page numbers did not settle: a defect of this package, never of the data."""

    code = "layout_unstable"
