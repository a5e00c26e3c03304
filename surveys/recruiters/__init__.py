"""Recruiters, the suppliers of people: how each sends somebody here and is sent them back.

Pure. (A panel is a panel of models, and nothing else; a company with a panel is a recruiter.)
"""

from surveys.recruiters.arrivals import (
    LONGEST_ID,
    LONGEST_PARAMETER,
    AddressFault,
    Arrival,
    BadAddress,
    read_arrival,
    same_id,
)
from surveys.recruiters.exits import (
    Destination,
    Exit,
    ExitFault,
    Leaver,
    address_problem,
    credit_address,
    destination,
    read_exits,
    redirect_origins,
    written_exits,
)
from surveys.recruiters.listed import OTHER_RECRUITER, RECRUITERS, recruiter_named, recruiter_of
from surveys.recruiters.recruiter import Outcome, Recruiter, Submission
from surveys.recruiters.refusals import RecruitingRefused
from surveys.recruiters.terms import LinkTerms, terms_problems

__all__ = (
    "LONGEST_ID",
    "LONGEST_PARAMETER",
    "OTHER_RECRUITER",
    "RECRUITERS",
    "AddressFault",
    "Arrival",
    "BadAddress",
    "Destination",
    "Exit",
    "ExitFault",
    "Leaver",
    "LinkTerms",
    "Outcome",
    "Recruiter",
    "RecruitingRefused",
    "Submission",
    "address_problem",
    "credit_address",
    "destination",
    "read_arrival",
    "read_exits",
    "recruiter_named",
    "recruiter_of",
    "redirect_origins",
    "same_id",
    "terms_problems",
    "written_exits",
)
