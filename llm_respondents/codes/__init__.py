"""Why something is refused, halts, ends or is remarked: a code, its arguments, and one sentence.

    Refusal        a use case said no
    HaltReason     a run gave up although sessions are open
    EndReason      a panel is over, and why
    BatchRemark    what became of a batch, or stands in its way
    CostNote       what qualifies a figure of what a panel will cost
    CallFlag       what is suspicious about a reply
    ClusterNote    what the analysis will make of so many sessions

What can be wrong with something that is written has its codes in `mistakes`.

Programs go by the code. People are told the sentence, the same on a page, over REST, by a command
and in a log; it names in ``%(name)s`` what varies, and `readout.sentences` says it in the reader's
language. Pure, so that the runner can deal in codes.
"""

from llm_respondents.codes.halts import (
    AT_A_CAP,
    FOUND_BY_CALLING,
    SAID,
    WITHOUT_ANSWERS,
    EndReason,
    Halt,
    HaltReason,
)
from llm_respondents.codes.refusals import (
    Refusal,
)
from llm_respondents.codes.remarks import (
    BatchRemark,
    CallFlag,
    ClusterNote,
    CostNote,
    SharedDraw,
)

__all__ = [
    "AT_A_CAP",
    "FOUND_BY_CALLING",
    "SAID",
    "WITHOUT_ANSWERS",
    "BatchRemark",
    "CallFlag",
    "ClusterNote",
    "CostNote",
    "EndReason",
    "Halt",
    "HaltReason",
    "Refusal",
    "SharedDraw",
]
