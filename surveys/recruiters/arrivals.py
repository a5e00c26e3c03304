"""What a recruiter's address says of whoever opens it, and what can be wrong with it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from surveys.recruiters.listed import recruiter_named
from surveys.recruiters.recruiter import Recruiter

# As long as the columns in which they are kept.
LONGEST_ID = 120
LONGEST_PARAMETER = 300


class AddressFault(StrEnum):
    """Why nobody can be enrolled from an address as it is."""

    MISSING = "missing"
    MISSPELT = "misspelt"
    UNFILLED = "unfilled"
    UNREADABLE = "unreadable"
    PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who comes, as the recruiter's address says: the id, and what else it declares."""

    recruiter_id: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    # A member who only tries the pages.
    test: bool = False


class BadAddress(ValueError):
    """An address that is not as the recruiter makes it. `found` holds no person's id."""

    def __init__(self, fault: AddressFault, parameter: str, found: str = "") -> None:
        super().__init__(f"{parameter}: {fault.value}")
        self.fault = fault
        self.parameter = parameter
        self.found = found


# A name between signs of every recruiter's template language, or what a script prints for nothing.
_UNFILLED = re.compile(
    r"\{.*\}|\$\{.*\}|\$[A-Za-z_]\w*|\[.*\]|%\w*%|<.*>|undefined|null|ASSIGNMENT_ID_NOT_AVAILABLE",
    re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ufffd]")


def read_arrival(recruiter: Recruiter, given: Mapping[str, str]) -> Arrival:
    """Read what the recruiter declares of an address's parameters; anything else is left out.

    White space around a value, and inside an id, is none of it. Raises `BadAddress`: a placeholder
    that nobody filled in, an id that is missing or stands under another name, a preview.
    """
    values = {name: given[name].strip() for name in recruiter.declared if given.get(name)}
    if values.get(recruiter.preview[0]) == recruiter.preview[1]:
        raise BadAddress(AddressFault.PREVIEW, recruiter.preview[0])
    for name, value in values.items():
        _require_filled(recruiter, name, value)
    recruiter_id = same_id(recruiter.key, values.pop(recruiter.parameter, ""))
    if not recruiter_id and not recruiter.optional:
        raise _absent(recruiter, given)
    return Arrival(recruiter_id, values)


def _require_filled(recruiter: Recruiter, name: str, value: str) -> None:
    if _UNFILLED.fullmatch(value) or value in recruiter.declared:
        raise BadAddress(AddressFault.UNFILLED, name, value[:LONGEST_ID])
    longest = LONGEST_ID if name == recruiter.parameter else LONGEST_PARAMETER
    if len(value) > longest or _CONTROL.search(value):
        raise BadAddress(AddressFault.UNREADABLE, name)


def same_id(key: str, recruiter_id: str) -> str:
    """The one spelling of an id in which the recruiter named `key` has it stored and compared."""
    bare = "".join(recruiter_id.split())
    case = recruiter_named(key).case
    return {"lower": bare.lower(), "upper": bare.upper()}.get(case, bare)


def _absent(recruiter: Recruiter, given: Mapping[str, str]) -> BadAddress:
    unknown = [name for name in given if name not in recruiter.declared and given[name]]
    if near := _nearest(recruiter.parameter, unknown):
        return BadAddress(AddressFault.MISSPELT, recruiter.parameter, near[:LONGEST_ID])
    return BadAddress(AddressFault.MISSING, recruiter.parameter)


def _nearest(name: str, others: Iterable[str]) -> str:
    folded = {other.casefold().replace("-", "_"): other for other in others}
    near = get_close_matches(name.casefold(), folded, n=1, cutoff=0.7)
    return folded[near[0]] if near else ""
