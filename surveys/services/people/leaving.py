"""The way out of somebody who has ended: what they are shown, and where they may go."""

import os
from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from surveys.models import Administration, RecruitingLink
from surveys.recruiters import Arrival, Destination, Leaver, Outcome, destination

SECRET_PREFIX = "RECRUITER_SECRET_"  # noqa: S105 - the beginning of a variable's name


@dataclass(frozen=True, slots=True)
class Leaving:
    """The code that is shown, empty for none; where the recruiter waits, and how to get there."""

    code: str = ""
    destination: Destination | None = None
    at_once: bool = False


def recruiter_secret(link: RecruitingLink) -> str:
    """The recruiter's secret as the operator keeps it; empty where there is none."""
    return os.environ.get(SECRET_PREFIX + link.secret_name, "") if link.secret_name else ""


def leaving(*, administration: Administration) -> Leaving:
    """How somebody leaves. The link's code of the outcome stands before a code of their own."""
    link = administration.respondent.link
    if link is None or not administration.outcome:
        return Leaving(administration.completion_code)
    outcome = Outcome(administration.outcome)
    exits = link.ways_out
    leaver = leaver_of(administration=administration)
    to = destination(link.sender, outcome, exits, leaver)
    return Leaving(leaver.code, to, at_once=link.returns_at_once and to is not None)


def turned_away(*, link: RecruitingLink, arrival: Arrival, outcome: Outcome) -> Leaving:
    """How somebody leaves of whom nothing is stored: sent back before they could begin."""
    values = dict(arrival.parameters)
    if arrival.recruiter_id:
        values[link.sender.parameter] = arrival.recruiter_id
    exits = link.ways_out
    code = exits[outcome].code if outcome in exits else ""
    leaver = Leaver(arrival.recruiter_id, values, code, recruiter_secret(link))
    return Leaving(code, destination(link.sender, outcome, exits, leaver))


def leave_computer(*, administration: Administration) -> None:
    """Let the address of a questionnaire that ended lead nowhere: others use the same computer.

    Whoever wants to withdraw later does so with the code, through the researchers.
    """
    Administration.objects.filter(pk=administration.pk).exclude(
        status=Administration.Status.IN_PROGRESS
    ).update(token=left_as(administration.token))


def left_as(token: str) -> str:
    """The token of a questionnaire whose address was let go: nobody can work it out without the
    site's secret, and with it a form that began a questionnaire is known when it is sent again.
    """
    return salted_hmac("surveys.left", token, algorithm="sha256").hexdigest()[:32]


def leaver_of(*, administration: Administration) -> Leaver:
    """Whoever ended through a link, as their recruiter knows them."""
    respondent = administration.respondent
    link = respondent.link
    assert link is not None
    beside = getattr(respondent, "recruiter_parameters", None)
    values = dict(beside.values) if beside else {}
    if respondent.recruiter_id:
        values[link.sender.parameter] = respondent.recruiter_id
    one = link.ways_out.get(Outcome(administration.outcome)) if administration.outcome else None
    code = (one.code if one else "") or administration.completion_code
    return Leaver(respondent.recruiter_id, values, code, recruiter_secret(link))
