"""Holding money back before calls are made, and settling it: the accounts of panels and studies.

Every call passes here twice, so that the statements are written down: one that is put together
anew costs ten times as much. Rows are locked in one order, a panel's before its study's budget.

Whoever holds back locks the panel first and looks for a budget afterwards. Whoever sets a budget
locks the study's panels first: what was held back before is then committed and counts, and what is
held back later sees the budget.
"""

from collections.abc import Sequence

from django.db import connections, router, transaction
from django.db.backends.utils import CursorWrapper

from llm_respondents.codes import HaltReason
from llm_respondents.models import Panel, StudyBudget
from surveys.models import Study

_PANEL = "llm_respondents_panel"
_BUDGET = "llm_respondents_studybudget"
_ACCOUNT = f"SELECT study_id, spend_cap_nano - spent_nano - reserved_nano FROM {_PANEL}"  # noqa: S608
_OF_PANEL = f"{_ACCOUNT} WHERE id = %s"
_OF_STUDY = f"SELECT cap_nano FROM {_BUDGET} WHERE study_id = %s"  # noqa: S608
_ALL = f"SELECT SUM(spent_nano + reserved_nano) FROM {_PANEL} WHERE study_id = %s"  # noqa: S608
_HOLD = f"UPDATE {_PANEL} SET reserved_nano = reserved_nano + %s WHERE id = %s"  # noqa: S608
_SETTLE = (
    f"UPDATE {_PANEL} SET reserved_nano = reserved_nano - %s,"  # noqa: S608
    " spent_nano = spent_nano + %s WHERE id = %s"
)


def hold_amounts(panel_id: int, amounts: Sequence[int]) -> list[str]:
    """Hold back what several calls can cost at most, in one transaction.

    Returns for each amount, in their order, "" or the code of the cap that has no room for it.
    """
    connection = connections[router.db_for_write(Panel)]
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(_OF_PANEL + lock, [panel_id])
        found = cursor.fetchone()
        if found is None:
            raise Panel.DoesNotExist(f"There is no panel {panel_id}.")
        study, room = found
        codes, held = _dealt(amounts, room, _room_of_study(cursor, study, lock))
        if held:
            cursor.execute(_HOLD, [held, panel_id])
    return codes


def _room_of_study(cursor: CursorWrapper, study: int, lock: str) -> int | None:
    """What the study's budget leaves to all of its panels; None if it has none."""
    cursor.execute(_OF_STUDY + lock, [study])
    budget = cursor.fetchone()
    if budget is None:
        return None
    # A statement of its own: it sees what those committed who held the lock before.
    cursor.execute(_ALL, [study])
    return int(budget[0]) - int(cursor.fetchone()[0])


def _dealt(
    amounts: Sequence[int], room: int | None, room_of_study: int | None
) -> tuple[list[str], int]:
    codes: list[str] = []
    held = 0
    for amount in amounts:
        if room_of_study is not None and held + amount > room_of_study:
            codes.append(HaltReason.STUDY_BUDGET_SPENT)
        elif room is not None and held + amount > room:
            codes.append(HaltReason.BUDGET_SPENT)
        else:
            codes.append("")
            held += amount
    return codes, held


def settle_amounts(panel_id: int, *, reserved: int, spent: int) -> None:
    """Turn what was held back for calls into what they cost."""
    if reserved or spent:
        connection = connections[router.db_for_write(Panel)]
        with connection.cursor() as cursor:
            cursor.execute(_SETTLE, [reserved, spent, panel_id])


@transaction.atomic
def set_study_budget(study: Study, cap_nano: int) -> StudyBudget:
    """Set the most that all panels of a study may cost together; see this module's first lines."""
    # No panel is recruited meanwhile: it would refer to the study, whose row is locked.
    Study.objects.select_for_update().get(pk=study.pk)
    list(Panel.objects.select_for_update().filter(study=study).order_by("pk").values_list("pk"))
    budget, _ = StudyBudget.objects.update_or_create(study=study, defaults={"cap_nano": cap_nano})
    return budget
