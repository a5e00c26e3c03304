"""A stated distribution over the options of a question, and the one answer drawn from it.

The percentages are a model's own words on how likely it is to choose each option. One answer is
recorded for a question like any other respondent's; it is drawn, so that the spread that the model
states is the spread in the data. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from llm_respondents.conversation.choices import Choice

# (displayed code, share) of each option in the order of the codes; the shares add up to 1.
Stated = tuple[tuple[int, float], ...]

# Models round each percentage by itself. Within these bounds the sum is taken for 100.
LEAST_TOTAL = 95
GREATEST_TOTAL = 105


def read_percentages(value: object, choices: Sequence[Choice]) -> dict[int, int] | str:
    """Return displayed code -> whole percent, in the order of the codes; else what is wrong.

    Every option has to be there and nothing else, each from 0 to 100, and they have to add up to
    `LEAST_TOTAL` to `GREATEST_TOTAL`.
    """
    marks = [choice.mark for choice in choices]
    if not isinstance(value, Mapping) or set(value) != set(marks):
        return f"expected a percentage for each of {', '.join(marks)}"
    for mark in marks:
        percent = value[mark]
        # bool is an int in Python and `true` is no percentage.
        if not isinstance(percent, int) or isinstance(percent, bool) or not 0 <= percent <= 100:
            return f"{mark}: expected a whole number from 0 to 100"
    total = sum(value.values())
    if not LEAST_TOTAL <= total <= GREATEST_TOTAL:
        return f"the percentages add up to {total}"
    return dict(sorted((choice.code, value[choice.mark]) for choice in choices))


def drawn(percentages: Mapping[int, int], *, seed: int, ref: str) -> tuple[int, Stated]:
    """Draw one code from percentages (by code, ascending); return it and the shares.

    The draw is the first 64 bits of SHA-256 of ``f"{seed}:{ref}:draw"`` as a fraction of the total,
    looked up in the cumulative percentages. It needs no random number generator and comes out the
    same whenever the reply is read again.
    """
    total = sum(percentages.values())
    digest = hashlib.sha256(f"{seed}:{ref}:draw".encode()).digest()
    point = int.from_bytes(digest[:8]) * total >> 64
    stated = tuple((code, percent / total) for code, percent in percentages.items())
    for code, percent in percentages.items():
        point -= percent
        if point < 0:
            return code, stated
    raise AssertionError("unreachable: the point is below the total")
