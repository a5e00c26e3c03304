"""Bodies of ``/chat/completions``, over whichever road they came: a response, a line of a file.

Pure: no network and no client, so that nothing here takes time to load.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from llm_respondents.providers.base import Failure, FailureKind, Reply, Usage
from llm_respondents.providers.complaints import complaint, excerpt, retry_after

# Headers worth keeping with an attempt; never cookies or anything about the account.
_KEPT_HEADERS = ("x-request-id", "date", "openai-processing-ms", "openai-version", "x-should-retry")
_KEPT_PREFIXES = ("x-ratelimit-", "retry-after")
_LONGEST_RAW = 200_000
_PAGE_STARTS = "<"
_STREAM_STARTS = ("data:", "event:", ": ")
# More tokens than any model reads; what is above it is no count.
_MOST_TOKENS = 2**31 - 1


def read_completion(text: str, status: int, headers: Mapping[str, str]) -> Reply | Failure:
    """Read the body of a successful response; anything but a chat completion is a failure."""
    raw = text[:_LONGEST_RAW]
    request_id = headers.get("x-request-id", "")
    headers = _kept(headers)
    try:
        body = json.loads(raw)
        choice = body["choices"][0]
        message = choice["message"]
        said, refusal = _text(message.get("content")), _text(message.get("refusal"))
        return Reply(
            text=said,
            finish_reason=str(choice.get("finish_reason") or ""),
            refusal=refusal,
            raw=raw,
            usage=_usage(body.get("usage")),
            model=str(body.get("model") or ""),
            system_fingerprint=str(body.get("system_fingerprint") or ""),
            request_id=request_id or str(body.get("id") or ""),
            status=status,
            headers=headers,
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        kind, message = _instead_of_completion(raw, error)
        return Failure(kind, message, status, None, raw, request_id, headers)


def _instead_of_completion(raw: str, error: Exception) -> tuple[FailureKind, str]:
    """What a successful status was put around: gateways pass on a model server's error that way."""
    start = raw.lstrip().lower()
    if start.startswith(_PAGE_STARTS):
        return "not_an_api", f"a web page in place of a chat completion: {excerpt(raw)}"
    if start.startswith(_STREAM_STARTS):
        return "not_an_api", f"a stream of events in place of a chat completion: {excerpt(raw)}"
    said = complaint(raw)
    passed_on = said.kind(said.status)
    if passed_on in ("quota", "context_length", "rate_limit") or said.status >= 500:
        return passed_on, said.sentence or f"{said.status} in the body of a success"
    what = said.sentence if said.codes else excerpt(raw)
    return "malformed", f"200 without a chat completion ({type(error).__name__}): {what}"


def _text(content: object) -> str:
    """Content is a string, null, or on some endpoints a list of text parts."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content)
    if content is None:
        return ""
    if not isinstance(content, str):
        raise TypeError("content is neither text nor null")
    return content


def _usage(usage: object) -> Usage:
    if not isinstance(usage, Mapping):
        return Usage()
    prompt_details = _details(usage, "prompt_tokens_details")
    completion_details = _details(usage, "completion_tokens_details")
    return Usage(
        # No request has no tokens: an endpoint that says 0 does not count.
        _count(usage.get("prompt_tokens")) or None,
        _count(usage.get("completion_tokens")),
        _count(prompt_details.get("cached_tokens")),
        _count(completion_details.get("reasoning_tokens")),
    )


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MOST_TOKENS else None


def _details(usage: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = usage.get(name)
    return found if isinstance(found, Mapping) else {}


def read_error(text: str, status: int, headers: Mapping[str, str]) -> Reply | Failure:
    """Classify an HTTP error. A content filter that answers with a status is a reply withheld."""
    raw = text[:_LONGEST_RAW]
    said = complaint(raw)
    request_id = headers.get("x-request-id", "")
    wanted = retry_after(headers, raw, status)
    headers = _kept(headers)
    if said.withholds(status):
        return Reply(
            text="",
            finish_reason="content_filter",
            raw=raw,
            request_id=request_id,
            status=status,
            headers=headers,
        )
    return Failure(
        kind=said.kind(status),
        message=said.sentence or f"HTTP {status}",
        status=status,
        retry_after=wanted,
        raw=raw,
        request_id=request_id,
        headers=headers,
    )


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in ((name.lower(), value) for name, value in headers.items())
        if name in _KEPT_HEADERS or name.startswith(_KEPT_PREFIXES)
    }
