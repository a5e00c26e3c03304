"""Reading panels: which there are, how far they are, what they took in tokens."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from llm_respondents.codes import Refusal
from llm_respondents.design.clusters import ClusterCount, count_clusters
from llm_respondents.errors import PanelStateError
from llm_respondents.models import Attempt, Panel, PanelMember
from llm_respondents.models.panels import PANEL_OF_ANSWER, PANEL_OF_CALL, PANEL_OF_SESSION
from surveys.models import Administration, Answer, Item, MissingReason, Study
from surveys.selectors import rows_for

_FAILED = Q(outcome=MissingReason.TRANSPORT_ERROR)


@dataclass(frozen=True, slots=True)
class Replying:
    """A model by its own account, the fingerprint of its build, and its replies."""

    model: str
    fingerprint: str
    replies: int


@dataclass(frozen=True, slots=True)
class PanelProgress:
    """Counts of a panel; `missing` maps reasons to counts. `share` runs from 0 to 1."""

    panel_id: int
    status: str
    sessions: int
    completed: int
    stopped: int
    questions: int
    answered: int
    missing: Mapping[str, int]
    calls: int
    failed_calls: int
    reasked: int
    flagged: int
    # Calls by what came of them, and replies by who gave them, most first.
    outcomes: Mapping[str, int]
    replying: Sequence[Replying]
    # Sessions that a worker holds at this moment.
    held: int
    seconds: float | None

    @property
    def closed(self) -> int:
        """Questions with an answer or a reason."""
        return self.answered + self.missing_total

    @property
    def missing_total(self) -> int:
        """Questions that ended without an answer."""
        return sum(self.missing.values())

    @property
    def percent(self) -> int:
        """Share of the questions that are closed, in whole per cent; 100 only when all are."""
        return 100 * self.closed // self.questions if self.questions else 0

    @property
    def share(self) -> float:
        """Share of the questions that are closed."""
        return self.closed / self.questions if self.questions else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs."""
        names = ("panel_id", "status", "sessions", "completed", "stopped", "questions", "answered")
        more = ("calls", "failed_calls", "reasked", "flagged", "held", "seconds", "share")
        return {name: getattr(self, name) for name in (*names, *more)} | {
            "missing": dict(self.missing),
            "outcomes": dict(self.outcomes),
            "replying": [asdict(one) for one in self.replying],
        }


@dataclass(frozen=True, slots=True)
class PanelCost:
    """Tokens as the provider counted them, and the calls for which it did not say."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    calls_without_usage: int


def panels_for(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Panel]:
    """The panels of the studies that `user` may see, with the role (`reader_role`)."""
    return rows_for(user, Panel.objects.select_related("study", "group"), "study")


def panel_named(study: Study, key: str) -> Panel | None:
    """The panel whose group has this key, if there is one."""
    return (
        Panel.objects.select_related("study", "group").filter(study=study, group__key=key).first()
    )


def require_panel_named(study: Study, key: str) -> Panel:
    """The panel whose group has this key. Raises `PanelStateError` (`panel_unknown`)."""
    panel = panel_named(study, key)
    if panel is None:
        raise PanelStateError(Refusal.PANEL_UNKNOWN, panel=key)
    return panel


def panel_numbered(panel_id: int) -> Panel:
    """The panel with this id. Raises `PanelStateError` (`panel_unknown`)."""
    panel = Panel.objects.select_related("study", "group").filter(pk=panel_id).first()
    if panel is None:
        raise PanelStateError(Refusal.PANEL_UNKNOWN, panel=panel_id)
    return panel


def panel_progress(panel: Panel) -> PanelProgress:
    """How far a panel is: a handful of counts, cheap enough to be polled."""
    return progress_of([panel])[panel.pk]


def progress_of(panels: Sequence[Panel]) -> dict[int, PanelProgress]:
    """How far panels are, by their keys; in as many queries for many of them as for one."""
    status = Administration.Status
    sessions = _counted(
        Administration.objects.filter(**{f"{PANEL_OF_SESSION}__in": panels}),
        PANEL_OF_SESSION,
        sessions=Count("pk"),
        completed=Count("pk", filter=Q(status=status.COMPLETED)),
        stopped=Count("pk", filter=Q(status=status.STOPPED)),
        held=Count("pk", filter=Q(lease_until__gte=timezone.now())),
        first=Min("pk"),
    )
    # All sessions of a panel ask as many questions as its first. Of a list each option counts, as
    # it does among the answers.
    orders = Administration.objects.filter(pk__in=[one["first"] for one in sessions.values()])
    more = _more_parts(panels)
    asked = {
        pk: len(order) + more[study, language]
        for pk, order, study, language in orders.values_list(
            "pk", "realised_order", "study_id", "language"
        )
    }
    answers = _answers_by_reason(panels)
    kinds = _kinds_of_calls(panels)
    return {
        panel.pk: _progress(panel, sessions[panel.pk], asked, answers[panel.pk], kinds[panel.pk])
        for panel in panels
    }


def _more_parts(panels: Sequence[Panel]) -> Mapping[tuple[int, str], int]:
    """By study and language, how many more answers than questions there are."""
    rows = (
        Item.objects.filter(version__blocks__study__in={panel.study_id for panel in panels})
        .exclude(part="")
        .order_by()
        .values_list("version__blocks__study", "version__language", "version__blocks")
        .annotate(Count("pk"), Count("question", distinct=True))
    )
    found: dict[tuple[int, str], int] = defaultdict(int)
    for study, language, _block, parts, questions in rows:
        found[study, language] += parts - questions
    return found


def _counted(rows: QuerySet[Any], by: str, **sums: Any) -> Mapping[int, dict[str, Any]]:
    """The sums of the rows of each panel, which `by` leads to; 0 for panels without any."""
    grouped = rows.order_by().values(by).annotate(**sums)
    found: dict[int, dict[str, Any]] = defaultdict(lambda: dict.fromkeys(sums, 0))
    found.update({row.pop(by): row for row in grouped})
    return found


def _answers_by_reason(panels: Sequence[Panel]) -> Mapping[int, dict[str, int]]:
    """How many answers of each panel are missing for which reason; "" for those that are not."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    reasons = (
        Answer.objects.filter(**{f"{PANEL_OF_ANSWER}__in": panels})
        .order_by()
        .values_list(PANEL_OF_ANSWER, "missing_reason")
    )
    for panel, reason, count in reasons.annotate(Count("pk")):
        found[panel][reason] = count
    return found


@dataclass(frozen=True, slots=True)
class _Kind:
    """The calls of a panel with one outcome, from one model and build of it."""

    outcome: str
    model: str
    fingerprint: str
    calls: int
    open: int
    flagged: int


def _kinds_of_calls(panels: Sequence[Panel]) -> Mapping[int, list[_Kind]]:
    """The calls of each panel, counted by kind."""
    found: dict[int, list[_Kind]] = defaultdict(list)
    rows = Attempt.objects.of(*panels).order_by()
    counted = rows.values_list(PANEL_OF_CALL, "outcome", "model", "system_fingerprint").annotate(
        Count("pk"),
        open=Count("pk", filter=Q(closes_turn=False)),
        flagged=Count("pk", filter=~Q(flags=[])),
    )
    for panel, *kind in counted:
        found[panel].append(_Kind(*kind))
    return found


def _counts_of_calls(kinds: Sequence[_Kind]) -> dict[str, Any]:
    """The fields of `PanelProgress` that count calls."""
    outcomes: Counter[str] = Counter()
    replying: Counter[tuple[str, str]] = Counter()
    for kind in kinds:
        outcomes[kind.outcome] += kind.calls
        if kind.model:
            replying[kind.model, kind.fingerprint] += kind.calls
    return {
        "calls": outcomes.total(),
        "failed_calls": outcomes[MissingReason.TRANSPORT_ERROR],
        "reasked": sum(
            kind.open for kind in kinds if kind.outcome != MissingReason.TRANSPORT_ERROR
        ),
        "flagged": sum(kind.flagged for kind in kinds),
        "outcomes": dict(outcomes.most_common()),
        "replying": [Replying(*who, replies) for who, replies in replying.most_common()],
    }


def _progress(
    panel: Panel,
    sessions: Mapping[str, int],
    asked: Mapping[int, int],
    answers: Mapping[str, int],
    kinds: Sequence[_Kind],
) -> PanelProgress:
    return PanelProgress(
        panel_id=panel.pk,
        status=panel.status,
        questions=sessions["sessions"] * asked.get(sessions["first"], 0),
        answered=answers.get("", 0),
        missing={reason: count for reason, count in answers.items() if reason},
        seconds=seconds_of(panel.started_at, panel.ended_at),
        sessions=sessions["sessions"],
        completed=sessions["completed"],
        stopped=sessions["stopped"],
        held=sessions["held"],
        **_counts_of_calls(kinds),
    )


def replying_models(panel: Panel) -> Sequence[Replying]:
    """Who replied to a panel, by their own account, with counts; most first."""
    found: Sequence[Replying] = _counts_of_calls(_kinds_of_calls([panel])[panel.pk])["replying"]
    return found


def panel_cost(panel: Panel) -> PanelCost:
    """The tokens of every call of a panel, also of those whose reply was no answer."""
    return costs_of([panel])[panel.pk]


def costs_of(panels: Sequence[Panel]) -> dict[int, PanelCost]:
    """`panel_cost` of panels, by their keys, in one query."""
    totals = _counted(
        Attempt.objects.of(*panels),
        PANEL_OF_CALL,
        prompt=Sum("prompt_tokens", default=0),
        completion=Sum("completion_tokens", default=0),
        cached=Sum("cached_tokens", default=0),
        reasoning=Sum("reasoning_tokens", default=0),
        silent=Count("pk", filter=Q(prompt_tokens=None) & ~_FAILED),
    )
    names = ("prompt", "completion", "cached", "reasoning", "silent")
    return {panel.pk: PanelCost(*(totals[panel.pk][name] for name in names)) for panel in panels}


def clusters_of_panels(panels: Sequence[Panel]) -> dict[int, ClusterCount]:
    """How many independent draws the sessions of panels are, by their keys, in one query."""
    stored: dict[int, Counter[str]] = defaultdict(Counter)
    members = PanelMember.objects.filter(panel__in=panels).order_by()
    rows = members.values_list("panel", "respondent__design__cluster").annotate(Count("pk"))
    for panel, cluster, sessions in rows:
        stored[panel][cluster or ""] += sessions
    return {panel.pk: count_clusters(stored[panel.pk]) for panel in panels}


def seconds_of(started: datetime | None, ended: datetime | None) -> float | None:
    """How long a panel took from its first run, until now or its end; None before that."""
    if started is None:
        return None
    return round(((ended or timezone.now()) - started).total_seconds(), 1)


def sessions_of(panel: Panel) -> QuerySet[PanelMember]:
    """The sessions of a panel with their administrations, in the order of recruiting.

    Answers are counted session by session: where a page of them is read, no others are counted.
    """
    return (
        PanelMember.objects.filter(panel=panel)
        .select_related("respondent__administration__study", "respondent__matched_to")
        .annotate(answered=_answers(missing=False), missing=_answers(missing=True))
        .order_by("number")
    )


def _answers(*, missing: bool) -> Coalesce:
    reason = Q(missing_reason="")
    answers = Answer.objects.filter(
        ~reason if missing else reason, administration__respondent=OuterRef("respondent")
    )
    counted = answers.order_by().values("administration").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)
