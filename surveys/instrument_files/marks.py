"""The mark that a label shows: what people see before an option, and models name it by. Pure.

Where labels show numbers, a number must have one meaning: the value that is stored. With options 0
to 10 worth 1 to 11, whoever says "5" may mean either of two answers, and nobody can tell which.
"""

from __future__ import annotations

import re
from functools import lru_cache

# "1–2 times", "0 to 5 %" and "3.5" begin with a number that is a part of what they show; "1.0" is 1
# and "2,000" two thousand.
_LEADING_NUMBER = re.compile(
    r"(?P<number>[+-]?[0-9]{1,6})(?:(?P<thousands>[.,][0-9]{3})|[.,]0{1,2})?"
    r"(?![0-9]|[.,][0-9]|\w|\s*(?:[-–—/]|to|or|and|until|bis|oder|und|à|a|o|y|e|do|tot|of)\s*[0-9])"
)
# "A", "b) never", "C – always"; "A lot" begins with a word.
_LEADING_LETTER = re.compile(r"[(\[]?(?P<letter>[A-Za-z])(?:\s*[).:=\]]|\s+[-–—]\s|\Z)")


@lru_cache(maxsize=1024)
def label_number(label: str) -> int | None:
    """The whole number that a label is or begins with: ``7``, ``−3``, ``+2``, ``1 – never``."""
    found = _LEADING_NUMBER.match(label.strip().replace("−", "-"))
    return int(found["number"] + (found["thousands"] or "")[1:]) if found else None


@lru_cache(maxsize=1024)
def label_letter(label: str) -> str:
    """The letter that a label is or begins with, as a capital; empty if there is none."""
    found = _LEADING_LETTER.match(label.strip())
    return found["letter"].upper() if found else ""
