"""Recruiting as a job: many sessions take longer to draw up than somebody waits for a page.

The panel is there at once with all of its sessions, or not at all: whatever becomes of a worker,
nobody sees half of one.
"""

from decimal import Decimal
from typing import Any

from llm_respondents import services
from llm_respondents.codes import Refusal
from llm_respondents.design.spec import PanelSpec
from llm_respondents.errors import PanelSpecError
from llm_respondents.models import Panel
from llm_respondents.services.recruiting.recruitment import DrawnPanel
from surveys.jobs.queue import start_job
from surveys.jobs.watch import Conduct, Watch
from surveys.jobs.work import job_here
from surveys.models import Job, Study
from surveys.roles import Act
from surveys.services.audit import Actor, job_actor, require

RECRUITING = "recruiting"
# Half a second at two milliseconds for each session; more of them are drawn up by a worker.
AT_ONCE = 250


def recruit_or_queue(
    *, study: Study, spec: PanelSpec, by: Actor, key: str = "", cap: Decimal | None = None
) -> Panel | Job:
    """Recruit a panel, or let a worker do it where there are many sessions; `cap` is its spend cap.

    Raises as `recruit_panel` does, for a worker as far as that is known before.
    """
    require(by=by, study=study, act=Act.PANELS)
    if services.sessions_to_recruit(study, spec) <= AT_ONCE:
        panel = services.recruit_panel(study=study, spec=spec, by=by, key=key)
        if cap is not None:
            services.cap_spend(panel=panel, cap=cap, by=by)
        return panel
    services.require_recruitable(study=study, spec=spec, key=key)
    return start_job(
        RECRUITING,
        study=study,
        subject=subject_of(study),
        parameters={"spec": spec.as_json(), "key": key, "cap": None if cap is None else str(cap)},
        queued_by=by.as_json(),
    )


def subject_of(study: Study) -> str:
    """What such a job is about: there is no panel yet."""
    return f"recruiting:{study.pk}"


def recruit_here(*, study: Study, spec: PanelSpec, by: Actor, key: str, conduct: Conduct) -> Panel:
    """Recruit a panel in this process, under a job that pages show and others can cancel."""
    with job_here(
        RECRUITING,
        study=study,
        subject=subject_of(study),
        queued_by=by.as_json(),
        conduct=conduct,
    ) as watch:
        panel = _recruited(watch, study, spec, by, key, None)
        watch.result = {"panel": panel.pk}
    return panel


def carry_out_recruiting(watch: Watch) -> dict[str, Any]:
    """Recruit the panel of a job, unless a worker that died over it had done so."""
    asked, study = watch.job.parameters, watch.job.study
    if watch.job.result:
        return dict(watch.job.result)
    assert study is not None
    cap = None if asked["cap"] is None else Decimal(asked["cap"])
    spec, by = PanelSpec.from_stored(asked["spec"]), job_actor(watch.job.queued_by)
    return {"panel": _recruited(watch, study, spec, by, asked["key"], cap).pk}


def _recruited(
    watch: Watch, study: Study, spec: PanelSpec, by: Actor, key: str, cap: Decimal | None
) -> Panel:
    tell = watch.told("sessions")

    def look(done: int, total: int) -> None:
        tell(done, total)
        watch.check()

    while True:
        drawn = services.draw_panel(study=study, spec=spec, by=by, key=key, progress=look)
        watch.enter("storing")
        try:
            return _stored(watch, drawn, by, cap)
        except PanelSpecError as error:
            # Another panel of the same model was stored meanwhile under the key found for this one,
            # by which its sessions were dealt out to conditions: they are drawn up anew.
            if key or error.code != Refusal.GROUP_KEY_TAKEN.value:
                raise


def _stored(watch: Watch, drawn: DrawnPanel, by: Actor, cap: Decimal | None) -> Panel:
    with watch.storing():
        panel = services.store_panel(drawn=drawn, by=by)
        if cap is not None:
            services.cap_spend(panel=panel, cap=cap, by=by)
        watch.keep({"panel": panel.pk})
    return panel
