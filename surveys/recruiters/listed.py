"""The recruiters that are known by name, one record each."""

import re
from collections.abc import Sequence
from dataclasses import replace

from surveys.recruiters.recruiter import Outcome, Recruiter, Submission
from surveys.recruiters.signatures import Signing

_PROLIFIC_BACK = "https://app.prolific.com/submissions/complete?cc={code}"
_ENDED_BY_THE_STUDY = frozenset(Outcome) - {Outcome.WITHDREW}

RECRUITERS = {
    one.key: one
    for one in (
        Recruiter(
            "prolific",
            "Prolific",
            "PROLIFIC_PID",
            "?PROLIFIC_PID={{%PROLIFIC_PID%}}&STUDY_ID={{%STUDY_ID%}}&SESSION_ID={{%SESSION_ID%}}",
            others=("STUDY_ID", "SESSION_ID"),
            unguessable=re.compile(r"[0-9a-f]{24}"),
            case="lower",
            back=dict.fromkeys(Outcome, _PROLIFIC_BACK),
            hosts=("app.prolific.com", "app.prolific.co"),
            expects=_ENDED_BY_THE_STUDY,
            signing=Signing(
                "prolific_token",
                "https://api.prolific.com/.well-known/study/jwks.json",
                issuer="https://www.prolific.com",
                claim="prolific",
            ),
        ),
        Recruiter(
            "connect",
            "CloudResearch Connect",
            "participantId",
            others=("assignmentId", "projectId"),
            unguessable=re.compile(r"[0-9A-Za-z]{24,}"),
            # Whoever did not complete goes back by an address of the project's own.
            back={
                Outcome.COMPLETE: (
                    "https://connect.cloudresearch.com/participant/project/{code}/complete"
                )
            },
            hosts=("connect.cloudresearch.com",),
            expects=frozenset({Outcome.COMPLETE}),
        ),
        Recruiter(
            "mturk",
            "Amazon Mechanical Turk",
            "workerId",
            others=("assignmentId", "hitId", "turkSubmitTo"),
            unguessable=re.compile(r"A[0-9A-Z]{11,}"),
            case="upper",
            preview=("assignmentId", "ASSIGNMENT_ID_NOT_AVAILABLE"),
            expects=frozenset({Outcome.COMPLETE}),
            submission=Submission(
                "turkSubmitTo",
                ("https://www.mturk.com", "https://workersandbox.mturk.com"),
                "/mturk/externalSubmit",
                ("assignmentId",),
            ),
            framed_by=("https://*.mturk.com",),
        ),
        # Numbers of two to seven digits: anybody can try them all.
        Recruiter(
            "sona",
            "SONA",
            "survey_code",
            "?survey_code=%SURVEY_CODE%",
            hosts=("*.sona-systems.com",),
            expects=frozenset({Outcome.COMPLETE}),
            credits=True,
        ),
        Recruiter(
            "panel",
            "Panel company (Bilendi, Cint and others)",
            "id",
            unguessable=re.compile(r"[0-9A-Za-z-]{24,}"),
            expects=_ENDED_BY_THE_STUDY - {Outcome.TIMED_OUT},
            names_parameters=True,
        ),
    )
}

# Any other source of people may put an id of its own into the address, or none.
OTHER_RECRUITER = Recruiter("", "None", "id", optional=True)


def recruiter_named(key: str) -> Recruiter:
    """The recruiter with this key; one that uses the parameter ``id`` if the key is not known."""
    return RECRUITERS.get(key, OTHER_RECRUITER)


def recruiter_of(key: str, parameter: str = "", others: Sequence[str] = ()) -> Recruiter:
    """The recruiter of a link, with the parameters that the link names where it may name them."""
    recruiter = recruiter_named(key)
    if not recruiter.names_parameters:
        return recruiter
    return replace(recruiter, parameter=parameter or recruiter.parameter, others=tuple(others))
