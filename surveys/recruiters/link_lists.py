"""Lists of links as they are asked for: one line for each person, and what can be wrong with it."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from surveys.codes import Problem, SentenceCode
from surveys.codes import marked as _

MOST_LINES = 5_000
LONGEST_PSEUDONYM = 80
LONGEST_LABEL = 120
LONGEST_NAME = 100

PersonLinkKind = Literal["single_use", "personal"]
KINDS: tuple[str, ...] = get_args(PersonLinkKind)
# Spellings that a spreadsheet's header row may have; such a row is no person.
_HEADERS = frozenset({"pseudonym", "pseudonyms", "id", "code", "person"})


class ListMistake(SentenceCode):
    """What is wrong with a list of links that is asked for."""

    EMPTY = "list_empty", _("Write a line for each person, or say how many there are.")
    TOO_MANY = "too_many_lines", _("These are %(given)s people, and %(most)s is the most.")
    SAME_PSEUDONYM = (
        "same_pseudonym",
        _("The pseudonym %(given)r stands there twice; give each person one of their own."),
    )
    TOO_LONG = "line_too_long", _("%(given)r is longer than %(most)s signs; write it shorter.")
    AN_ADDRESS = (
        "an_address",
        _("%(given)r is an address of somebody: a pseudonym names nobody. Addresses stand apart."),
    )
    NAMELESS = "nameless", _("Give the list a name.")
    SAME_NAME = "same_list", _("There is a list %(given)r already; choose another name.")
    KIND = "list_kind", _("%(given)r is no kind of link here; use one of %(known)s.")


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a list: a pseudonym, and a note for those who make the list."""

    pseudonym: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class ListDraft:
    """A list of links, one for each line."""

    name: str
    lines: tuple[Line, ...]
    kind: str = "single_use"


def numbered(count: int, *, prefix: str = "P") -> tuple[Line, ...]:
    """So many people with pseudonyms such as P001, all of one length."""
    digits = max(3, len(str(count)))
    return tuple(Line(f"{prefix}{number:0{digits}}") for number in range(1, count + 1))


def read_lines(text: str) -> tuple[Line, ...]:
    """One person a line: a pseudonym, then a label if there is one, as a spreadsheet writes it.

    Cells are parted by a comma, a semicolon or a tabulator, whichever stands most often in it. A
    first line that only names columns is left out.
    """
    parted_by = max(",;\t", key=text.count)
    rows = [
        [cell.strip() for cell in row]
        for row in csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=parted_by)
    ]
    lines = [Line(row[0], row[1] if len(row) > 1 else "") for row in rows if row and any(row)]
    if lines and lines[0].pseudonym.lower() in _HEADERS:
        del lines[0]
    return tuple(lines)


def list_problems(draft: ListDraft, known: Sequence[str]) -> list[Problem]:
    """Everything that is wrong with a list; `known` are the names of those that there are."""
    return [*_of_the_list(draft, known), *_of_lines(draft.lines)]


def _of_the_list(draft: ListDraft, known: Sequence[str]) -> Iterator[Problem]:
    if not draft.name:
        yield Problem("name", ListMistake.NAMELESS)
    elif draft.name in known:
        yield Problem("name", ListMistake.SAME_NAME, {"given": draft.name})
    if len(draft.name) > LONGEST_NAME:
        yield _too_long("name", draft.name, LONGEST_NAME)
    if draft.kind not in KINDS:
        about = {"given": draft.kind, "known": ", ".join(KINDS)}
        yield Problem("kind", ListMistake.KIND, about)
    if not draft.lines:
        yield Problem("lines", ListMistake.EMPTY)
    if len(draft.lines) > MOST_LINES:
        about_lines = {"given": len(draft.lines), "most": MOST_LINES}
        yield Problem("lines", ListMistake.TOO_MANY, about_lines)


def _of_lines(lines: Sequence[Line]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        where = f"lines[{number}]"
        if not line.pseudonym:
            yield Problem(where, ListMistake.EMPTY)
        elif line.pseudonym in seen:
            yield Problem(where, ListMistake.SAME_PSEUDONYM, {"given": line.pseudonym})
        elif "@" in line.pseudonym:
            yield Problem(where, ListMistake.AN_ADDRESS, {"given": line.pseudonym})
        if len(line.pseudonym) > LONGEST_PSEUDONYM:
            yield _too_long(where, line.pseudonym, LONGEST_PSEUDONYM)
        if len(line.label) > LONGEST_LABEL:
            yield _too_long(where, line.label, LONGEST_LABEL)
        seen.add(line.pseudonym)


def _too_long(where: str, given: str, most: int) -> Problem:
    return Problem(where, ListMistake.TOO_LONG, {"given": f"{given[:40]}…", "most": most})
