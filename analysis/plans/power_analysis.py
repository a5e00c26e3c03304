"""Power of a plan as a job: simulated studies, fitted and scored like real ones."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from analysis.compare.json_codec import from_plain, to_plain
from analysis.compare.plan import Plan
from analysis.models import POWER
from analysis.plans.expectations import Assumptions, expectations
from surveys.checksums import sha256_of
from surveys.jobs.queue import join_or_start
from surveys.jobs.watch import NOBODY, Conduct, Watch
from surveys.jobs.work import job_here
from surveys.models import Job, Study
from surveys.roles import Act
from surveys.services.audit import Actor, require

if TYPE_CHECKING:
    from analysis.compare.power import Power


def analyse_power(
    *,
    study: Study,
    plan: Plan,
    assumed: Assumptions,
    studies: int,
    seed: int = 1,
    conduct: Conduct | None = None,
    queued_by: Mapping[str, Any] = NOBODY,
) -> "Power":
    """Draw `studies` studies from what is expected, and see how often each sign is decided.

    Raises `PlanError` for expectations that do not fit the plan, or that are impossible.
    """
    expectations(plan, assumed)
    given = parameters(plan, assumed, studies, seed)
    with job_here(
        POWER,
        study=study,
        subject=_subject(given),
        parameters=given,
        queued_by=queued_by,
        conduct=conduct,
    ) as watch:
        power = _simulate(watch)
        watch.result = to_plain(power)
    return power


def start_power(*, study: Study, given: dict[str, Any], by: Actor) -> Job:
    """Let a worker analyse the power of a plan; `given` is what `parameters` returned."""
    require(by=by, study=study, act=Act.ANALYSE)
    return join_or_start(
        POWER, study=study, subject=_subject(given), parameters=given, queued_by=by.as_json()
    )


def latest_power(study: Study, given: dict[str, Any]) -> Job | None:
    """The latest job that did, does or is to do the very same analysis."""
    return Job.objects.filter(kind=POWER, study=study, subject=_subject(given)).first()


def parameters(plan: Plan, assumed: Assumptions, studies: int, seed: int = 1) -> dict[str, Any]:
    """Everything that the result depends on, as plain values."""
    return {
        "plan": to_plain(plan),
        "assumed": to_plain(assumed),
        "studies": studies,
        "seed": seed,
    }


def carry_out_power(watch: Watch) -> dict[str, Any]:
    """Analyse the power that a job is about; the result as plain values."""
    plain: dict[str, Any] = to_plain(_simulate(watch))
    return plain


def _simulate(watch: Watch) -> "Power":
    from analysis.compare.parallel import Work
    from analysis.compare.power import plan_power

    given = watch.job.parameters
    plan = from_plain(Plan, given["plan"])
    return plan_power(
        plan,
        expectations(plan, from_plain(Assumptions, given["assumed"])),
        studies=given["studies"],
        seed=given["seed"],
        work=Work(watch.conduct.processes, watch.told("simulating"), watch.cancelled),
    )


def _subject(given: dict[str, Any]) -> str:
    """The same expectations are the same analysis, whoever asks."""
    return f"power:{sha256_of(given)}"
