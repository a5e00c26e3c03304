"""Any endpoint that speaks ``/chat/completions``, through the `openai` client.

The client's typed `create()` walks the whole history on every call, which on a session of 33 turns
costs more processor time than everything else together. `client.post()` sends the same bytes from a
prepared body. The client's own retries are off: the retry policy is the runner's, and is data.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

import httpx2
import openai

from llm_respondents.prompts import response_format
from llm_respondents.providers.base import (
    Failure,
    FailureKind,
    Reply,
    Request,
    Usage,
    read_key,
)

# Some servers take no larger seed than a signed 32-bit integer.
_SEED_MODULUS = 2**31 - 1
_CONNECT_SECONDS = 10.0
# Headers worth keeping with an attempt; never cookies or anything about the account.
_KEPT_HEADERS = ("x-request-id", "date", "openai-processing-ms", "openai-version", "x-should-retry")
_KEPT_PREFIXES = ("x-ratelimit-", "retry-after")
_LONGEST_RAW = 200_000


@dataclass(frozen=True, slots=True)
class Sampling:
    """What is sent beside the messages; None or empty leaves it to the endpoint.

    `token_parameter` is ``max_completion_tokens`` for current endpoints and ``max_tokens`` for
    those that ignore it. `extra` is sent as it is.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int = 1000
    token_parameter: str = "max_completion_tokens"  # noqa: S105 - the tokens of a model
    sends_seed: bool = True
    reasoning_effort: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class OpenAIProvider:
    """A model behind an OpenAI-compatible endpoint. Make it inside the loop that uses it."""

    name = "openai"

    def __init__(
        self,
        *,
        model: str,
        base_url: str = "",
        api_key_env: str = "",
        sampling: Sampling | None = None,
        timeout_seconds: float = 120.0,
        concurrency: int = 50,
    ) -> None:
        self._model = model
        self._sampling = sampling or Sampling()
        self._timeout = timeout_seconds
        # Connections are kept for every session at once; the client's default keeps only 100.
        limits = httpx2.Limits(
            max_connections=concurrency + 10, max_keepalive_connections=concurrency + 10
        )
        timeout = httpx2.Timeout(timeout_seconds, connect=_CONNECT_SECONDS)
        self._client = openai.AsyncOpenAI(
            api_key=read_key(api_key_env),
            base_url=base_url or None,
            max_retries=0,
            timeout=timeout,
            http_client=openai.DefaultAsyncHttpx2Client(limits=limits, timeout=timeout),
        )

    def parameters(self, request: Request) -> dict[str, Any]:
        """Everything in the request body but the messages."""
        body = self.base_parameters()
        if self._sampling.sends_seed:
            body["seed"] = request.session_seed % _SEED_MODULUS
        schema = response_format(request.turn, request.arm)
        if schema is not None:
            body["response_format"] = schema
        return body

    def base_parameters(self) -> dict[str, Any]:
        """What every request of the panel carries."""
        sampling = self._sampling
        body: dict[str, Any] = {"model": self._model, sampling.token_parameter: sampling.max_tokens}
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.top_p is not None:
            body["top_p"] = sampling.top_p
        if sampling.reasoning_effort:
            body["reasoning_effort"] = sampling.reasoning_effort
        return {**body, **sampling.extra}

    async def ask(self, request: Request) -> Reply | Failure:
        """Send one request; a call that fails is a `Failure`, never an exception."""
        return await self.complete({**self.parameters(request), "messages": list(request.messages)})

    async def complete(self, body: Mapping[str, Any]) -> Reply | Failure:
        """Send a prepared request body."""
        try:
            # The client's timeout restarts with every byte; this one is for the whole call.
            async with asyncio.timeout(self._timeout):
                response = await self._client.post(
                    "/chat/completions", cast_to=httpx2.Response, body=dict(body)
                )
        except (TimeoutError, openai.APITimeoutError):
            return Failure("timeout", f"no complete reply within {self._timeout:g} s")
        except openai.APIStatusError as error:
            return from_status(error.response)
        except openai.APIConnectionError as error:
            return Failure("connection", str(error.__cause__ or error))
        return from_response(response)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


def from_response(response: httpx2.Response) -> Reply | Failure:
    """Read a successful HTTP response; anything but a chat completion is a failure."""
    raw = response.text[:_LONGEST_RAW]
    headers = _kept(response.headers)
    request_id = response.headers.get("x-request-id", "")
    status = response.status_code
    try:
        body = json.loads(raw)
        choice = body["choices"][0]
        message = choice["message"]
        text, refusal = _text(message.get("content")), _text(message.get("refusal"))
        return Reply(
            text=text,
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
        message = f"200 without a chat completion ({type(error).__name__})"
        return Failure("malformed", message, status, None, raw, request_id, headers)


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


def from_status(response: httpx2.Response) -> Reply | Failure:
    """Classify an HTTP error. A content filter that answers with a status is a reply withheld."""
    raw = response.text[:_LONGEST_RAW]
    code, message = _error(raw)
    headers = _kept(response.headers)
    request_id = response.headers.get("x-request-id", "")
    if code == "content_filter":
        return Reply(
            text="",
            finish_reason="content_filter",
            raw=raw,
            request_id=request_id,
            status=response.status_code,
            headers=headers,
        )
    return Failure(
        kind=_kind(response.status_code, code),
        message=message or f"HTTP {response.status_code}",
        status=response.status_code,
        retry_after=retry_after(response.headers),
        raw=raw,
        request_id=request_id,
        headers=headers,
    )


def _kind(status: int, code: str) -> FailureKind:
    if code == "insufficient_quota" or status == httpx2.codes.PAYMENT_REQUIRED:
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
