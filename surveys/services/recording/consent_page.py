"""The page on which somebody agreed, kept where it asked for a proof of work."""

from dataclasses import replace

from surveys.models import Administration, Submission, SubmissionDoor
from surveys.paradata.visits import Visit
from surveys.rows import insert_instances
from surveys.services.people.leaving import left_as

_KEY = "consent"


def record_consent_page(*, administration: Administration, visit: Visit) -> None:
    """Store the page before the first as a submission: it goes with the answers on withdrawal.

    A form begins one passage, by its token; where a shared computer let go of that token, the same
    form has been sent before, and its proof of work is used up.
    """
    if _was_sent_before(administration):
        visit = replace(visit, work="wrong", work_ms=None)
    page = Submission(
        administration=administration,
        idempotency_key=_KEY,
        door=SubmissionDoor.PAGE,
        page=visit.page,
        elapsed_ms=visit.elapsed_ms,
        answers=visit.answers,
        paradata=visit.as_json(),
    )
    insert_instances([page])


def _was_sent_before(administration: Administration) -> bool:
    link = administration.respondent.link
    if link is None or not link.shared_computer:
        return False
    return Administration.objects.filter(token=left_as(administration.token)).exists()
