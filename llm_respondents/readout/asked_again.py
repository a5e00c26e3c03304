"""What a report says of turns that were lost and asked again."""

from collections import defaultdict
from collections.abc import Iterable

from llm_respondents.models import Attempt, Panel


def asked_again_line(panel: Panel) -> str:
    """How many turns were asked again, in how many sessions, and what had been asked meanwhile."""
    sessions = panel.members.filter(reopened__gt=0).values("respondent__administration")
    calls: dict[int, list[tuple[int, bool, bool]]] = defaultdict(list)
    rows = Attempt.objects.filter(administration__in=sessions).order_by("administration", "pk")
    fields = ("administration_id", "turn", "set_aside", "closes_turn")
    for session, turn, aside, closes in rows.values_list(*fields):
        calls[session].append((turn, aside, closes))
    if not calls:
        return ""
    counted = [_counted(part) for part in calls.values()]
    lost, unseen = (sum(column) for column in zip(*counted, strict=True))
    line = f"{lost} turns that had been lost for want of a reply, of {len(calls)} sessions, were "
    line += "opened again and asked in their place, with the turns before them in sight"
    if unseen:
        line += f"; {unseen} turns behind them had been asked without them"
    return line


def _counted(calls: Iterable[tuple[int, bool, bool]]) -> tuple[int, int]:
    """Turns that were set aside, and later ones that were closed before those were asked again."""
    waiting: set[int] = set()
    lost: set[int] = set()
    unseen: set[int] = set()
    for turn, set_aside, closes in calls:
        if set_aside:
            waiting.add(turn)
            lost.add(turn)
        elif turn in waiting:
            waiting.discard(turn)
        elif closes and any(one < turn for one in waiting):
            unseen.add(turn)
    return len(lost), len(unseen)
