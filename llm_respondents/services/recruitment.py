"""Recruiting a panel: its group, its respondents, their administrations, ready to be conducted."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from llm_respondents.codes import Refusal
from llm_respondents.conversation.prompts import PROMPT_LANGUAGES, SESSION_VERSION
from llm_respondents.design.clusters import (
    ClusterCount,
    clusters_of,
    count_clusters,
    persona_rows,
    planned_draws,
)
from llm_respondents.design.donors import Donor, deal_donors
from llm_respondents.design.personas import Persona, personas_with_margins
from llm_respondents.design.spec import Cell, PanelSpec, session_seed
from llm_respondents.errors import PanelSpecError
from llm_respondents.models import Panel, PanelMember
from llm_respondents.services.method import record_method
from llm_respondents.services.swapped_history import (
    donors_in,
    items_of,
    refs_told,
    require_own_answers,
    values_of,
)
from llm_respondents.services.workers import require_provider
from surveys.checksums import sha256_of
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
from surveys.questions import Stored
from surveys.selectors import condition_of, shuffles_blocks, varied_in
from surveys.services import (
    AnswerSubmission,
    GivenAnswer,
    Start,
    begin_administrations,
    record_answer_batch,
)
from surveys.services.audit import Actor, record

_BATCH = 500


@dataclass(frozen=True, slots=True)
class _Seat:
    """One session to recruit, before it has rows."""

    number: int
    seed: int
    cell: Cell
    persona: Persona
    language: str
    scale_direction: str
    person: Respondent | None = None
    order: Sequence[str] | None = None
    block_order: Sequence[str] | None = None
    donor: int | None = None
    donor_values: Mapping[str, Stored] = field(default_factory=dict)
    cluster: str = ""
    # What is varied between respondents, and the number under which it was assigned.
    condition: Mapping[str, str] = field(default_factory=dict)
    assignment_number: int | None = None

    @property
    def start(self) -> dict[str, Any]:
        """How its session begins, beside its respondent."""
        named = ("seed", "language", "scale_direction", "order", "block_order", "condition")
        return {name: getattr(self, name) for name in (*named, "assignment_number")}


@transaction.atomic
def recruit_panel(*, study: Study, spec: PanelSpec, by: Actor, key: str = "") -> Panel:
    """Recruit the sessions of a panel for an open study; nothing is asked yet.

    `key` names the panel's group in the analysis; without one it is made from the label.

    Raises `PanelSpecError` (`study_not_open`, `group_key_taken`, `language_not_offered`,
    `language_without_prompts`, `nobody_to_match`, `history_group_unknown`, `history_group_empty`,
    `block_unknown`, `nothing_to_tell`, `answers_decide`).
    """
    if not study.is_open:
        raise PanelSpecError(Refusal.STUDY_NOT_OPEN)
    require_own_answers(study, spec)
    if spec.simulated:
        require_provider(spec)
    panel = _make_panel(study, spec, key, by)
    seats = list(_with_conditions(study, panel.group.key, _seats(study, spec)))
    if not seats:
        raise PanelSpecError(Refusal.NOBODY_TO_MATCH)
    told = refs_told(study, spec.asked_blocks) if spec.asked_blocks else []
    seats = _told(study, seats, told) if told else _with_donors(study, spec, seats)
    seats = _with_clusters(study, spec, seats)
    respondents = Respondent.objects.bulk_create(
        [_respondent(panel, seat) for seat in seats], batch_size=_BATCH
    )
    PanelMember.objects.bulk_create(
        [
            _member(panel, seat, respondent)
            for seat, respondent in zip(seats, respondents, strict=True)
        ],
        batch_size=_BATCH,
    )
    begun = begin_administrations(
        study=study,
        starts=[
            Start(respondent, **seat.start)
            for seat, respondent in zip(seats, respondents, strict=True)
        ],
    )
    if told:
        _leave_out(begun, told)
    record_method(panel)
    facts = {"model": spec.model, "sessions": len(seats), "spec_hash": panel.spec_hash}
    record(by=by, action=Action.PANEL_RECRUITED, study=study, subject=panel, after=facts)
    return panel


def sessions_to_recruit(study: Study, spec: PanelSpec) -> int:
    """How many sessions recruiting would make; a matched panel has one for each person and cell."""
    if spec.personas != "matched":
        return spec.sessions
    wanted = _matchable(study).count() * len(spec.cells)
    return min(wanted, spec.sessions) if spec.sessions else wanted


def clusters_to_recruit(*, study: Study, spec: PanelSpec) -> ClusterCount:
    """How many independent draws the sessions would be that recruiting would make.

    Raises `PanelSpecError` (`history_group_unknown`, `history_group_empty`).
    """
    drawn = planned_draws(
        spec,
        sessions=sessions_to_recruit(study, spec),
        shuffles_items=_shuffles_items(study),
        donors=donors_in(study, spec.history_from) if spec.history_from else (),
    )
    return count_clusters(clusters_of(drawn))


def _make_panel(study: Study, spec: PanelSpec, key: str, by: Actor) -> Panel:
    label = spec.label or (spec.profile if spec.simulated else spec.model)
    group = RespondentGroup.objects.create(
        study=study,
        key=_key(study, key, label),
        label=label[:120],
        kind=Kind.LLM,
        simulated=spec.simulated,
    )
    return Panel.objects.create(
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
        return _free_key(study, label)
    if study.groups.filter(key=wanted).exists():
        raise PanelSpecError(Refusal.GROUP_KEY_TAKEN, key=wanted)
    return wanted


def _free_key(study: Study, label: str) -> str:
    base = slugify(label)[:40] or "panel"
    taken = set(study.groups.filter(key__startswith=base).values_list("key", flat=True))
    candidates = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
    return next(key for key in candidates if key not in taken)


def _seats(study: Study, spec: PanelSpec) -> Iterator[_Seat]:
    if spec.personas == "matched":
        return _matched_seats(study, spec)
    return _free_seats(study, spec)


def _free_seats(study: Study, spec: PanelSpec) -> Iterator[_Seat]:
    language = _language(study, spec.language)
    personas = _personas(spec) or ((),)
    cells = [(persona, cell) for persona, cell in product(personas, spec.cells)]
    blocks = list(study.blocks.order_by("position").values_list("key", flat=True))
    for number in range(1, spec.sessions + 1):
        persona, cell = cells[(number - 1) % len(cells)]
        seed = session_seed(spec.seed, number)
        shuffled = _shuffled(blocks, seed) if cell.block_order == "shuffled" else None
        yield _Seat(
            number, seed, cell, persona, language, cell.scale_direction, block_order=shuffled
        )


def _with_conditions(study: Study, key: str, seats: Iterator[_Seat]) -> Iterator[_Seat]:
    """The seats with their conditions, which are balanced within each cell of the design.

    A matched session has the condition of its person.
    """
    counts: Counter[str] = Counter()
    varied = varied_in(study)
    for seat in seats:
        if not varied or seat.person:
            yield seat
            continue
        stratum = f"{key}:{sha256_of(seat.cell.as_json())}"
        counts[stratum] += 1
        number = counts[stratum]
        condition = condition_of(study, stratum, number)
        yield replace(seat, condition=condition, assignment_number=number)


def _personas(spec: PanelSpec) -> Sequence[Persona]:
    """The personas to be dealt, each to one session of every cell, so that cells are comparable."""
    if spec.personas != "margins":
        return spec.persona_table
    return personas_with_margins(spec.margins, persona_rows(spec, spec.sessions), spec.seed)


def _with_donors(study: Study, spec: PanelSpec, seats: Sequence[_Seat]) -> list[_Seat]:
    """The seats, those with a swapped history with the answers of a donor."""
    swapped = [seat for seat in seats if seat.cell.arm.history == "swapped"]
    if not swapped:
        return list(seats)
    people = [seat.person.pk if seat.person else None for seat in swapped]
    dealt = list(deal_donors(donors_in(study, spec.history_from), people, spec.seed))
    values = values_of(study, set(dealt))
    donors = {seat.number: donor.respondent for seat, donor in zip(swapped, dealt, strict=True)}
    return [
        replace(seat, donor=donor, donor_values=values.get(donor, {}))
        if (donor := donors.get(seat.number))
        else seat
        for seat in seats
    ]


def _with_clusters(study: Study, spec: PanelSpec, seats: Sequence[_Seat]) -> list[_Seat]:
    """The seats, each with the name of what it shares with others, if it does."""
    drawn = planned_draws(
        spec,
        sessions=len(seats),
        shuffles_items=_shuffles_items(study),
        donors=[seat.donor for seat in seats if seat.donor],
    )
    clusters = clusters_of(drawn)
    return [replace(seat, cluster=one) for seat, one in zip(seats, clusters, strict=True)]


def _shuffles_items(study: Study) -> bool:
    return shuffles_blocks(study) or study.blocks.filter(shuffle=True).exists()


def _matchable(study: Study) -> QuerySet[Administration]:
    """The people to match: those asked or imported, not simulated, who have completed."""
    return Administration.objects.filter(
        study=study,
        respondent__kind=Kind.HUMAN,
        respondent__simulated=False,
        status=Administration.Status.COMPLETED,
    )


def _told(study: Study, seats: Sequence[_Seat], refs: Collection[str]) -> list[_Seat]:
    """The seats, each with what its person answered to these questions."""
    people = {seat.person.pk: seat.person for seat in seats if seat.person}
    sessions = Administration.objects.filter(respondent__in=people)
    donors = {Donor(person, pk, person) for pk, person in sessions.values_list("pk", "respondent")}
    values = values_of(study, donors)
    items = items_of(study, refs)
    return [
        replace(
            seat,
            donor=seat.person.pk,
            donor_values={
                ref: value for ref, value in values.get(seat.person.pk, {}).items() if ref in items
            },
        )
        for seat in seats
        if seat.person
    ]


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


def _matched_seats(study: Study, spec: PanelSpec) -> Iterator[_Seat]:
    """One session for each completed person and cell, with everything that was theirs."""
    people = _matchable(study).select_related("respondent").order_by("pk")
    pairs = ((theirs, cell) for theirs in people for cell in spec.cells)
    for number, (theirs, cell) in enumerate(islice(pairs, spec.sessions or None), start=1):
        yield _Seat(
            number=number,
            # Imported people have no seed (0): sessions with a common one would not be independent.
            seed=theirs.seed or session_seed(spec.seed, number),
            cell=Cell(cell.arm, _direction(theirs), cell.block_order, cell.wording),
            persona=_persona(study, theirs),
            language=_language(study, theirs.language),
            scale_direction=theirs.scale_direction,
            person=theirs.respondent,
            order=theirs.realised_order,
            condition=theirs.condition,
        )


def _direction(theirs: Administration) -> Any:
    return theirs.scale_direction


def _persona(study: Study, theirs: Administration) -> Persona:
    """A person's demographics in the words of the questions that asked for them."""
    values: dict[str, Any] = theirs.respondent.demographics
    return tuple(
        (field["label"][theirs.language], _value_in_words(field, values[field["key"]], theirs))
        for field in study.demographics
        if values.get(field["key"]) not in (None, "")
    )


def _value_in_words(field: dict[str, Any], value: Any, theirs: Administration) -> str:
    for option in field["options"]:
        if option["value"] == str(value):
            return str(option["label"][theirs.language])
    return str(value)


def _language(study: Study, wanted: str) -> str:
    language = wanted or study.default_language
    if language not in study.languages:
        offered = ", ".join(study.languages)
        raise PanelSpecError(Refusal.LANGUAGE_NOT_OFFERED, language=language, offered=offered)
    if language.split("-")[0].lower() not in PROMPT_LANGUAGES:
        known = ", ".join(PROMPT_LANGUAGES)
        raise PanelSpecError(Refusal.LANGUAGE_WITHOUT_PROMPTS, language=language, known=known)
    return language


def _shuffled(blocks: Sequence[str], seed: int) -> list[str]:
    """The order of blocks for a seed, by the rule by which items are shuffled."""
    return sorted(blocks, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).digest())


def _respondent(panel: Panel, seat: _Seat) -> Respondent:
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


def _member(panel: Panel, seat: _Seat, respondent: Respondent) -> PanelMember:
    return PanelMember(
        panel=panel,
        respondent=respondent,
        number=seat.number,
        cell=seat.cell.as_json(),
        persona=[list(pair) for pair in seat.persona],
        donor_id=seat.donor,
        donor_values=dict(seat.donor_values),
    )
