"""Who is to be asked in a panel, and as what: its sessions before they have rows."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import Any

from django.db.models import QuerySet

from llm_respondents.codes import Refusal
from llm_respondents.conversation.prompts import PROMPT_LANGUAGES
from llm_respondents.design.clusters import clusters_of, persona_rows, planned_draws
from llm_respondents.design.donors import Donor, deal_donors
from llm_respondents.design.personas import Persona, personas_with_margins
from llm_respondents.design.spec import Cell, PanelSpec, session_seed
from llm_respondents.errors import PanelSpecError
from llm_respondents.services.recruiting.swapped_history import donors_in, items_of, values_of
from surveys.checksums import sha256_of
from surveys.models import Administration, Kind, Respondent, Study
from surveys.questions import Stored
from surveys.selectors import condition_of, shuffles_blocks, varied_in


@dataclass(frozen=True, slots=True)
class Seat:
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


def seats_of(study: Study, spec: PanelSpec, *, key: str, told: Collection[str]) -> list[Seat]:
    """The sessions of a panel whose group is called `key`; `told` are questions answered for it.

    Raises `PanelSpecError` (`language_not_offered`, `language_without_prompts`, `nobody_to_match`,
    `history_group_unknown`, `history_group_empty`).
    """
    seats = list(_with_conditions(study, key, _seats(study, spec)))
    if not seats:
        raise PanelSpecError(Refusal.NOBODY_TO_MATCH)
    seats = _told(study, seats, told) if told else _with_donors(study, spec, seats)
    return _with_clusters(study, spec, seats)


def require_seats(study: Study, spec: PanelSpec) -> None:
    """Raise what `seats_of` would, as far as that is known before the sessions are drawn up."""
    if next(_seats(study, spec), None) is None:
        raise PanelSpecError(Refusal.NOBODY_TO_MATCH)
    if spec.history_from:
        donors_in(study, spec.history_from)


def _seats(study: Study, spec: PanelSpec) -> Iterator[Seat]:
    if spec.personas == "matched":
        return _matched_seats(study, spec)
    return _free_seats(study, spec)


def _free_seats(study: Study, spec: PanelSpec) -> Iterator[Seat]:
    language = _language(study, spec.language)
    personas = _personas(spec) or ((),)
    cells = [(persona, cell) for persona, cell in product(personas, spec.cells)]
    blocks = list(study.blocks.order_by("position").values_list("key", flat=True))
    for number in range(1, spec.sessions + 1):
        persona, cell = cells[(number - 1) % len(cells)]
        seed = session_seed(spec.seed, number)
        shuffled = _shuffled(blocks, seed) if cell.block_order == "shuffled" else None
        yield Seat(
            number, seed, cell, persona, language, cell.scale_direction, block_order=shuffled
        )


def _with_conditions(study: Study, key: str, seats: Iterator[Seat]) -> Iterator[Seat]:
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


def _with_donors(study: Study, spec: PanelSpec, seats: Sequence[Seat]) -> list[Seat]:
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


def _with_clusters(study: Study, spec: PanelSpec, seats: Sequence[Seat]) -> list[Seat]:
    """The seats, each with the name of what it shares with others, if it does."""
    drawn = planned_draws(
        spec,
        sessions=len(seats),
        shuffles_items=shuffles_items(study),
        donors=[seat.donor for seat in seats if seat.donor],
    )
    clusters = clusters_of(drawn)
    return [replace(seat, cluster=one) for seat, one in zip(seats, clusters, strict=True)]


def shuffles_items(study: Study) -> bool:
    """Whether seeds make for different orders of questions in this study."""
    return shuffles_blocks(study) or study.blocks.filter(shuffle=True).exists()


def matchable(study: Study) -> QuerySet[Administration]:
    """The people to match: those asked or imported, not simulated, who have completed."""
    return Administration.objects.filter(
        study=study,
        respondent__kind=Kind.HUMAN,
        respondent__simulated=False,
        respondent__test=False,
        status=Administration.Status.COMPLETED,
    )


def _told(study: Study, seats: Sequence[Seat], refs: Collection[str]) -> list[Seat]:
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


def _matched_seats(study: Study, spec: PanelSpec) -> Iterator[Seat]:
    """One session for each completed person and cell, with everything that was theirs."""
    people = matchable(study).select_related("respondent").order_by("pk")
    pairs = ((theirs, cell) for theirs in people for cell in spec.cells)
    for number, (theirs, cell) in enumerate(islice(pairs, spec.sessions or None), start=1):
        yield Seat(
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
