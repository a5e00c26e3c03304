"""Bodies of ``/chat/completions``, over whichever road they came: a response, a line of a file.

Pure: no network and no client, so that nothing here takes time to load.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import time

from llm_respondents.providers.base import Failure, FailureKind, Reply, Usage

# Headers worth keeping with an attempt; never cookies or anything about the account.
_KEPT_HEADERS = ("x-request-id", "date", "openai-processing-ms", "openai-version", "x-should-retry")
_KEPT_PREFIXES = ("x-ratelimit-", "retry-after")
_LONGEST_RAW = 200_000


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
    code, sentence = _error(raw)
    status = int(code) if code.isdecimal() else 0
    passed_on = _kind(status, code)
    if passed_on in ("quota", "context_length", "rate_limit") or status >= 500:
        return passed_on, sentence or f"{code} in the body of a success"
    return "malformed", f"200 without a chat completion ({type(error).__name__})"


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
    prompt_details = usage.get("prompt_tokens_details") or {}
    completion_details = usage.get("completion_tokens_details") or {}
    return Usage(
        _count(usage.get("prompt_tokens")),
        _count(usage.get("completion_tokens")),
        _count(prompt_details.get("cached_tokens")),
        _count(completion_details.get("reasoning_tokens")),
    )


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None


def read_error(text: str, status: int, headers: Mapping[str, str]) -> Reply | Failure:
    """Classify an HTTP error. A content filter that answers with a status is a reply withheld."""
    raw = text[:_LONGEST_RAW]
    code, message = _error(raw)
    request_id = headers.get("x-request-id", "")
    wanted = retry_after(headers)
    headers = _kept(headers)
    if code == "content_filter":
        return Reply(
            text="",
            finish_reason="content_filter",
            raw=raw,
            request_id=request_id,
            status=status,
            headers=headers,
        )
    return Failure(
        kind=_kind(status, code),
        message=message or f"HTTP {status}",
        status=status,
        retry_after=wanted,
        raw=raw,
        request_id=request_id,
        headers=headers,
    )


def _kind(status: int, code: str) -> FailureKind:
    if code == "insufficient_quota" or status == HTTPStatus.PAYMENT_REQUIRED:
        return "quota"
    if code == "context_length_exceeded":
        return "context_length"
    by_status: dict[int, FailureKind] = {
        401: "auth",
        403: "auth",
        404: "not_found",
        408: "server",
        409: "server",
        429: "rate_limit",
    }
    return by_status.get(status, "server" if status >= 500 else "bad_request")


def _error(raw: str) -> tuple[str, str]:
    """The code and the sentence of an error body, in whichever of the usual shapes it comes."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return "", raw[:200]
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return "", str(error)[:200]
    code = error.get("code") or error.get("type") or ""
    return str(code), str(error.get("message") or "")[:300]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait: given as milliseconds, seconds or a date, or not."""
    milliseconds = headers.get("retry-after-ms", "")
    if milliseconds.replace(".", "", 1).isdecimal():
        return float(milliseconds) / 1000
    wanted = headers.get("retry-after", "")
    if wanted.replace(".", "", 1).isdecimal():
        return float(wanted)
    try:
        return max(0.0, parsedate_to_datetime(wanted).timestamp() - time()) if wanted else None
    except ValueError:
        return None


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in ((name.lower(), value) for name, value in headers.items())
        if name in _KEPT_HEADERS or name.startswith(_KEPT_PREFIXES)
    }
