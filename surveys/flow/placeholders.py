"""Places in a text that a condition or an earlier answer fills: ``{condition:recipient}``,
``{answer:about.job}``. Pure.

A text is filled once, from left to right: what is put in is never looked at again, so that nobody
can write a placeholder into somebody's answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

# Whatever looks like a placeholder is one, or a mistake: nobody is to read it as it stands.
_LIKE_ONE = re.compile(r"\{\s*[A-Za-z_][^{}\n]{0,80}\}")
_PLACEHOLDER = re.compile(r"\{(condition|answer):([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)\}")
# In the place of an answer that there is not.
NOTHING = "…"


def conditions_in(text: str) -> Iterator[str]:
    """The conditions that a text names."""
    return (name for kind, name in _PLACEHOLDER.findall(text) if kind == "condition")


def answers_in(text: str) -> Iterator[str]:
    """The answers that a text repeats."""
    return (name for kind, name in _PLACEHOLDER.findall(text) if kind == "answer")


def malformed_in(text: str) -> Iterator[str]:
    """What looks like a placeholder and is none."""
    return (one for one in _LIKE_ONE.findall(text) if not _PLACEHOLDER.fullmatch(one))


def filled(
    text: str,
    *,
    condition: Callable[[str], str | None] = lambda _name: None,
    answer: Callable[[str], str | None] = lambda _name: None,
) -> str:
    """The text with its places filled; one for which None is returned stays as it is."""
    if "{" not in text:
        return text
    readers = {"condition": condition, "answer": answer}

    def words(found: re.Match[str]) -> str:
        said = readers[found[1]](found[2])
        return found[0] if said is None else said

    return _PLACEHOLDER.sub(words, text)
