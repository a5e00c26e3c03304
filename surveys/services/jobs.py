"""What a member of a study can tell a job."""

from django.db import transaction

from surveys.jobs.queue import stop_job
from surveys.models import Action, Job
from surveys.services.audit import Actor, record


@transaction.atomic
def cancel_job(*, job: Job, by: Actor) -> bool:
    """Stop a job; False if it is over already. See `surveys.jobs.queue.stop_job`."""
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
