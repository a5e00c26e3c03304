"""What is stored of the answers of an administration."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import BigIntegerField

from surveys.models import Administration, Answer, MissingReason
from surveys.models.administrations import stored_in
from surveys.presentation import StoredAnswer, Walk
from surveys.questions import Stored
from surveys.selectors.content import Target, presentation_of, study_content
from surveys.statements import Slot, Statement


def stored_values(administration: Administration) -> dict[str, Stored | None]:
    """Ref of an item or check -> what is stored; None where a reason is stored instead."""
    return {ref: value for ref, (value, _) in _held(administration).items()}


def stored_answers(administration: Administration) -> dict[str, StoredAnswer]:
    """Question ref -> what is stored of it, of every question that was answered or let go."""
    held = _held(administration)
    found = {}
    for question in presentation_of(administration).questions:
        parts = [held[ref] for ref in question.refs if ref in held]
        if parts:
            values = tuple(value for value, _ in parts if value is not None)
            found[question.ref] = StoredAnswer(values, parts[0][1])
    return found


def walk_of(administration: Administration) -> Walk:
    """The way of an administration, as far as it has come."""
    return Walk(presentation_of(administration), stored_answers(administration))


def _held(administration: Administration) -> dict[str, tuple[Stored | None, str]]:
    targets = study_content(administration.study, administration.language).targets
    refs = {target: ref for ref, target in targets.items()}
    return {
        refs[Target(item, check)]: (stored_in(value, number, text), reason)
        for item, check, value, number, text, reason in _STORED.rows(administration.pk)
    }


_STORED = Statement(
    lambda: (
        Answer.objects.filter(administration_id=Slot(0, BigIntegerField()))
        .order_by()
        .values_list("item_id", "attention_check_id", "value", "number", "text", "missing_reason")
    )
)


def failed_checks(administrations: Collection[int]) -> dict[int, int]:
    """Administration -> how many attention checks were not answered as expected; none is absent.

    Nobody fails a check that was not shown.
    """
    failed: dict[int, int] = defaultdict(int)
    answered = Answer.objects.filter(
        administration__in=administrations, attention_check__isnull=False
    ).exclude(missing_reason=MissingReason.NOT_SHOWN)
    rows = answered.values_list("administration_id", "value", "attention_check__expected")
    for administration, value, expected in rows.order_by():
        if value not in expected:
            failed[administration] += 1
    return dict(failed)
