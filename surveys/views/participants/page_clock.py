"""When a page was first shown, by our clock: the form carries it, signed, and brings it back."""

import time

from django.utils.crypto import constant_time_compare, salted_hmac

# As long as a signature has to be against somebody who would like to have read more slowly.
_DIGITS = 20


def now_ms() -> int:
    """Milliseconds since 1970, for the time that a page takes."""
    return time.time_ns() // 1_000_000


def stamp(key: str, shown_ms: int | None = None) -> str:
    """The time for the form with this `key`, and no other: now, or when it was first shown."""
    moment = str(now_ms() if shown_ms is None else shown_ms)
    return f"{moment}.{_signature(key, moment)}"


def read_stamp(key: str, text: str) -> int | None:
    """The time in a stamp of the form with this `key`; None if it was not stamped here."""
    moment, _, signature = text.partition(".")
    if not constant_time_compare(signature, _signature(key, moment)):
        return None
    return int(moment)


def _signature(key: str, moment: str) -> str:
    return salted_hmac("surveys.page_clock", f"{key}:{moment}", algorithm="sha256").hexdigest()[
        :_DIGITS
    ]
