"""Whose answers a panel with a swapped or an own history shows in earlier turns, and which."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from llm_respondents.codes import Refusal
from llm_respondents.design.donors import Donor
from llm_respondents.design.spec import PanelSpec
from llm_respondents.errors import PanelSpecError
from surveys.models import Administration, Answer, Kind, Study
from surveys.models.administrations import stored_in
from surveys.questions import Stored
from surveys.selectors import Target, branches, study_content


def require_own_answers(study: Study, spec: PanelSpec) -> None:
    """Where answers decide what is asked, they are a session's own, in the order of the study.

    Raises `PanelSpecError` (`answers_decide`).
    """
    told = any(arm.history in ("swapped", "own") for arm in spec.arms)
    if (told or spec.block_orders == "shuffled") and branches(study):
        raise PanelSpecError(Refusal.ANSWERS_DECIDE, study=study.slug)


def donors_in(study: Study, group_key: str) -> list[Donor]:
    """Everybody of a group of the study who has completed it, in the order they began.

    Raises `PanelSpecError` (`history_group_unknown`, `history_group_empty`).
    """
    group = study.groups.filter(key=group_key).first()
    if group is None:
        known = ", ".join(study.groups.order_by("pk").values_list("key", flat=True))
        raise PanelSpecError(Refusal.HISTORY_GROUP_UNKNOWN, group=group_key, known=known or "–")
    completed = Administration.objects.filter(
        study=study, respondent__group=group, status=Administration.Status.COMPLETED
    )
    fields = ("respondent_id", "pk", "respondent__kind", "respondent__matched_to_id")
    donors = [
        Donor(respondent, pk, respondent if kind == Kind.HUMAN else matched_to)
        for respondent, pk, kind, matched_to in completed.order_by("pk").values_list(*fields)
    ]
    if not donors:
        raise PanelSpecError(Refusal.HISTORY_GROUP_EMPTY, group=group_key)
    return donors


def refs_told(study: Study, asked_blocks: Collection[str]) -> list[str]:
    """The questions of the blocks that are not asked, attention checks included.

    Raises `PanelSpecError` (`block_unknown`, `nothing_to_tell`).
    """
    blocks = study_content(study, study.default_language).questionnaire.blocks
    known = [block.key for block in blocks]
    for key in asked_blocks:
        if key not in known:
            raise PanelSpecError(Refusal.BLOCK_UNKNOWN, block=key, known=", ".join(known))
    told = [block for block in blocks if block.key not in asked_blocks]
    if not told:
        raise PanelSpecError(Refusal.NOTHING_TO_TELL)
    questions = [one.ref for block in told for one in block.questions]
    return [*questions, *(one.ref for block in told for one in block.checks)]


def items_of(study: Study, refs: Collection[str]) -> set[str]:
    """What the answers to these questions are stored under."""
    blocks = study_content(study, study.default_language).questionnaire.blocks
    parts = {one.ref: one.refs for block in blocks for one in block.questions}
    return {item for ref in refs for item in parts.get(ref, (ref,))}


def values_of(study: Study, donors: Collection[Donor]) -> Mapping[int, Mapping[str, Stored]]:
    """Respondent -> ref of an item -> what is stored. Missing answers are left out."""
    refs = {
        target: ref
        for language in study.languages
        for ref, target in study_content(study, language).targets.items()
    }
    respondents = {donor.administration: donor.respondent for donor in donors}
    values: dict[int, dict[str, Stored]] = defaultdict(dict)
    fields = ("administration_id", "item_id", "attention_check_id", "value", "number", "text")
    for some in _portions(sorted(respondents)):
        rows = Answer.objects.filter(administration__in=some, missing_reason="")
        for administration, item, check, value, number, text in rows.values_list(*fields):
            if (stored := stored_in(value, number, text)) is not None:
                values[respondents[administration]][refs[Target(item, check)]] = stored
    return values


def _portions(ids: Sequence[int], size: int = 500) -> list[Sequence[int]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]
