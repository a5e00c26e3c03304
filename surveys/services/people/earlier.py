"""Earlier participants: whoever took part in certain studies is not let into another.

They are known by the recruiter's id, as far as the recruiter gives a person the same one again.
Where an id was deleted at the end of a retention, a keyed hash can know it again, if the study had
said so.
"""

from collections.abc import Sequence

from django.utils.crypto import salted_hmac

from surveys.models import Administration, EarlierId, Kind, RecruitingLink, Respondent, Study
from surveys.recruiters import recruiter_named


def took_part_before(*, link: RecruitingLink, recruiter_id: str) -> bool:
    """Whether somebody under this id took part in a study whose people the link does not ask again.

    Took part is whoever agreed there, whatever became of it. Rehearsals and tests are nobody.
    """
    studies = link.not_again
    if not studies or not recruiter_id:
        return False
    people = Respondent.objects.filter(
        study__slug__in=studies,
        kind=Kind.HUMAN,
        simulated=False,
        recruiter=link.recruiter,
        recruiter_id=recruiter_id,
    ).exclude(administration__status=Administration.Status.DECLINED)
    digest = digest_of(recruiter=link.recruiter, recruiter_id=recruiter_id)
    hashed = EarlierId.objects.filter(study__slug__in=studies, digest=digest)
    return people.exists() or hashed.exists()


def digest_of(*, recruiter: str, recruiter_id: str) -> str:
    """A hash of an id that nobody can work out without this site's secret."""
    content = f"{recruiter}:{recruiter_id}"
    return salted_hmac("surveys.earlier_id", content, algorithm="sha256").hexdigest()


def keep_hashes(*, study: Study, people: Sequence[Respondent]) -> int:
    """Keep a keyed hash of the ids of those who took part, before they are deleted; how many.

    Not of short ids, which could all be tried, and not of whoever withdrew.
    """
    if not study.hashes_kept:
        return 0
    gone = {Administration.Status.DECLINED, Administration.Status.WITHDRAWN}
    rows = [
        EarlierId(
            study=study,
            digest=digest_of(recruiter=one.recruiter, recruiter_id=one.recruiter_id),
        )
        for one in people
        if recruiter_named(one.recruiter).is_unguessable(one.recruiter_id)
        and one.administration.status not in gone
        and not one.simulated
    ]
    EarlierId.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
