"""What happened in studies, looked up where it is stored.

Nothing has to be said while it happens: a page of a questionnaire takes no statement more, and what
happened while no worker lived is found later. Everything is looked at a little longer than once,
for what was stored late; a message has a key, so that it is told once.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from surveys.models import Administration, Job, Kind, Study, Webhook, WebhookEvent, WebhookMessage

# Transactions that are under way may store an earlier time than those that are done.
OVERLAP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a study; `key` is its own. `facts` hold no answer and nothing of who it was."""

    event: WebhookEvent
    study: int
    key: str
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)


Source = Callable[[Collection[int], datetime], Iterator[Happening]]
_sources: list[Source] = []


def register_source(source: Source) -> None:
    """Let an app tell what happened in these studies since then."""
    if source not in _sources:
        _sources.append(source)


def find_happenings() -> int:
    """Make a message for everything that somebody is to be told of; how many they are."""
    webhooks = list(Webhook.objects.filter(paused=False, disabled_at=None).select_related("study"))
    if not webhooks:
        return 0
    now = timezone.now()
    since = min(one.looked_at for one in webhooks) - OVERLAP
    happened = [one for source in _sources for one in source({w.study_id for w in webhooks}, since)]
    messages = [
        WebhookMessage(
            webhook=webhook,
            key=one.key,
            event=one.event,
            content=_content(webhook, one),
            due_at=now,
        )
        for webhook in webhooks
        for one in happened
        if one.study == webhook.study_id
        and one.event in webhook.events
        and one.at >= max(webhook.looked_at - OVERLAP, webhook.told_since)
    ]
    made = WebhookMessage.objects.bulk_create(messages, ignore_conflicts=True)
    Webhook.objects.filter(pk__in=[one.pk for one in webhooks]).update(looked_at=now)
    return len(made)


def _content(webhook: Webhook, one: Happening) -> dict[str, Any]:
    return {
        "event": one.event.value,
        "study": webhook.study.slug,
        "at": one.at.isoformat(),
        **one.facts,
    }


def people_and_jobs(studies: Collection[int], since: datetime) -> Iterator[Happening]:
    """People who completed, by their completion code alone, and jobs that failed.

    Of anonymous studies no person is told: the moment of a message would be their clock time.
    """
    completed = Administration.objects.filter(
        study__in=studies,
        status=Administration.Status.COMPLETED,
        respondent__kind=Kind.HUMAN,
        respondent__test=False,
    ).exclude(study__in=Study.objects.filter(settings__anonymous=True))
    new = list(
        completed.filter(ended_at__gte=since).values_list(
            "study", "pk", "completion_code", "respondent__simulated", "ended_at"
        )
    )
    counts = _counts(completed, {row[0] for row in new})
    for study, pk, code, simulated, at in new:
        assert at is not None  # as they have completed
        facts = {"code": code, "simulated": simulated, **counts[study]}
        yield Happening(WebhookEvent.PERSON_COMPLETED, study, key_of_person(pk), at, facts)
    failed = Job.objects.filter(study__in=studies, status=Job.Status.FAILED, ended_at__gte=since)
    for job in failed:
        assert job.study_id is not None  # as its study is one of these
        assert job.ended_at is not None  # as it is over
        facts = {"job": job.pk, "kind": job.kind, "code": job.error_code}
        yield Happening(WebhookEvent.JOB_FAILED, job.study_id, f"job {job.pk}", job.ended_at, facts)


def key_of_person(administration: int) -> str:
    """The key under which it is told that a person completed."""
    return f"person {administration}"


def _counts(completed: Any, studies: Collection[int]) -> dict[int, dict[str, int]]:
    found = {pk: {"people": 0, "simulated_people": 0} for pk in studies}
    rows = completed.filter(study__in=studies).order_by()
    for study, simulated, number in rows.values_list("study", "respondent__simulated").annotate(
        n=Count("pk")
    ):
        found[study]["simulated_people" if simulated else "people"] = number
    return found
