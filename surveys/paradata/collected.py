"""What a study may record of how people answer, and the words in which they are told."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, get_args

from surveys.codes import SentenceCode
from surveys.codes import marked as _

Recorded = Literal["times", "changes", "focus", "paste", "device", "traps", "proof_of_work"]
RECORDED: tuple[str, ...] = get_args(Recorded)
PROOF_OF_WORK = "proof_of_work"
# What a script on the page reports; traps are fields of the form, and work is of the consent's.
BY_SCRIPT = tuple(one for one in RECORDED if one not in ("traps", PROOF_OF_WORK))
# What nobody without JavaScript has recorded of them.
NEEDS_SCRIPT = (*BY_SCRIPT, PROOF_OF_WORK)


class Told(SentenceCode):
    """What people read of each, before they agree. Nothing of it names what they wrote."""

    TIMES = "times", _("when each question was first and last answered")
    CHANGES = "changes", _("how often an answer was changed")
    FOCUS = "focus", _("how often, and for how long, a page was left for another window")
    PASTE = "paste", _("how many characters were pasted into a field, but not what")
    DEVICE = "device", _("whether a telephone, a tablet or a computer is used")
    TRAPS = "traps", _("whether a field was filled in that only programs see")
    PROOF_OF_WORK = (
        "proof_of_work",
        _("whether your browser did a short calculation before you began, and how long it took"),
    )


def told(recorded: Collection[str]) -> Sequence[Told]:
    """What is to be told of a study that records these, in one order."""
    return [one for one in Told if one.value in recorded]
