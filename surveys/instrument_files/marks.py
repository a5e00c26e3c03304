"""The mark that a label shows: what people see before an option, and models name it by. Pure.

Where labels show numbers, a number must have one meaning: the value that is stored. With options 0
to 10 worth 1 to 11, whoever says "5" may mean either of two answers, and nobody can tell which.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# "1–2 times", "0 to 5 %" and "3.5" begin with a number that is a part of what they show; "1.0" is 1
# and "2,000" two thousand.
_LEADING_NUMBER = re.compile(
    r"[(\[]?(?P<number>[+-]?[0-9]{1,6})(?:(?P<thousands>[.,][0-9]{3})|[.,]0{1,2})?"
    r"(?![0-9]|[.,][0-9]|\w|\s*(?:[-–—/]|to|or|and|until|bis|oder|und|à|a|o|y|e|do|tot|of)\s*[0-9])"
)
# "never (0)", where the label does not begin with a number of its own.
_NUMBER_BEHIND = re.compile(r"[^0-9]*[(\[](?P<number>[+-]?[0-9]{1,6})[)\]]")
# "A", "b) never", "C – always"; "A lot" begins with a word.
_LEADING_LETTER = re.compile(r"[(\[]?(?P<letter>[A-Za-z])(?:\s*[).:=\]]|\s+[-–—]\s|\Z)")
# Numbers as they are set in Chinese and Japanese, or in a circle; "⑩" is a number of two digits.
_SIGNS = {0xFF08: "(", 0xFF09: ")", 0xFF0B: "+", 0xFF0D: "-", 0xFE0F: "", 0x20E3: "", 0x24EA: "0"}
_CIRCLED = {start + n: str(n + 1) for start in (0x2776, 0x2780, 0x278A) for n in range(10)}
_CIRCLED |= {0x2460 + n: str(n + 1) for n in range(20)}
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
_MINUS = re.compile(r"(?<!\w)[−–‐‑‒﹣](?=[0-9])")


@lru_cache(maxsize=1024)
def label_number(label: str) -> int | None:
    """The whole number that a label shows: ``7``, ``−3``, ``１ 全く``, ``(2) bit``, ``no (0)``."""
    plain = in_european_digits(label.strip().translate(_SIGNS))
    found = _LEADING_NUMBER.match(plain)
    if found:
        return int(found["number"] + (found["thousands"] or "")[1:])
    behind = _NUMBER_BEHIND.fullmatch(plain)
    return int(behind["number"]) if behind else None


@lru_cache(maxsize=1024)
def label_letter(label: str) -> str:
    """The letter that a label is or begins with, as a capital; empty if there is none."""
    found = _LEADING_LETTER.match(label.strip())
    return found["letter"].upper() if found else ""


def in_european_digits(text: str) -> str:
    """A text with the digits of all scripts, and circled ones, as 0 to 9, and one sign of minus."""
    if not text.isascii():
        text = _OTHER_DIGIT.sub(lambda one: str(unicodedata.decimal(one[0])), text)
        text = _MINUS.sub("-", text.translate(_CIRCLED))
    return text
