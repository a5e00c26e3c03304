"""Rows that no reader counts or shows: of whoever tried the pages, and of imports under way."""

from django.db.models import QuerySet

from surveys.models import Respondent, RespondentGroup, Study

TESTS = "tests"
_STAGED = "import-"


def tests_of(study: Study) -> QuerySet[Respondent]:
    """Everybody who only tried the pages of a study."""
    return Respondent.with_tests.filter(study=study, test=True, group__key=TESTS)


def staged_groups(
    *, study: Study | None = None, job: int | None = None
) -> QuerySet[RespondentGroup]:
    """The groups at which rows of imports hang until all of an import are there."""
    key = _STAGED if job is None else staged_key(job, "")
    rows = RespondentGroup.with_tests.filter(test=True, key__startswith=key)
    return rows if study is None else rows.filter(study=study)


def staged_key(job: int, place: int | str) -> str:
    """What the group is called that an import's rows hang at, one for each group they are for."""
    return f"{_STAGED}{job}-{place}"


def job_of(group: RespondentGroup) -> int:
    """The job whose rows hang at a group."""
    return int(group.key.split("-")[1])
