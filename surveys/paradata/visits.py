"""A page as it was sent: by the server's clock, with what the browser reports beside.

What a browser says of itself cannot be trusted. It is taken only with a form that this server
signed, held against the time that the server measured, and used for nothing but flags.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from surveys.paradata.collected import BY_SCRIPT

# More than any page needs; what is longer is no report of ours.
LONGEST_REPORT = 16_384
DEVICES = ("phone", "tablet", "computer")
# What became of a proof of work: solved; no script answered; no answer to this form's challenge;
# an answer to one that no longer held.
Work = Literal["done", "absent", "wrong", "late"]
WORKS: tuple[Work, ...] = get_args(Work)
# Names of the fields that nobody sees. Neither is one that browsers fill in by themselves.
TRAPS = {"further_remarks": "field", "reading_note": "question"}
# A report may count a little more than the server did: both clocks are read at different moments.
_SLACK_MS = 2_000
_MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Touched:
    """How a question was answered. Milliseconds since the page was opened; None: not recorded."""

    first_ms: int | None = None
    last_ms: int | None = None
    changes: int | None = None
    pasted: int | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One page as it was sent. None is what nobody recorded; `answers` are the questions answered.

    `elapsed_ms` is the server's. `reported` says whether a script reported; `clipped` whether it
    claimed more time than there was. `traps` are the hidden fields that were filled in. Page 0 is
    the consent, kept where it asked for a proof of work: `work` is what became of it, `work_ms`
    how long the browser says that it took.
    """

    page: int
    elapsed_ms: int | None = None
    answers: int = 0
    reported: bool = False
    device: str = ""
    left: int | None = None
    away_ms: int | None = None
    touched: Mapping[str, Touched] = field(default_factory=dict)
    traps: tuple[str, ...] | None = None
    clipped: bool = False
    work: Work | None = None
    work_ms: int | None = None

    def as_json(self) -> dict[str, Any] | None:
        """What of it is stored beside page, time and number of answers; None for nothing."""
        kept: dict[str, Any] = {}
        if self.reported:
            kept["r"] = 2 if self.clipped else 1
        if self.device:
            kept["d"] = self.device
        if self.left is not None:
            kept["f"] = [self.left, self.away_ms]
        if self.touched:
            kept["q"] = {
                ref: [one.first_ms, one.last_ms, one.changes, one.pasted]
                for ref, one in self.touched.items()
            }
        if self.traps is not None:
            kept["t"] = list(self.traps)
        if self.work is not None:
            kept["w"] = [self.work, self.work_ms]
        return kept or None


def stored_visit(
    page: int, elapsed_ms: int | None, answers: int, kept: Mapping[str, Any] | None
) -> Visit:
    """The visit of a stored row."""
    kept = kept or {}
    left, away = kept.get("f", (None, None))
    work, work_ms = kept.get("w", (None, None))
    return Visit(
        page=page,
        elapsed_ms=elapsed_ms,
        answers=answers,
        reported="r" in kept,
        device=kept.get("d", ""),
        left=left,
        away_ms=away,
        touched={ref: Touched(*row) for ref, row in kept.get("q", {}).items()},
        traps=tuple(kept["t"]) if "t" in kept else None,
        clipped=kept.get("r") == 2,
        work=work,
        work_ms=work_ms,
    )


def read_visit(
    *,
    page: int,
    elapsed_ms: int | None,
    answers: int,
    recorded: Collection[str],
    fields: Mapping[str, str],
    refs: Mapping[str, str],
) -> Visit:
    """Read what came with a page's form; `refs` are questions by their number on the page.

    Nothing that the study does not record is kept, and nothing of a form whose time was not signed
    here (`elapsed_ms` None).
    """
    traps = None
    if "traps" in recorded:
        traps = tuple(kind for name, kind in TRAPS.items() if fields.get(name, "").strip())
    plain = Visit(page, elapsed_ms, answers, traps=traps)
    report = _read(fields.get("paradata", "")) if set(recorded) & set(BY_SCRIPT) else None
    if report is None or elapsed_ms is None:
        return plain
    limit = _Limit(elapsed_ms + _SLACK_MS)
    focus, device = "focus" in recorded, report.get("device")
    left = _whole(report.get("left")) if focus else None
    return Visit(
        page,
        elapsed_ms,
        answers,
        reported=True,
        device=device if "device" in recorded and device in DEVICES else "",
        left=left,
        away_ms=limit.held(report.get("away")) if left is not None else None,
        touched=dict(_touched(report.get("questions"), recorded, refs, limit)),
        traps=traps,
        clipped=limit.passed,
    )


class _Limit:
    """Holds times against what the server measured."""

    def __init__(self, most_ms: int) -> None:
        self._most = most_ms
        self.passed = False

    def held(self, value: object) -> int | None:
        number = _whole(value)
        if number is not None and number > self._most:
            self.passed, number = True, self._most
        return number


def _read(text: str) -> dict[str, Any] | None:
    if not text or len(text) > LONGEST_REPORT:
        return None
    try:
        report = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return report if isinstance(report, dict) else None


def _touched(
    given: object, recorded: Collection[str], refs: Mapping[str, str], limit: _Limit
) -> Iterator[tuple[str, Touched]]:
    if not isinstance(given, dict) or not {"times", "changes", "paste"} & set(recorded):
        return
    timed, pastes = "times" in recorded, "paste" in recorded
    for number, row in given.items():
        if number not in refs or not isinstance(row, list) or len(row) != 4:
            continue
        first, last, changes, pasted = row
        yield (
            refs[number],
            Touched(
                limit.held(first) if timed else None,
                limit.held(last) if timed else None,
                _whole(changes) if "changes" in recorded else None,
                _whole(pasted) if pastes else None,
            ),
        )


def _whole(value: object) -> int | None:
    """A whole number from 0; None for anything else, which a truth value is too."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MOST else None
