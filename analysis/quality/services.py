"""Looking at the answers of a study as a job: what was found stays with it until the next look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from analysis.compare.json_codec import from_plain, to_plain
from analysis.models import QUALITY, AnalysisPlan
from analysis.plans.services import comparison_plan, exclusion_rules
from analysis.quality.looks import QualityLook, look_at
from analysis.runs.answers import AnswerSheet, answer_sheet
from analysis.runs.frames import left_out_rows
from analysis.runs.snapshot import StudySnapshot
from surveys.jobs.queue import join_or_start
from surveys.jobs.watch import NOBODY, Conduct, Watch
from surveys.jobs.work import job_here
from surveys.models import Administration, Job, Kind, Study
from surveys.roles import Act
from surveys.services.audit import Actor, require
from surveys.services.flagging.signals import raise_flags

# The form in which a look is kept; one that another version kept is not read.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Looked:
    """A look, and what the newest frozen plan would leave out: group -> rule -> how many.

    `plan` is its name, empty where none is frozen.
    """

    look: QualityLook
    plan: str = ""
    left_out: Mapping[str, Mapping[str, int]] | None = None


@dataclass(frozen=True, slots=True)
class LatestLook:
    """The latest look that was finished, and when; and the job under way or ended without one."""

    found: Looked | None
    at: datetime | None
    job: Job | None


def look_at_study(
    *, study: Study, conduct: Conduct | None = None, queued_by: Mapping[str, Any] = NOBODY
) -> Looked:
    """Look at the answers as they are now, and keep what was found."""
    with job_here(
        QUALITY, study=study, subject=_subject(study), conduct=conduct, queued_by=queued_by
    ) as watch:
        found = _look(watch, study)
        watch.result = _kept(found)
    return found


def start_look(*, study: Study, by: Actor) -> Job:
    """Let a worker look, unless one is at it already."""
    require(by=by, study=study, act=Act.ANALYSE)
    return join_or_start(
        QUALITY, study=study, subject=_subject(study), parameters={}, queued_by=by.as_json()
    )


def carry_out_look(watch: Watch) -> dict[str, Any]:
    """Look at the study that a job is about; what was found as plain values."""
    assert watch.job.study is not None
    return _kept(_look(watch, watch.job.study))


def latest_look(study: Study) -> LatestLook:
    """What was found last, and what became of the job after it, if there is one."""
    jobs = Job.objects.filter(kind=QUALITY, study=study).order_by("-pk")
    done = jobs.filter(status=Job.Status.DONE, result__version=VERSION).first()
    newest = jobs.first()
    return LatestLook(
        found=from_plain(Looked, done.result["look"]) if done else None,
        at=done.started_at if done else None,
        job=newest if newest and newest.status != Job.Status.DONE else None,
    )


def ended_now(study: Study) -> tuple[int, int]:
    """How many people, and how many sessions of models, have ended by now."""
    status = Administration.Status
    ended = Administration.objects.filter(
        group__study=study,
        group__test=False,
        status__in=(status.COMPLETED, status.STOPPED),
        screened_by="",
    )
    counts = dict(ended.order_by().values_list("group__kind").annotate(n=Count("*")))
    return counts.get(Kind.HUMAN, 0), counts.get(Kind.LLM, 0)


def _kept(found: Looked) -> dict[str, Any]:
    return {"version": VERSION, "look": to_plain(found)}


def _look(watch: Watch, study: Study) -> Looked:
    watch.enter("reading")
    snapshot = StudySnapshot.of(study)
    plan = AnalysisPlan.objects.filter(study=study).order_by("-pk").first()
    sheet = answer_sheet(snapshot, rules=exclusion_rules(plan) if plan else None)
    raise_flags(study=study, most=None)
    watch.check()
    watch.enter("describing")
    look = look_at(sheet, snapshot.codebook(), snapshot.groups)
    if plan is None:
        return Looked(look)
    return Looked(look, plan.name, _left_out(plan, sheet))


def _left_out(plan: AnalysisPlan, sheet: AnswerSheet) -> dict[str, dict[str, int]]:
    """What the rules of a plan leave out of those who have ended; whoever answers still is open."""
    counts: dict[str, dict[str, int]] = {one.group: {} for one in sheet.sessions}
    rows = left_out_rows(sheet, exclusion_rules(plan), comparison_plan(plan).people)
    for row, rule in rows.items():
        if rule != "incomplete":
            of_group = counts[sheet.sessions[row].group]
            of_group[rule] = of_group.get(rule, 0) + 1
    return counts


def _subject(study: Study) -> str:
    return f"quality:{study.pk}"
