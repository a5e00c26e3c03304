"""What a member of a study can tell a job."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from surveys.jobs.kinds import kind_named
from surveys.jobs.queue import stop_job
from surveys.models import Action, Job
from surveys.roles import Act
from surveys.selectors import role_in
from surveys.services.access.refusals import require_role
from surveys.services.audit import Actor, record, require


def act_of_job(job: Job) -> Act:
    """What stopping a job and taking its file needs: more where ids of recruiters are in it."""
    has_ids = bool(job.parameters.get("recruiter_ids"))
    return Act.IDENTITIES if has_ids else kind_named(job.kind).act


@transaction.atomic
def cancel_job(*, job: Job, by: Actor) -> bool:
    """Stop a job; False if it is over already. See `surveys.jobs.queue.stop_job`.

    Raises `RoleNeeded` for whoever could not have begun it.
    """
    if job.study is not None:
        require(by=by, study=job.study, act=act_of_job(job))
    stopped = stop_job(job=job, user_id=by.user_id)
    if stopped:
        record(
            by=by,
            action=Action.JOB_CANCELLED,
            subject=job,
            study=job.study,
            label=job.kind,
            after={"status": job.status},
        )
    return stopped


def require_file(*, job: Job, user: AbstractBaseUser | AnonymousUser) -> None:
    """Raise `RoleNeeded` unless the user may take the file that a job left."""
    if job.study is not None:
        require_role(role_in(job.study, user), act_of_job(job))
