"""Anthropic's message batches, through its own client.

All requests are in the body, and a batch carries no words of ours. So each request is named by the
key of its batch and its place: a batch whose name was lost is known by its first reply.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import httpx2

from llm_respondents.batches.door import FILE_SECONDS, Seen, guarded
from llm_respondents.providers.base import Failure, encode
from llm_respondents.providers.lines import anthropic_client

_STATES = {"in_progress": "in_progress", "canceling": "cancelling", "ended": "completed"}
_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "timeout_error": 504,
    "overloaded_error": 529,
}
# How far the clocks of two machines may be apart.
_CLOCKS_APART = timedelta(minutes=10)
_BETWEEN = "_"
_PIECE = 1 << 20


class MessageBatchDoor:
    """The batches of one account at Anthropic."""

    def __init__(self, *, base_url: str, api_key_env: str, timeout_seconds: float) -> None:
        import anthropic

        self._errors, self._timeout = anthropic, timeout_seconds
        self._client = anthropic_client(base_url, api_key_env, timeout_seconds)

    async def submit(self, key: str, content: BinaryIO) -> Seen | Failure:
        """See `Door.submit`."""

        async def call() -> Seen:
            with TemporaryFile() as requests:
                length = _write_requests(key, content, requests)
                headers = {"Content-Type": "application/json", "Content-Length": str(length)}
                response: httpx2.Response = await self._client.post(
                    "/v1/messages/batches",
                    cast_to=httpx2.Response,
                    content=_parts(requests),
                    options={"headers": headers},
                )
            made = json.loads(response.text)
            return Seen(str(made["id"]), _STATES[made["processing_status"]])

        return await guarded(call, FILE_SECONDS, self._errors)

    async def find(self, key: str, since: datetime) -> Seen | Failure | None:
        """See `Door.find`; a batch that is under way may be ours, and is waited for."""

        async def call() -> Seen | Failure | None:
            under_way = None
            async for batch in self._client.messages.batches.list(limit=100):
                if batch.created_at < since - _CLOCKS_APART:
                    break
                if batch.processing_status != "ended":
                    under_way = batch.id
                elif await self._is_ours(batch.id, key):
                    return Seen(batch.id, "completed", (batch.id,))
            if under_way is None:
                return None
            said = f"batch {under_way} is under way and may be the one looked for; wait for its end"
            return Failure("server", said)

        return await guarded(call, FILE_SECONDS, self._errors)

    async def _is_ours(self, provider_id: str, key: str) -> bool:
        """Whether the first reply of a batch names our key."""
        batches = self._client.messages.batches.with_streaming_response
        async with batches.results(provider_id) as response:
            async for line in response.iter_lines():
                named = str(json.loads(line)["custom_id"])
                return named.startswith(f"{key}{_BETWEEN}")
        return False

    async def look(self, provider_id: str) -> Seen | Failure:
        """See `Door.look`."""

        async def call() -> Seen:
            batch = await self._client.messages.batches.retrieve(provider_id)
            files = (batch.id,) if batch.processing_status == "ended" else ()
            return Seen(batch.id, _STATES[batch.processing_status], files)

        return await guarded(call, self._timeout, self._errors)

    async def cancel(self, provider_id: str) -> Seen | Failure:
        """See `Door.cancel`."""

        async def call() -> Seen:
            batch = await self._client.messages.batches.cancel(provider_id)
            return Seen(batch.id, _STATES[batch.processing_status])

        return await guarded(call, self._timeout, self._errors)

    async def read(self, files: tuple[str, ...], into: BinaryIO) -> int | Failure:
        """See `Door.read`."""

        async def call() -> int:
            into.seek(0)
            into.truncate()
            batches = self._client.messages.batches.with_streaming_response
            for name in files:
                async with batches.results(name) as response:
                    async for line in response.iter_lines():
                        into.write(_result(line) + b"\n")
            return into.tell()

        return await guarded(call, FILE_SECONDS, self._errors)

    async def aclose(self) -> None:
        """See `Door.aclose`."""
        await self._client.close()


def _write_requests(key: str, content: BinaryIO, into: BinaryIO) -> int:
    """The lines of our file as the body of a batch; return how many bytes it has."""
    content.seek(0)
    before = b'{"requests":['
    for line in content:
        asked = json.loads(line)
        named = f"{key}{_BETWEEN}{asked['custom_id']}"
        request = encode({"custom_id": named, "params": asked["body"]})
        into.write(before + request.encode("utf-8", "backslashreplace"))
        before = b","
    into.write(b"]}")
    return into.tell()


async def _parts(file: BinaryIO) -> AsyncIterator[bytes]:
    """A file from its beginning, in pieces."""
    file.seek(0)
    while part := file.read(_PIECE):
        yield part


def _result(line: str) -> bytes:
    """One result in the form of our files; a line that is none is left as it is."""
    try:
        found = json.loads(line)
        custom_id = str(found["custom_id"]).rpartition(_BETWEEN)[2]
        written = {"custom_id": custom_id, **_outcome(found["result"])}
    except (ValueError, LookupError, TypeError):
        return line.encode("utf-8", "replace")
    return encode(written).encode("utf-8", "backslashreplace")


def _outcome(result: Mapping[str, Any]) -> dict[str, Any]:
    if result["type"] == "succeeded":
        return {"response": {"status_code": HTTPStatus.OK, "body": result["message"]}}
    if result["type"] == "errored":
        error = result["error"]
        status = _STATUSES.get(error["error"]["type"], HTTPStatus.INTERNAL_SERVER_ERROR)
        return {"response": {"status_code": status, "body": error}}
    # Cancelled or expired before its turn came.
    return {"error": {"code": result["type"], "message": "not begun"}}
