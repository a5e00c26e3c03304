"""A proof of work: a small calculation by which a browser shows that it spent a second on a form.

The form brings a challenge that was signed here and belongs to it alone. Its answer is a number for
each of a few parts, such that the SHA-256 of challenge, part and number begins with zeros. To find
the numbers takes many tries, to check them one each. Several small parts take about as long for
everybody, where one large part would take some people five times as long as others.

It says nothing of who answers: it makes it dear to send thousands of forms, and no more.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from surveys.paradata.visits import Visit, Work

# 16 parts of 2^14 tries each are 262,144 on average and seldom over 400,000: half a second to a
# second of a telephone, and a fifth of that of a computer.
PARTS = 16
BITS = 14
# Long enough to read, to ask somebody and to come back; too short to lay in a stock of forms.
HOURS = 2
WORK_FIELD = "work"
# The milliseconds that it took by the browser, and the numbers.
_ANSWER = re.compile(rf"([0-9]{{1,8}}):([0-9]{{1,9}}(?:\.[0-9]{{1,9}}){{{PARTS - 1}}})")
# Both clocks are read at different moments.
_SLACK_MS = 2_000
# More than this does not fit its column, and says nothing of reading.
_LONGEST_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a form asked for. `elapsed_ms` is since it was made; None: it was not made here."""

    text: str
    elapsed_ms: int | None

    @property
    def is_over(self) -> bool:
        """Whether it no longer holds."""
        return self.elapsed_ms is not None and self.elapsed_ms > HOURS * 60 * 60 * 1000


def solves(challenge: str, numbers: list[str]) -> bool:
    """Tell whether these numbers, one a part, are an answer: as many hashes as there are parts."""
    return len(numbers) == PARTS and all(
        _begins_with_zeros(f"{challenge}:{part}:{number}") for part, number in enumerate(numbers)
    )


def _begins_with_zeros(text: str) -> bool:
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:4]) >> (32 - BITS) == 0


def judged(challenge: Challenge, answer: str) -> Visit:
    """The page before the first, as it was sent: with what became of its challenge.

    `answer` is what the form's field brought; empty where no script ran.
    """
    read = _ANSWER.fullmatch(answer)
    work, took = _result(challenge, answer, read[2].split(".") if read else []), None
    if read and work == "done":
        took = min(int(read[1]), (challenge.elapsed_ms or 0) + _SLACK_MS)
    elapsed = challenge.elapsed_ms
    return Visit(
        page=0,
        elapsed_ms=elapsed if elapsed is not None and 0 <= elapsed <= _LONGEST_MS else None,
        reported=bool(answer),
        work=work,
        work_ms=took,
    )


def _result(challenge: Challenge, answer: str, numbers: list[str]) -> Work:
    if not answer:
        return "absent"
    if challenge.elapsed_ms is None or not solves(challenge.text, numbers):
        return "wrong"
    return "late" if challenge.is_over else "done"
