"""A person reads a sample of a panel's replies, one by one, blind to what the parser read."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from llm_respondents.codes import Refusal
from llm_respondents.conversation.parsing import PARSER_VERSION
from llm_respondents.errors import PanelStateError
from llm_respondents.models import Attempt, Panel, Reading, ReadingCheck
from llm_respondents.readout.reading_checks import (
    asked_in,
    latest_check,
    parsed,
    readable_replies,
)
from llm_respondents.runner.types import WorkItem
from llm_respondents.services.method import record_method
from llm_respondents.store.leases import work_items
from surveys.models import Action
from surveys.selectors import study_content
from surveys.services.audit import Actor, record

SAMPLE = 60
MOST_SAMPLED = 1000
_WORDS = (Reading.Verdict.REFUSED, Reading.Verdict.NO_ANSWER, Reading.Verdict.CANNOT_TELL)


@transaction.atomic
def draw_reading_check(
    *, panel: Panel, by: Actor, size: int = SAMPLE, seed: int | None = None
) -> ReadingCheck:
    """Draw a sample of the panel's replies for a person to read; of each reply one question.

    Replies are drawn within each outcome in the order of SHA-256 of ``f"{seed}:{call}"`` and shown
    in that of ``f"{seed}:place:{call}"``. Without a `seed` the panel's is taken.

    Raises `PanelStateError` (`reading_size`, `reading_open`, `nothing_to_read`).
    """
    if not 2 <= size <= MOST_SAMPLED:
        raise PanelStateError(Refusal.READING_SIZE, most=MOST_SAMPLED)
    Panel.objects.select_for_update().get(pk=panel.pk)
    before = latest_check(panel)
    if before is not None and before.done_at is None:
        raise PanelStateError(Refusal.READING_OPEN, panel=str(panel))
    seed = panel.seed if seed is None else seed
    strata = _strata(panel)
    if not strata:
        raise PanelStateError(Refusal.NOTHING_TO_READ, panel=str(panel))
    check = ReadingCheck.objects.create(
        panel=panel, seed=seed, parser_version=PARSER_VERSION, created_by_id=by.user_id
    )
    sizes = allotted({outcome: len(calls) for outcome, calls in strata.items()}, size)
    chosen = {
        call: outcome
        for outcome, calls in strata.items()
        for call in sorted(calls, key=lambda call: _place(f"{seed}:{call}"))[: sizes[outcome]]
    }
    counts = {outcome: len(calls) for outcome, calls in strata.items()}
    Reading.objects.bulk_create(_readings(check, chosen, counts))
    record_method(panel)
    facts = {"seed": seed, "replies": len(chosen)}
    record(by=by, action=Action.READING_DRAWN, study=panel.study, subject=panel, after=facts)
    return check


def _strata(panel: Panel) -> dict[str, list[int]]:
    """Calls by outcome: of those that ask for one option, which is what a person reads off."""
    strata: dict[str, list[int]] = {}
    chosen = _refs_with_options(panel)
    rows = readable_replies(panel).order_by("pk").values_list("pk", "outcome", "refs")
    for call, outcome, refs in rows:
        if not chosen.isdisjoint(refs):
            strata.setdefault(outcome, []).append(call)
    return strata


def _refs_with_options(panel: Panel) -> frozenset[str]:
    study = panel.study
    blocks = study_content(study, study.default_language).questionnaire.blocks
    items = (one.ref for block in blocks for one in block.questions if one.format.chooses)
    return frozenset((*items, *(one.ref for block in blocks for one in block.checks)))


def allotted(counts: Mapping[str, int], size: int) -> dict[str, int]:
    """How many of each stratum are drawn: half of all are answers, the others equal shares.

    What a stratum does not have goes to the others; each has one at least where there is room.
    """
    weights = {name: max(1, len(counts) - 1) if name == Attempt.ANSWERED else 1 for name in counts}
    sizes = dict.fromkeys(counts, 0)
    left = min(size, sum(counts.values()))
    while left:
        open_ = [name for name in sorted(counts) if sizes[name] < counts[name]]
        neediest = min(open_, key=lambda name: (sizes[name] / weights[name], -weights[name], name))
        sizes[neediest] += 1
        left -= 1
    return sizes


def _readings(
    check: ReadingCheck, chosen: Mapping[int, str], counts: Mapping[str, int]
) -> list[Reading]:
    order = sorted(chosen, key=lambda call: _place(f"{check.seed}:place:{call}"))
    attempts = Attempt.objects.in_bulk(order)
    sessions = {attempt.administration_id for attempt in attempts.values()}
    items = {one.administration: one for one in work_items(check.panel_id, sorted(sessions))}
    return [
        _reading(check, place, attempts[call], items[attempts[call].administration_id], counts)
        for place, call in enumerate(order, start=1)
    ]


def _reading(
    check: ReadingCheck,
    place: int,
    attempt: Attempt,
    item: WorkItem,
    counts: Mapping[str, int],
) -> Reading:
    chosen = _refs_with_options(check.panel)
    refs = [ref for ref in attempt.refs if ref in chosen]
    ref = min(refs, key=lambda ref: _place(f"{check.seed}:{attempt.pk}:{ref}"))
    value, reason = parsed(attempt, item, ref)
    return Reading(
        check_of=check,
        place=place,
        attempt=attempt,
        ref=ref,
        stratum=attempt.outcome,
        stratum_size=counts[attempt.outcome],
        found_value=value,
        found_reason=reason,
    )


def _place(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


@transaction.atomic
def record_reading(*, panel: Panel, place: int, reading: str, by: Actor) -> Reading:
    """Store how a person reads one reply of the open sample; again, as long as the sample is open.

    `reading` is the displayed code of an option, or ``refused``, ``no_answer``, ``cannot_tell``.
    With the last reply the sample is closed, and the report can say how far both agree.

    Raises `PanelStateError` (`no_open_reading`, `reading_unknown`).
    """
    check = latest_check(panel)
    if check is None or check.done_at is not None:
        raise PanelStateError(Refusal.NO_OPEN_READING, panel=str(panel))
    ReadingCheck.objects.select_for_update().get(pk=check.pk)
    one = check.readings.select_related("attempt", "check_of").filter(place=place).first()
    if one is None:
        raise PanelStateError(Refusal.READING_UNKNOWN, reading=f"{place}: {reading}")
    one.verdict, one.value = _verdict(one, reading)
    one.read_by_id, one.read_by_name, one.read_at = by.user_id, by.called[:150], timezone.now()
    one.save(update_fields=("verdict", "value", "read_by", "read_by_name", "read_at"))
    if not check.readings.filter(verdict="").exists():
        _close(panel, check, by)
    return one


def _verdict(one: Reading, reading: str) -> tuple[str, int | None]:
    if reading in _WORDS:
        return reading, None
    _, _, question = asked_in(one)
    for option in question.options:
        if reading == str(option.code):
            return Reading.Verdict.OPTION, question.value_of(option.code)
    # An answer that is not scored names no option of the scale, and so the parser counts it.
    if reading in {str(code) for code, _ in question.unscored}:
        return Reading.Verdict.NO_ANSWER, None
    raise PanelStateError(Refusal.READING_UNKNOWN, reading=reading)


def _close(panel: Panel, check: ReadingCheck, by: Actor) -> None:
    check.done_at = timezone.now()
    check.save(update_fields=("done_at",))
    record_method(panel)
    facts: dict[str, Any] = {"seed": check.seed, "replies": check.readings.count()}
    record(by=by, action=Action.READING_DONE, study=panel.study, subject=panel, after=facts)
