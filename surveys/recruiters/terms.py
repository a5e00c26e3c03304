"""What a link agrees with its recruiter: exits, parameters, when somebody has failed or is late."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from surveys.codes import Problem, SentenceCode
from surveys.codes import marked as _
from surveys.recruiters.exits import LONGEST_CODE, Exit, ExitFault, address_problem
from surveys.recruiters.listed import recruiter_named, recruiter_of
from surveys.recruiters.recruiter import Outcome

_NAME = re.compile(r"[A-Za-z][\w.-]{0,39}")
_SECRET_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
# Names that an address of ours has for itself, or that stand for something else in an exit.
_TAKEN = frozenset({"language", "test", "code", "secret", "hmac_sha1", "hmac_sha256"})
# As long as the column can hold, and about two years.
_MOST_MINUTES = 1_000_000
_MOST_CHECKS = 100
MOST_PEOPLE = 10_000_000


class TermMistake(SentenceCode):
    """What is wrong with the terms of a link."""

    PARAMETER = (
        "parameter",
        _("%(name)r cannot be a parameter: letters, digits, _ . -, and none of %(taken)s."),
    )
    REPEATED = "repeated", _("The parameter %(name)r is named twice.")
    SECRET_NAME = (
        "secret_name",
        _(
            "Write the name in capitals, digits and _, as the operator has it after "
            "RECRUITER_SECRET_."
        ),
    )
    NUMBER = "number", _("Give a whole number from 1 to %(most)s, or nothing.")
    CLOSES_FIRST = "closes_first", _("The link closes before it opens; turn the two round.")
    UNKNOWN_STUDY = (
        "unknown_study",
        _("There is no study %(given)s of yours; choose among your own studies."),
    )
    NO_IDS = (
        "no_ids",
        _(
            "This recruiter gives no ids, or gives each person another one every time: nobody can "
            "be known again by them."
        ),
    )
    SHARED_WITH_IDS = (
        "shared_with_ids",
        _(
            "This link needs an id in its address, so that the next person cannot begin at the "
            "same computer; leave it out."
        ),
    )
    UNTOLD = (
        "untold",
        _(
            "The program has no words in %(language)s to tell people of it. Ask for it in the "
            "study’s settings, with words of your own (paradata_told)."
        ),
    )
    NO_SIGNATURES = (
        "no_signatures",
        _("This recruiter signs no addresses: nobody could begin here. Leave it out."),
    )
    NO_CREDIT = "no_credit", _("This recruiter gives no credit to a server; leave it empty.")


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """Everything that can be agreed of one link beside its name and its recruiter."""

    exits: Mapping[Outcome, Exit] = field(default_factory=dict)
    # How the operator's environment calls the recruiter's secret.
    secret_name: str = ""
    returns_at_once: bool = False
    # From how many failed checks on somebody counts as one who failed; None: never.
    checks_to_fail: int | None = None
    # How many minutes somebody may take; None: any.
    minutes_allowed: int | None = None
    # The parameters of a recruiter that has none of its own.
    id_parameter: str = ""
    other_parameters: tuple[str, ...] = ()
    # Whether people take part one after the other at one computer.
    shared_computer: bool = False
    # Whether browsers are asked for a proof of work before somebody begins here.
    proof_of_work: bool = False
    # Whether nobody begins here whose address the recruiter did not sign.
    signed_only: bool = False
    # From when and until when people can begin, and how many; None: no bound.
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    most_people: int | None = None
    # The short names of studies whose people do not come in again.
    not_again: tuple[str, ...] = ()


def terms_problems(recruiter: str, terms: LinkTerms, allowed: Sequence[str]) -> list[Problem]:
    """Everything that is wrong with the terms of a link of this recruiter; empty if nothing is."""
    return [
        *_of_parameters(terms),
        *_of_exits(recruiter, terms, allowed),
        *_of_numbers(terms),
        *_of_bounds(recruiter, terms),
    ]


def _of_parameters(terms: LinkTerms) -> Iterator[Problem]:
    seen: set[str] = set()
    for name in filter(None, (terms.id_parameter, *terms.other_parameters)):
        where = "id_parameter" if name == terms.id_parameter else "other_parameters"
        if not _NAME.fullmatch(name) or name in _TAKEN:
            taken = ", ".join(sorted(_TAKEN))
            yield Problem(where, TermMistake.PARAMETER, {"name": name, "taken": taken})
        if name in seen:
            yield Problem("other_parameters", TermMistake.REPEATED, {"name": name})
        seen.add(name)
    if terms.secret_name and not _SECRET_NAME.fullmatch(terms.secret_name):
        yield Problem("secret_name", TermMistake.SECRET_NAME)


def _of_exits(recruiter_key: str, terms: LinkTerms, allowed: Sequence[str]) -> Iterator[Problem]:
    recruiter = recruiter_of(recruiter_key, terms.id_parameter, terms.other_parameters)
    for outcome, one in terms.exits.items():
        if len(one.code) > LONGEST_CODE:
            yield Problem(f"{outcome}.code", ExitFault.TOO_LONG, {"most": LONGEST_CODE})
        if one.credit and not recruiter.credits:
            yield Problem(f"{outcome}.credit", TermMistake.NO_CREDIT)
        for part, address in (("address", one.address), ("credit", one.credit)):
            where = f"{outcome}.{part}"
            by_server = part == "credit"
            if address and (
                problem := address_problem(where, recruiter, address, allowed, by_server=by_server)
            ):
                yield problem


def _of_numbers(terms: LinkTerms) -> Iterator[Problem]:
    bounds = (
        ("checks_to_fail", _MOST_CHECKS),
        ("minutes_allowed", _MOST_MINUTES),
        ("most_people", MOST_PEOPLE),
    )
    for name, most in bounds:
        given = getattr(terms, name)
        if given is not None and not 1 <= given <= most:
            yield Problem(name, TermMistake.NUMBER, {"most": most})


def _of_bounds(recruiter: str, terms: LinkTerms) -> Iterator[Problem]:
    if terms.opens_at and terms.closes_at and terms.closes_at <= terms.opens_at:
        yield Problem("closes_at", TermMistake.CLOSES_FIRST)
    if terms.shared_computer and not recruiter_named(recruiter).optional:
        yield Problem("shared_computer", TermMistake.SHARED_WITH_IDS)
    if terms.signed_only and recruiter_named(recruiter).signing is None:
        yield Problem("signed_only", TermMistake.NO_SIGNATURES)
    if terms.not_again and not recruiter_named(recruiter).knows_again:
        yield Problem("not_again", TermMistake.NO_IDS)
