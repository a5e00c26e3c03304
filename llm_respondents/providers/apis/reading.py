"""What the replies of all interfaces have in common: envelopes, errors, headers, counts. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from llm_respondents.providers.base import Failure, FailureKind, Reply
from llm_respondents.providers.complaints import Complaint, complaint, excerpt, retry_after

# Headers worth keeping with an attempt; never cookies or anything about the account.
_KEPT_HEADERS = (
    "x-request-id", "request-id", "date", "openai-processing-ms", "openai-version",
    "x-should-retry",
)  # fmt: skip
_KEPT_PREFIXES = ("x-ratelimit-", "anthropic-ratelimit-", "retry-after")
_LONGEST_RAW = 200_000
# Kinds of failures that are what they say also in the body of a success.
_PASSED_ON = frozenset({"quota", "context_length", "rate_limit", "auth", "not_found"})
_PAGE_STARTS = "<"
_ERROR_STARTS = ("{", "[")
_STREAM_STARTS = ("data:", "event:", ": ")
# More tokens than any model reads; what is above it is no count.
_MOST_TOKENS = 2**31 - 1
# Stands between parts of a text, and occurs in none.
_SEAM = "\ue000\ue001"
_DIGITS_MEET = re.compile(rf"(?<=[0-9.,+-]){_SEAM}(?=[0-9.,])")
# What stands for the reason of an end where an interface always gives one and this reply has none.
NO_REASON = "no reason given"

# A body that is JSON -> the reply in it, without its envelope. Raises what wrong shapes raise.
Parse = Callable[[Any], Reply | Failure]


def read_reply(
    text: str, status: int, headers: Mapping[str, str], *, parse: Parse, what: str
) -> Reply | Failure:
    """Read the body of a successful response; anything but `what` is a failure."""
    raw = text[:_LONGEST_RAW]
    request_id = _request_id(headers)
    headers = _kept(headers)
    try:
        read = parse(json.loads(raw.removeprefix("\ufeff")))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        said = complaint(raw)
        # Words of what is no error of an API, such as a page, are about something else.
        if raw.lstrip().startswith(_ERROR_STARTS) and said.withholds(said.status):
            return _withheld(raw, request_id, said.status, headers)
        kind, message = _instead_of_reply(raw, said, error, what)
        return Failure(kind, message, status, None, raw, request_id, headers)
    request_id = request_id or read.request_id
    return replace(read, raw=raw, request_id=request_id, status=status, headers=headers)


def _instead_of_reply(
    raw: str, said: Complaint, error: Exception, what: str
) -> tuple[FailureKind, str]:
    """What a successful status was put around: gateways pass on a model server's error that way."""
    start = raw.lstrip().lower()
    if start.startswith(_PAGE_STARTS):
        return "not_an_api", f"a web page in place of {what}: {excerpt(raw)}"
    if start.startswith(_STREAM_STARTS):
        return "not_an_api", f"a stream of events in place of {what}: {excerpt(raw)}"
    passed_on = said.kind(said.status)
    if passed_on in _PASSED_ON or said.status >= 500:
        return passed_on, said.sentence or f"{said.status} in the body of a success"
    instead = said.sentence if said.codes else excerpt(raw)
    return "malformed", f"200 without {what} ({type(error).__name__}): {instead}"


def read_error(text: str, status: int, headers: Mapping[str, str]) -> Reply | Failure:
    """Classify an HTTP error. A content filter that answers with a status is a reply withheld."""
    raw = text[:_LONGEST_RAW]
    said = complaint(raw)
    request_id = _request_id(headers)
    wanted = retry_after(headers, raw, status)
    headers = _kept(headers)
    if said.withholds(status):
        return _withheld(raw, request_id, status, headers)
    return Failure(
        kind=said.kind(status),
        message=said.sentence or f"HTTP {status}",
        status=status,
        retry_after=wanted,
        raw=raw,
        request_id=request_id,
        headers=headers,
    )


def _withheld(raw: str, request_id: str, status: int, headers: Mapping[str, str]) -> Reply:
    return Reply(
        text="",
        finish_reason="content_filter",
        raw=raw,
        request_id=request_id,
        status=status,
        headers=headers,
    )


def failed(error: Mapping[str, Any]) -> Reply | Failure:
    """What a reply that failed says of itself, as an error does."""
    said = complaint(json.dumps({"error": error}))
    if said.withholds(said.status):
        return Reply(text="", finish_reason="content_filter")
    words = [str(part) for part in (error.get("code"), said.sentence) if part]
    return Failure(said.kind(said.status), ": ".join(words) or "failed without a reason")


def joined(texts: Iterable[str]) -> str:
    """The parts of a text as one. Where two digits meet, a line ends: 1 and 0 are no 10."""
    return _DIGITS_MEET.sub("\n", _SEAM.join(texts)).replace(_SEAM, "")


def counted(usage: object, *names: str) -> int | None:
    """A count of tokens by its name, or by the names of the tables around it; None without one."""
    found = usage
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, bool) or not isinstance(found, int):
        return None
    return found if 0 <= found <= _MOST_TOKENS else None


def table(value: object) -> Mapping[str, Any]:
    """A table, or an empty one where there is something else."""
    return value if isinstance(value, Mapping) else {}


def _request_id(headers: Mapping[str, str]) -> str:
    return headers.get("x-request-id", "") or headers.get("request-id", "")


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in ((name.lower(), value) for name, value in headers.items())
        if name in _KEPT_HEADERS or name.startswith(_KEPT_PREFIXES)
    }
