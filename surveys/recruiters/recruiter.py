"""What is known of one recruiter: its parameters, its ids, and where it takes people back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from surveys.recruiters.signatures import Signing


class Outcome(StrEnum):
    """How somebody's part in a study ended. Recruiters pay, replace or ask again by it."""

    COMPLETE = "complete"
    DECLINED = "declined"
    SCREENED_OUT = "screened_out"
    QUOTA_FULL = "quota_full"
    FAILED_CHECK = "failed_check"
    TIMED_OUT = "timed_out"
    WITHDREW = "withdrew"


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that the person's browser posts to the recruiter: MTurk's way to end a task.

    `origin` is the parameter that names one of `origins`; nothing else it may say is followed.
    `fields` are the parameters that go along.
    """

    origin: str
    origins: tuple[str, ...]
    path: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recruiter:
    """`parameter` carries the person's id; `query` is what to append where it is asked for.

    A recruiter without a `query` appends the parameter by itself. `others` are stored beside the
    id. `unguessable` is the form of ids that are long and random: whoever knows one was told it.
    """

    key: str
    name: str
    parameter: str
    query: str = ""
    others: tuple[str, ...] = ()
    unguessable: re.Pattern[str] | None = None
    # How two spellings of one id are made the same: "lower", "upper", or "" where case counts.
    case: str = ""
    # Whether a person may come without an id.
    optional: bool = False
    # What stands in a parameter while somebody only looks at the study.
    preview: tuple[str, str] = ("", "")
    # Outcome -> address that takes people back; `{code}` is the link's code of that outcome.
    back: Mapping[Outcome, str] = field(default_factory=dict)
    # Hosts that people are sent back to, "*." for any below; empty where each link has its own.
    hosts: tuple[str, ...] = ()
    # Outcomes of which the recruiter knows nothing without a code or an address.
    expects: frozenset[Outcome] = frozenset()
    submission: Submission | None = None
    # Whether it gives credit when our server asks for it.
    credits: bool = False
    # Sites that show the study inside a page of theirs.
    framed_by: tuple[str, ...] = ()
    # How it signs the parameters of its addresses, where researchers ask it to.
    signing: Signing | None = None
    # Whether each link says for itself which parameters there are.
    names_parameters: bool = False

    @property
    def knows_again(self) -> bool:
        """Whether somebody comes to two studies with the same id: SONA gives one for each."""
        return bool(self.key) and not self.credits

    @property
    def declared(self) -> tuple[str, ...]:
        """Every parameter that is read of the address."""
        return (self.parameter, *self.others)

    def is_unguessable(self, recruiter_id: str) -> bool:
        """Whether this id is one of the long, random ones."""
        return bool(self.unguessable and self.unguessable.fullmatch(recruiter_id))
