"""What every rule has in hand: its shape, a notice, the names of groups."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from analysis.compare.plan import Kind
from analysis.compare.results import Comparison, GroupSummary, Notice
from analysis.language import ngettext

Rule = Callable[[Comparison], Iterator[Notice]]
# Of a longer list the rest is counted: a notice is read, and results.json names everything.
MOST_NAMED = 6


def notice(
    severity: Literal["warning", "refusal"],
    code: str,
    sentence: str,
    *,
    group: str = "",
    subject: str = "",
) -> Notice:
    """One coded notice."""
    return Notice(code, severity, sentence, group, subject)


def label(comparison: Comparison, key: str) -> str:
    """The name of a group."""
    return next((group.label for group in comparison.groups if group.key == key), key)


def models_of(comparison: Comparison) -> list[GroupSummary]:
    """The model groups."""
    return [group for group in comparison.groups if group.kind == Kind.LLM]


def first(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    left = len(names) - MOST_NAMED
    return ", ".join([*names[:MOST_NAMED], _more(left)] if left > 1 else names)


def _more(left: int) -> str:
    return ngettext("{count} more", "{count} more", left).format(count=left)
