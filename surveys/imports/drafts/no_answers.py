"""Codes that stand for no answer, by what they are called."""

import re
from collections.abc import Collection, Mapping

from surveys.imports.cells.labels import folded

_NO_ANSWER = re.compile(
    r"don.?t know|do not know|\bno answer|\b(?:prefer|rather) not\b|not asked|no opinion"
    r"|^\W*(?:i )?refus|^\W*(?:missing|skipped)\b"
    r"|wei(?:ß|ss) (?:ich )?nicht|keine angabe|\bverweigert|nicht beantwortet"
    r"|(?<!\w)(?:n/a|n\.a|k\. ?a|k/a)(?!\w)"
)
# Letters that are no answer where they stand alone, and part of many words.
_BARE = re.compile(r"\W*(?:na|nan|ka|n/a|n\.a|k\. ?a)\W*")
# What says that a question did not fit, unless other options repeat its word: then it is the end
# of a scale, as "trifft nicht zu" beside "trifft zu".
_DOES_NOT_FIT = {"not applicable": "applicable", "trifft nicht zu": "trifft"}


def no_answers(codes: Collection[str], labels: Mapping[str, str]) -> set[str]:
    """Those of a column's codes that are called no answer, or are such a word themselves."""
    called = {code: folded(_called(code, labels)) for code in codes}
    fits = [
        phrase
        for phrase, word in _DOES_NOT_FIT.items()
        if not any(word in name and phrase not in name for name in called.values())
    ]
    return {
        code
        for code, name in called.items()
        if _NO_ANSWER.search(name) or _BARE.fullmatch(name) or any(one in name for one in fits)
    }


def left_blank(cells: Collection[str]) -> set[str]:
    """Those of the cells that programs and people write where there is no answer, such as NA."""
    return {cell for cell in cells if _BARE.fullmatch(folded(cell))}


def _called(code: str, labels: Mapping[str, str]) -> str:
    return labels.get(code, "" if code.isdecimal() else code)
