"""Gemini's batches of files, through its own client. Our key is the name that a batch shows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import Any, BinaryIO, TypeVar

import httpx2

from llm_respondents.batches.door import CLOCKS_APART, FILE_SECONDS, Seen, malformed, refused
from llm_respondents.providers.base import Failure, encode
from llm_respondents.providers.lines import gemini_client

_STATES = {
    "JOB_STATE_QUEUED": "validating",
    "JOB_STATE_PENDING": "validating",
    "JOB_STATE_SUCCEEDED": "completed",
    "JOB_STATE_PARTIALLY_SUCCEEDED": "completed",
    "JOB_STATE_FAILED": "failed",
    "JOB_STATE_CANCELLING": "cancelling",
    "JOB_STATE_CANCELLED": "cancelled",
    "JOB_STATE_EXPIRED": "expired",
}
# Google's numbers of what went wrong with one request -> what HTTP would say.
_STATUSES = {3: 400, 4: 504, 5: 404, 7: 403, 8: 429, 9: 400, 13: 500, 14: 503, 16: 401}

_Found = TypeVar("_Found")


class GeminiDoor:
    """The batches of one project at Google, for one model."""

    def __init__(
        self, *, model: str, base_url: str, api_key_env: str, timeout_seconds: float
    ) -> None:
        from google.genai import errors

        self._errors, self._timeout = errors, timeout_seconds
        self._model = model
        timeout = httpx2.Timeout(timeout_seconds)
        self._connections = httpx2.AsyncClient(timeout=timeout)
        self._client = gemini_client(base_url, api_key_env, self._connections).aio

    async def submit(self, key: str, content: BinaryIO) -> Seen | Failure:
        """See `Door.submit`."""

        async def call() -> Seen:
            with TemporaryFile() as requests:
                _write_requests(content, requests)
                about = {"display_name": key, "mime_type": "jsonl"}
                file = await self._client.files.upload(file=requests, config=about)
            job = await self._client.batches.create(
                model=self._model, src=file.name, config={"display_name": key}
            )
            return _seen(job)

        return await self._guarded(call, FILE_SECONDS)

    async def find(self, key: str, since: datetime) -> Seen | Failure | None:
        """See `Door.find`."""
        oldest = since - CLOCKS_APART

        async def call() -> Seen | None:
            async for job in await self._client.batches.list(config={"page_size": 100}):
                if job.display_name == key:
                    return _seen(job)
                if job.create_time is not None and job.create_time < oldest:
                    break
            return None

        return await self._guarded(call, FILE_SECONDS)

    async def look(self, provider_id: str) -> Seen | Failure:
        """See `Door.look`."""

        async def call() -> Seen:
            return _seen(await self._client.batches.get(name=provider_id))

        return await self._guarded(call, self._timeout)

    async def cancel(self, provider_id: str) -> Seen | Failure:
        """See `Door.cancel`."""

        async def call() -> Seen:
            await self._client.batches.cancel(name=provider_id)
            return Seen(provider_id, "cancelling")

        return await self._guarded(call, self._timeout)

    async def read(self, files: tuple[str, ...], into: BinaryIO) -> int | Failure:
        """See `Door.read`."""

        async def call() -> int:
            into.seek(0)
            into.truncate()
            for name in files:
                with TemporaryFile() as replies:
                    await self._client.files.download(file=name, destination=replies)
                    replies.seek(0)
                    into.writelines(_result(line) + b"\n" for line in replies)
            return into.tell()

        return await self._guarded(call, FILE_SECONDS)

    async def aclose(self) -> None:
        """See `Door.aclose`."""
        await self._connections.aclose()

    async def _guarded(
        self, call: Callable[[], Awaitable[_Found]], seconds: float
    ) -> _Found | Failure:
        try:
            async with asyncio.timeout(seconds):
                return await call()
        except (TimeoutError, httpx2.TimeoutException):
            return Failure("timeout", f"no complete reply within {seconds:g} s")
        except self._errors.APIError as error:
            return _refused(error)
        except httpx2.TransportError as error:
            return Failure("connection", str(error))
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            return malformed(error)


def _refused(error: Any) -> Failure:
    """What an error of the client says; it has read the body already."""
    headers = dict(getattr(error.response, "headers", None) or {})
    details = error.details if isinstance(error.details, dict) else {"error": str(error.details)}
    kept = {name: headers[name] for name in headers if name.lower() == "retry-after"}
    return refused(httpx2.Response(int(error.code), json=details, headers=kept))


def _seen(job: Any) -> Seen:
    state = str(getattr(job.state, "name", job.state) or "")
    file = job.dest.file_name if job.dest else None
    said = str(job.error.message or "") if job.error else ""
    return Seen(str(job.name), _STATES.get(state, "in_progress"), (file,) if file else (), said)


def _write_requests(content: BinaryIO, into: BinaryIO) -> None:
    """Lines of our files as Gemini has them, from the beginning."""
    content.seek(0)
    for line in content:
        asked = json.loads(line)
        request = encode({"key": asked["custom_id"], "request": asked["body"]})
        into.write(request.encode("utf-8", "backslashreplace") + b"\n")
    into.seek(0)


def _result(line: bytes) -> bytes:
    """One result in the form of our files; a line that is none is left as it is."""
    try:
        found = json.loads(line)
        written = {"custom_id": str(found["key"]), "response": _response(found)}
    except (ValueError, LookupError, TypeError, AttributeError):
        return line.rstrip(b"\n")
    return encode(written).encode("utf-8", "backslashreplace")


def _response(found: dict[str, Any]) -> dict[str, Any]:
    if error := found.get("error"):
        code = int(error.get("code") or 0)
        status = _STATUSES.get(code, code if code >= HTTPStatus.BAD_REQUEST else 500)
        return {"status_code": status, "body": {"error": error}}
    return {"status_code": HTTPStatus.OK, "body": found["response"]}
