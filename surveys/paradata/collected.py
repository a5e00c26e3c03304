"""What a study may record of how people answer, and the words in which they are told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, get_args

from surveys.codes import SentenceCode
from surveys.codes import marked as _

Recorded = Literal["times", "changes", "focus", "paste", "device", "traps"]
RECORDED: tuple[str, ...] = get_args(Recorded)
# What a script on the page reports; traps are fields of the form.
BY_SCRIPT = tuple(one for one in RECORDED if one != "traps")


class Told(SentenceCode):
    """What people read of each, before they agree. Nothing of it names what they wrote."""

    TIMES = "times", _("when each question was first and last answered")
    CHANGES = "changes", _("how often an answer was changed")
    FOCUS = "focus", _("how often, and for how long, a page was left for another window")
    PASTE = "paste", _("how many characters were pasted into a field, but not what")
    DEVICE = "device", _("whether a telephone, a tablet or a computer is used")
    TRAPS = "traps", _("whether a field was filled in that only programs see")


def told(recorded: Collection[str]) -> Sequence[Told]:
    """What is to be told of a study that records these, in one order."""
    return [one for one in Told if one.value in recorded]
