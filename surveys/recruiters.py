"""Recruiters, the suppliers of people: how each names the person in the address that it opens.

No Django. (A panel is a panel of models, and nothing else.)
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recruiter:
    """`parameter` carries the person's id; `query` is what to append where it is asked for.

    A recruiter without a `query` appends the parameter by itself.
    """

    key: str
    name: str
    parameter: str
    query: str = ""


RECRUITERS = {
    one.key: one
    for one in (
        Recruiter("prolific", "Prolific", "PROLIFIC_PID", "?PROLIFIC_PID={{%PROLIFIC_PID%}}"),
        Recruiter("connect", "CloudResearch Connect", "participantId"),
        Recruiter("mturk", "Amazon Mechanical Turk", "workerId"),
        Recruiter("sona", "SONA", "survey_code", "?survey_code=%SURVEY_CODE%"),
    )
}

# Any other source of people may put an id of its own into the address.
OTHER_RECRUITER = Recruiter("", "None", "id")


def recruiter_named(key: str) -> Recruiter:
    """The recruiter with this key; one that uses the parameter ``id`` if the key is not known."""
    return RECRUITERS.get(key, OTHER_RECRUITER)
