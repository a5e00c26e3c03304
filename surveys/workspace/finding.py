"""The search at the top of every page: each app finds what it keeps, within a bound.

A finder is told who asks, and finds nothing that this user may not see. None looks at more than a
bounded number of rows, so that a search costs the same in an installation of any size.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

User = AbstractBaseUser | AnonymousUser
MOST_WORDS = 120
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found: where it is, what it is called, and what is said of it.

    `before`, `hit` and `after` are the words in which it was found, where these are shown.
    """

    address: str
    label: str
    about: str = ""
    before: str = ""
    hit: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What one finder found: the first of them, whether there are more, and where all are."""

    hits: Sequence[Hit]
    more: bool = False
    all_at: str = ""
    remark: Any = ""


@dataclass(frozen=True, slots=True)
class Finder:
    """One group of results. `language` is that of its words where it is not the reader's."""

    key: str
    label: Any  # a translatable string
    find: Callable[[User, str, int], Found]
    language: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of results as it is shown."""

    finder: Finder
    found: Found = field(default_factory=lambda: Found(()))


ORDER = ("studies", "instruments", "people", "transcripts", "help")
_finders: dict[str, Finder] = {}


def register(*finders: Finder) -> None:
    """Let an app find what it keeps."""
    _finders.update({finder.key: finder for finder in finders})


def find_everywhere(user: User, words: str) -> list[Group]:
    """The groups in which something was found, in their order."""
    wanted = " ".join(words.split())[:MOST_WORDS]
    if not wanted:
        return []
    asked = [_finders[key] for key in ORDER if key in _finders]
    groups = [Group(finder, finder.find(user, wanted, SHOWN)) for finder in asked]
    return [group for group in groups if group.found.hits]
