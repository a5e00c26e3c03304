"""What a file says of an item's key: a mark to ask about, never one to follow unasked. Pure."""

from __future__ import annotations

import re

_MARKS = frozenset(
    (
        "1",
        "-1",
        "−1",
        "-",
        "−",
        "r",
        "x",
        "y",
        "yes",
        "ja",
        "true",
        "wahr",
        "rev",
        "reverse",
        "reversed",
        "negative",
        "neg",
        "minus",
        "inv",
        "inverted",
        "(r)",
        "*",
        "negativ",
        "invertiert",
    )
)
_WRITTEN = re.compile(
    r"\bkey(?:ed)?\s*[=:]\s*(?:-|−)\s*1?"
    r"|\breverse[d]?(?:[-_ ]?(?:keyed|scored|coded|code|item))?\b(?!\s*[=:]\s*(?:no|false|0))"
    r"|\b(?:recode|invert(?:ed)?|negatively[- ]keyed)\b",
    re.IGNORECASE,
)
# R code that takes the answer from a sum, such as function(x) 6-x.
_TURNED = re.compile(r"\b\d+\s*-\s*(?:x|answer|res|value|score)\b")


def says_reversed(written: str) -> bool:
    """Tell whether free text calls an item reverse-keyed."""
    return bool(_WRITTEN.search(written) or _TURNED.search(written))


def marks_reversed(cell: str) -> bool:
    """Tell whether a cell of a column for reverse keys marks its item."""
    value = cell.strip().lower()
    return value in _MARKS or says_reversed(value)


def names_reversed(name: str) -> bool:
    """Tell whether a name marks a reverse-keyed item as many do: ``bfi_3R``, ``q2_r``."""
    return bool(re.search(r"(?:\d[rR]|_r|_R|_rev|_reversed?|\(R\))$", name))
