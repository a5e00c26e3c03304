"""Recruiting a panel: its group, its respondents, their administrations, ready to be conducted."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify

from llm_respondents.codes import Refusal
from llm_respondents.conversation.prompts import SESSION_VERSION
from llm_respondents.design.clusters import ClusterCount, clusters_of, count_clusters, planned_draws
from llm_respondents.design.spec import PanelSpec
from llm_respondents.errors import PanelSpecError
from llm_respondents.models import Panel, PanelMember
from llm_respondents.services.erasure import forget_gone
from llm_respondents.services.method import record_method
from llm_respondents.services.recruiting.seats import (
    Seat,
    matchable,
    require_seats,
    seats_of,
    shuffles_items,
)
from llm_respondents.services.recruiting.swapped_history import (
    donors_in,
    refs_told,
    require_own_answers,
)
from llm_respondents.services.workers import require_provider
from surveys.models import (
    Action,
    Administration,
    Kind,
    MissingReason,
    Respondent,
    RespondentGroup,
    Study,
    SubmissionDoor,
)
from surveys.selectors.studies import free_name
from surveys.services import (
    AnswerSubmission,
    GivenAnswer,
    Start,
    begin_prepared,
    prepared_administrations,
    record_answer_batch,
)
from surveys.services.audit import Actor, record

# Hears how many sessions are drawn up, of how many.
Progress = Callable[[int, int], object]
_BATCH = 500


@dataclass(frozen=True, slots=True)
class DrawnPanel:
    """A panel with its sessions, none of which has a row yet."""

    panel: Panel
    seats: Sequence[Seat]
    sessions: Sequence[Administration]
    # Questions that no session is asked: they were answered for it.
    told: Sequence[str]


@transaction.atomic
def recruit_panel(*, study: Study, spec: PanelSpec, by: Actor, key: str = "") -> Panel:
    """Recruit the sessions of a panel for an open study; nothing is asked yet.

    `key` names the panel's group in the analysis; without one it is made from the label.

    Raises `PanelSpecError` (`study_not_open`, `group_key_taken`, `language_not_offered`,
    `language_without_prompts`, `nobody_to_match`, `history_group_unknown`, `history_group_empty`,
    `block_unknown`, `nothing_to_tell`, `answers_decide`).
    """
    return store_panel(drawn=draw_panel(study=study, spec=spec, by=by, key=key), by=by)


def require_recruitable(*, study: Study, spec: PanelSpec, key: str = "") -> None:
    """Raise what `recruit_panel` would, as far as that is known before sessions are drawn up."""
    _require_fitting(study, spec)
    _key(study, key, _label(spec))
    require_seats(study, spec)
    if spec.asked_blocks:
        refs_told(study, spec.asked_blocks)


def draw_panel(
    *, study: Study, spec: PanelSpec, by: Actor, key: str = "", progress: Progress | None = None
) -> DrawnPanel:
    """Draw the sessions of a panel up, which is what takes long of many; nothing is stored.

    Raises as `recruit_panel` does.
    """
    _require_fitting(study, spec)
    panel = _new_panel(study, spec, key, by)
    told = refs_told(study, spec.asked_blocks) if spec.asked_blocks else []
    seats = seats_of(study, spec, key=panel.group.key, told=told)
    starts = [Start(_respondent(panel, seat), **seat.start) for seat in seats]
    sessions = []
    for one in prepared_administrations(study=study, starts=starts):
        sessions.append(one)
        if progress:
            progress(len(sessions), len(seats))
    return DrawnPanel(panel, seats, sessions, told)


@transaction.atomic
def store_panel(*, drawn: DrawnPanel, by: Actor) -> Panel:
    """Store a panel as it was drawn up.

    Raises `PanelSpecError` (`group_key_taken`), `StudyError` (`study_not_open`).
    """
    panel, study = drawn.panel, drawn.panel.study
    study.refresh_from_db(fields=("status",))
    group = panel.group
    _key(study, group.key, group.label)
    group.label = free_name(study, "label", group.label, numbered=" ({})")
    group.save()
    panel.save()
    respondents = [one.respondent for one in drawn.sessions]
    Respondent.objects.bulk_create(respondents, batch_size=_BATCH)
    PanelMember.objects.bulk_create(
        [
            _member(panel, seat, respondent)
            for seat, respondent in zip(drawn.seats, respondents, strict=True)
        ],
        batch_size=_BATCH,
    )
    begun = begin_prepared(study=study, prepared=drawn.sessions)
    if drawn.told:
        _leave_out(begun, drawn.told)
    record_method(panel)
    forget_gone(group)
    facts = {"model": panel.model, "sessions": len(begun), "spec_hash": panel.spec_hash}
    record(by=by, action=Action.PANEL_RECRUITED, study=study, subject=panel, after=facts)
    return panel


def _require_fitting(study: Study, spec: PanelSpec) -> None:
    if not study.is_open:
        raise PanelSpecError(Refusal.STUDY_NOT_OPEN)
    require_own_answers(study, spec)
    if spec.simulated:
        require_provider(spec)


def sessions_to_recruit(study: Study, spec: PanelSpec) -> int:
    """How many sessions recruiting would make; a matched panel has one for each person and cell."""
    if spec.personas != "matched":
        return spec.sessions
    wanted = matchable(study).count() * len(spec.cells)
    return min(wanted, spec.sessions) if spec.sessions else wanted


def clusters_to_recruit(*, study: Study, spec: PanelSpec) -> ClusterCount:
    """How many independent draws the sessions would be that recruiting would make.

    Raises `PanelSpecError` (`history_group_unknown`, `history_group_empty`).
    """
    drawn = planned_draws(
        spec,
        sessions=sessions_to_recruit(study, spec),
        shuffles_items=shuffles_items(study),
        donors=donors_in(study, spec.history_from) if spec.history_from else (),
    )
    return count_clusters(Counter(clusters_of(drawn)))


def _label(spec: PanelSpec) -> str:
    # Lists, figures and reports show groups by their labels alone.
    return (spec.label or (spec.profile if spec.simulated else spec.model))[:120]


def _new_panel(study: Study, spec: PanelSpec, key: str, by: Actor) -> Panel:
    """The panel and its group, not stored yet."""
    label = _label(spec)
    group = RespondentGroup(
        study=study,
        key=_key(study, key, label),
        label=label,
        kind=Kind.LLM,
        simulated=spec.simulated,
    )
    return Panel(
        study=study,
        group=group,
        spec=spec.as_json(),
        spec_hash=spec.hash,
        prompt_version=SESSION_VERSION,
        provider=spec.provider,
        model=spec.model,
        base_url=spec.base_url,
        api_key_env=spec.api_key_env,
        seed=spec.seed,
        created_by_id=by.user_id,
    )


def _key(study: Study, wanted: str, label: str) -> str:
    if not wanted:
        return free_name(study, "key", slugify(label)[:40] or "panel", numbered="-{}")
    if study.groups.filter(key=wanted).exists():
        raise PanelSpecError(Refusal.GROUP_KEY_TAKEN, key=wanted)
    return wanted


def _leave_out(administrations: Sequence[Administration], refs: Sequence[str]) -> None:
    """Record that these questions are not asked in any of the sessions."""
    answers = [GivenAnswer(ref, None, MissingReason.NOT_SHOWN) for ref in refs]
    for start in range(0, len(administrations), _BATCH):
        record_answer_batch(
            submissions=[
                AnswerSubmission(one.pk, answers, "not asked", door=SubmissionDoor.PANEL)
                for one in administrations[start : start + _BATCH]
            ]
        )


def _respondent(panel: Panel, seat: Seat) -> Respondent:
    design = {"scale_direction": seat.scale_direction, "wording": seat.cell.wording}
    if seat.cluster:
        design["cluster"] = seat.cluster
    return Respondent(
        study_id=panel.study_id,
        group=panel.group,
        kind=Kind.LLM,
        simulated=panel.group.simulated,
        demographics=seat.person.demographics if seat.person else {},
        design={**seat.cell.as_json(), **design, "persona": [list(pair) for pair in seat.persona]},
        matched_to=seat.person,
    )


def _member(panel: Panel, seat: Seat, respondent: Respondent) -> PanelMember:
    return PanelMember(
        panel=panel,
        respondent=respondent,
        number=seat.number,
        cell=seat.cell.as_json(),
        persona=[list(pair) for pair in seat.persona],
        donor_id=seat.donor,
        donor_values=dict(seat.donor_values),
    )
