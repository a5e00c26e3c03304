"""What a form carries, signed, and brings back: when it was first shown, by our clock; and what a
consent form asks a browser to work out.

A stamp is of one kind of form (`of`), and is worth nothing in another. The challenge of a proof of
work is the key of its form with such a stamp; nothing is stored before it comes back. It is good
for one form: whoever sends that form twice is the person who sent it first.
"""

import time
from collections.abc import Mapping

from django.utils.crypto import constant_time_compare, salted_hmac

from surveys.models import RecruitingLink
from surveys.paradata.collected import PROOF_OF_WORK
from surveys.paradata.visits import Visit
from surveys.paradata.work import BITS, PARTS, WORK_FIELD, Challenge, judged
from surveys.selectors import recorded_at

# As long as a signature has to be against somebody who would like to have read more slowly.
_DIGITS = 20
_PAGE = "surveys.page_clock"
_WORK = "surveys.proof_of_work"
_CHALLENGE = "challenge"


def now_ms() -> int:
    """Milliseconds since 1970, for the time that a page takes."""
    return time.time_ns() // 1_000_000


def stamp(key: str, shown_ms: int | None = None, *, of: str = _PAGE) -> str:
    """The time for the form with this `key`, and no other: now, or when it was first shown."""
    moment = str(now_ms() if shown_ms is None else shown_ms)
    return f"{moment}.{_signature(key, moment, of)}"


def read_stamp(key: str, text: str, *, of: str = _PAGE) -> int | None:
    """The time in a stamp of the form with this `key`; None if it was not stamped here."""
    moment, _, signature = text.partition(".")
    if not constant_time_compare(signature, _signature(key, moment, of)):
        return None
    return int(moment)


def _signature(key: str, moment: str, of: str) -> str:
    return salted_hmac(of, f"{key}:{moment}", algorithm="sha256").hexdigest()[:_DIGITS]


def is_asked_for(link: RecruitingLink) -> bool:
    """Whether study or link ask for it, of others than simulated people: those are programs."""
    return not link.simulated and PROOF_OF_WORK in recorded_at(link)


def work_for(link: RecruitingLink, start: str) -> dict[str, object]:
    """What the form with the key `start` needs for it; nothing where none is asked for."""
    if not is_asked_for(link):
        return {}
    challenge = stamp(_form(link, start), of=_WORK)
    return {"work": {"challenge": challenge, "parts": PARTS, "bits": BITS, "field": WORK_FIELD}}


def work_of(link: RecruitingLink, start: str, data: Mapping[str, str]) -> Visit | None:
    """What the form with the key `start` brought; None where none was asked for."""
    if not is_asked_for(link):
        return None
    text = data.get(_CHALLENGE, "")
    made = read_stamp(_form(link, start), text, of=_WORK)
    elapsed = None if made is None else max(now_ms() - made, 0)
    return judged(Challenge(text, elapsed), data.get(WORK_FIELD, ""))


def _form(link: RecruitingLink, start: str) -> str:
    return f"{link.token}:{start}"
