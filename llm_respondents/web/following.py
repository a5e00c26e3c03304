"""How far panels are, for pages that ask again and again: one query beside those for the user."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateTimeField,
    Exists,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from llm_respondents.codes import WITHOUT_ANSWERS
from llm_respondents.jobs import CONDUCTING, RUN
from llm_respondents.jobs.tallies import Tally, count_once, kept_tally
from llm_respondents.models import Panel, StudyBudget
from llm_respondents.money.account import StudySpending
from llm_respondents.readout.progress import PanelProgress, progress_of
from surveys.jobs.watch import lease_length
from surveys.models import Job, Worker
from surveys.selectors.studies import rows_of_member
from surveys.statements import Slot, Statement
from surveys.views.polling import mark_of

User = AbstractBaseUser | AnonymousUser


@dataclass(frozen=True, slots=True)
class Waiting:
    """A panel waits for a worker: how many jobs are before it, and whether any worker lives."""

    ahead: int
    worker_lives: bool


# Who looks, which panel or study, and since when a sign of life counts.
_USER, _WHICH, _SINCE = range(3)


def _followed_by_member() -> QuerySet[Panel]:
    """The panels of a member with what is asked of their jobs, workers and their study's cap."""
    mine = rows_of_member(
        Slot(_USER, BigIntegerField()), Panel.objects.select_related("study", "group"), "study"
    )
    waiting = Job.objects.filter(status=Job.Status.WAITING, due_at=None).order_by("pk")
    subject = Concat(Value("panel:"), Cast(OuterRef("pk"), TextField()))
    first = waiting.filter(subject=subject, kind__in=CONDUCTING).values("pk")[:1]
    conducted = Job.objects.filter(subject=subject, kind__in=CONDUCTING, status=Job.Status.RUNNING)
    under_way = conducted.filter(kind=RUN)
    before = waiting.filter(pk__lt=OuterRef("waiting_job")).order_by().values("status")
    alive = Worker.objects.filter(seen_at__gte=Slot(_SINCE, DateTimeField()))
    cap = StudyBudget.objects.filter(study=OuterRef("study")).values("cap_nano")
    spent = Panel.objects.filter(study=OuterRef("study")).order_by().values("study")
    return mine.annotate(
        waiting_job=Subquery(first, output_field=IntegerField()),
        waiting_before=Coalesce(
            Subquery(before.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0
        ),
        worker_lives=Exists(alive),
        is_conducted=Exists(conducted),
        seconds_begun=Subquery(under_way.values("phase_started_at")[:1]),
        job_place=Subquery(under_way.values("place")[:1]),
        job_total=Subquery(under_way.values("total")[:1]),
        study_cap_nano=Subquery(cap[:1]),
        study_spent_nano=Subquery(spent.annotate(n=Sum("spent_nano")).values("n")),
        study_reserved_nano=Subquery(spent.annotate(n=Sum("reserved_nano")).values("n")),
    )


_one = Statement(lambda: _followed_by_member().filter(pk=Slot(_WHICH, BigIntegerField())))
_all = Statement(
    lambda: _followed_by_member().filter(study__slug=Slot(_WHICH, CharField())).order_by("pk")
)


def followed_panel(user: User, panel_id: int) -> Panel | None:
    """A panel as its page follows it, with the role of whoever looks; None for a stranger."""
    return _one.first(user.pk, panel_id, _alive_since()) if user.pk else None


def followed_panels(user: User, slug: str) -> list[Panel]:
    """The panels of a study in the same way, in the order in which they were made."""
    return _all.rows(user.pk, slug, _alive_since()) if user.pk else []


def _alive_since() -> datetime:
    return timezone.now() - lease_length()


def waiting_of(panel: Panel) -> Waiting | None:
    """What a panel of `followed_panel` waits for; None for one that does not."""
    found: Any = panel
    if found.waiting_job is None or panel.is_over or panel.status == Panel.Status.RUNNING:
        return None
    return Waiting(found.waiting_before, found.worker_lives)


def is_busy(panel: Panel) -> bool:
    """Whether something is about to change on a panel of `followed_panel`: its page asks again.

    A job is taken before the panel says that it runs, and counts it once more after it ended: a
    page that is loaded in between would otherwise stand still.
    """
    found: Any = panel
    return panel.status == Panel.Status.RUNNING or found.is_conducted


def minutes_left(panel: Panel) -> int | None:
    """When a panel of `followed_panel` is done, at its pace so far; None: nobody knows."""
    found: Any = panel
    if not found.job_place or found.seconds_begun is None:
        return None
    spent = (timezone.now() - found.seconds_begun).total_seconds()
    left = spent / found.job_place * (found.job_total - found.job_place)
    return max(1, int(round(left) // 60))


def progress_mark(panel: Panel) -> tuple[object, ...]:
    """What is shown of a panel of `followed_panel` depends on this alone."""
    found: Any = panel
    return (
        *(panel.pk, panel.status, panel.halt_code, panel.spend_cap_nano, panel.group.set_aside),
        *(panel.tally.get("counted_at"), panel.spent_nano, panel.reserved_nano),
        *(waiting_of(panel), is_busy(panel), minutes_left(panel)),
        *(found.study_cap_nano, found.study_spent_nano),
    )


def shown_progress(panel: Panel) -> dict[str, Any]:
    """What the part of a panel's page shows that asks again, of a panel of `followed_panel`."""
    tally = _as_of_now(panel, kept_tally(panel) or count_once(panel))
    running = panel.status == Panel.Status.RUNNING
    return {
        "panel": panel,
        "seen": mark_of(progress_mark(panel)),
        "progress": tally.progress,
        "bill": tally.bill,
        "batches": tally.batches,
        "counted_at": tally.counted_at,
        "busy": is_busy(panel),
        "waiting": waiting_of(panel),
        "minutes_left": minutes_left(panel) if running else None,
        # A panel whose worker is gone can be run again; one that is at work cannot.
        "can_run": not panel.is_over and not (running and tally.progress.held),
        "can_insist": panel.halt_code in WITHOUT_ANSWERS,
    }


def _as_of_now(panel: Panel, tally: Tally) -> Tally:
    """The count with what all panels of the study have spent meanwhile."""
    found: Any = panel
    study: dict[str, Any] = {
        "study_cap_nano": found.study_cap_nano,
        "study_spent_nano": found.study_spent_nano,
        "study_reserved_nano": found.study_reserved_nano,
    }
    return replace(tally, bill=replace(tally.bill, **study))


def spending_of(panels: Sequence[Panel]) -> StudySpending:
    """The account of all panels of a study, as `followed_panels` gives them; no query."""
    first: Any = panels[0]
    return StudySpending(
        sum(panel.spent_nano for panel in panels),
        sum(panel.reserved_nano for panel in panels),
        first.study_cap_nano,
    )


def _progress_of(panels: Sequence[Panel]) -> dict[int, PanelProgress]:
    """As it was kept; what nobody kept is counted, in as many queries for many as for one."""
    kept = {panel.pk: tally.progress for panel in panels if (tally := kept_tally(panel))}
    missing = [panel for panel in panels if panel.pk not in kept]
    return kept | progress_of(missing) if missing else kept


def shown_list(panels: Sequence[Panel]) -> Mapping[str, Any]:
    """What the list of a study's panels shows; those set aside stand apart."""
    progress = _progress_of(panels)
    rows = [(panel, progress[panel.pk], minutes_left(panel)) for panel in panels]
    return {
        "rows": [row for row in rows if not row[0].group.set_aside],
        "aside": [row for row in rows if row[0].group.set_aside],
        "priced": any(panel.spent_nano or panel.spend_cap_nano for panel in panels),
        "spending": spending_of(panels) if panels else None,
        "busy": any(is_busy(panel) or waiting_of(panel) for panel in panels),
    }
