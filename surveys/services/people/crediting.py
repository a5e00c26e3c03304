"""Credit at a recruiter that takes it from a server: asked for once a person, until it is said.

A row waits from the moment that somebody hands in, whatever becomes of their browser. Whoever
tries claims the row first, so that of several workers one calls. A refusal is an answer; a silence
is not.
"""

import logging
import re
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from surveys.jobs.queue import start_job
from surveys.jobs.watch import Watch
from surveys.models import Administration, Credit, Job, RecruitingLink
from surveys.recruiters import Leaver, Outcome, credit_address
from surveys.services.people.leaving import leaver_of

logger = logging.getLogger(__name__)

JOB = "credits"
# Seconds after each try; the last holds for all that follow.
PAUSES = (2, 10, 60, 600)
# With the pauses about two days: a school's system that is down over a weekend's night is back.
MOST_TRIES = 300
# A job waits so long for the next try; for what comes later it does not hold up its worker.
LONGEST_WAIT = 60.0
CALL_SECONDS = 15.0

_GRANTED = re.compile(r"<(?:\w+:)?credit_status>\s*G\s*<")
Fetch = Callable[[str], tuple[int, str]]


def ask_for_credit(*, administration: Administration) -> None:
    """Let credit wait to be asked for, if the link of somebody who completed says where.

    Nobody is given credit for a rehearsal.
    """
    link = administration.respondent.link
    simulated = administration.respondent.simulated
    if link is None or simulated or administration.outcome != Outcome.COMPLETE:
        return
    one = link.ways_out.get(Outcome.COMPLETE)
    if one is None or not one.credit:
        return
    Credit.objects.create(administration=administration, next_try_at=timezone.now())
    transaction.on_commit(lambda: wake(link=link))


def wake(*, link: RecruitingLink) -> None:
    """Let a worker ask for all credit of a link that waits.

    A job that runs may have looked for the last time: only one that has not begun is joined.
    """
    subject = f"link {link.pk}"
    waiting = Job.objects.filter(kind=JOB, subject=subject, status=Job.Status.WAITING)
    if not waiting.filter(study=link.study).exists():
        start_job(JOB, study=link.study, subject=subject, parameters={"link": link.pk})


def carry_out_credits(watch: Watch) -> dict[str, Any]:
    """The job: ask for the credit that waits at a link, again after pauses that grow."""
    link = watch.job.parameters["link"]
    while True:
        watch.check()
        send_due_credits(link=link)
        waiting = Credit.objects.filter(_of(link), state=Credit.State.WAITING)
        following = waiting.order_by("next_try_at").values_list("next_try_at", flat=True).first()
        pause = (following - timezone.now()).total_seconds() if following else LONGEST_WAIT + 1
        if pause > LONGEST_WAIT:
            return {"waiting": waiting.count()}
        time.sleep(min(max(pause, 0), 1.0))


def send_due_credits(*, link: int, fetch: Fetch | None = None) -> int:
    """Ask once for each credit of a link whose time has come; returns how many were asked for."""
    due = Credit.objects.filter(
        _of(link), state=Credit.State.WAITING, next_try_at__lte=timezone.now()
    )
    asked = 0
    for credit in due.select_related("administration__respondent__link"):
        pause = timedelta(seconds=PAUSES[min(credit.tries, len(PAUSES) - 1)])
        claimed = Credit.objects.filter(
            pk=credit.pk, state=Credit.State.WAITING, tries=credit.tries
        ).update(tries=F("tries") + 1, next_try_at=timezone.now() + pause)
        if claimed:
            _ask(credit, fetch or _fetched)
            asked += 1
    return asked


def _of(link: int) -> Q:
    return Q(administration__respondent__link=link)


def _ask(credit: Credit, fetch: Fetch) -> None:
    administration = credit.administration
    link = administration.respondent.link
    assert link is not None
    leaver = leaver_of(administration=administration)
    one = link.ways_out.get(Outcome.COMPLETE)
    address = credit_address(one, leaver) if one else ""
    tries = credit.tries + 1
    if not address:
        state, said = str(Credit.State.WAITING), "the address cannot be filled in"
    else:
        state, said = _answered(address, fetch)
    if state == Credit.State.WAITING and tries >= MOST_TRIES:
        state = Credit.State.GIVEN_UP
    Credit.objects.filter(pk=credit.pk).update(state=state, said=_without(said, leaver))
    logger.info("Credit %s of link %s: %s after %s tries.", credit.pk, link.pk, state, tries)


def _answered(address: str, fetch: Fetch) -> tuple[str, str]:
    status, text = fetch(address)
    if status >= 500 or status in {0, 429}:
        return Credit.State.WAITING, f"HTTP {status}" if status else text
    if status == 200 and _GRANTED.search(text):
        return Credit.State.GRANTED, ""
    words = " ".join(re.sub(r"<[^>]*>", " ", text).split())
    return Credit.State.REFUSED, f"HTTP {status} {words}"


def _without(said: str, leaver: Leaver) -> str:
    for hidden in (leaver.recruiter_id, leaver.secret):
        if hidden:
            said = said.replace(hidden, "…")
    return said[:200]


def _fetched(address: str) -> tuple[int, str]:
    """Status and text; status 0 and what went wrong where nobody answered."""
    # Only a worker calls: every other start of the program does without the client.
    import httpx2

    try:
        reply = httpx2.get(address, timeout=CALL_SECONDS, follow_redirects=False)
    except httpx2.HTTPError as error:
        return 0, type(error).__name__
    return reply.status_code, reply.text
