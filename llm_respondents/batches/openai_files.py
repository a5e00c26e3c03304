"""``/files`` and ``/batches`` of an endpoint, through the `openai` client.

A call that fails is a `Failure`, never an exception. Make a door inside the loop that uses it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import BinaryIO, Literal, TypeVar, cast

import httpx2
import openai
from openai.types import Batch as OpenAIBatch

from llm_respondents.providers.apis.reading import read_error
from llm_respondents.providers.base import Failure, Reply, Usage
from llm_respondents.providers.clients import CONNECT_SECONDS, openai_client

# The name under which a batch carries our own key.
METADATA = "counterpart"
# A file of 200 MB takes its time.
_FILE_SECONDS = 1800.0
# Azure looks through a file before a batch can be made of it.
_BEING_CHECKED = frozenset({"pending", "running"})
_CHECK_SECONDS = 1.0
# How far the clocks of two machines may be apart when a batch is looked for by its age.
_CLOCKS_APART = timedelta(days=1)
_ENDED = frozenset({"completed", "expired", "cancelled"})

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Seen:
    """A batch as its provider describes it. `files` are the identifiers of those with replies.

    `usage` is what all of its calls took together, where the provider adds that up.
    """

    provider_id: str
    status: str
    files: tuple[str, ...] = ()
    errors: str = ""
    usage: Usage = field(default_factory=Usage)

    @property
    def ended(self) -> bool:
        """Whether every reply that will come is in the files."""
        return self.status in _ENDED

    @property
    def failed(self) -> bool:
        """Whether the provider did not accept the file; nothing was asked."""
        return self.status == "failed"


class BatchDoor:
    """One endpoint's batches."""

    def __init__(
        self,
        *,
        base_url: str = "",
        api_key_env: str = "",
        timeout_seconds: float = 120.0,
        path: str,
    ) -> None:
        self._timeout, self._path = timeout_seconds, path
        timeout = httpx2.Timeout(timeout_seconds, connect=CONNECT_SECONDS)
        self._client = openai_client(base_url=base_url, api_key_env=api_key_env, timeout=timeout)

    async def submit(self, key: str, content: BinaryIO) -> Seen | Failure:
        """Upload a file of requests and make a batch of it that carries `key`.

        The file is read as it is sent, so that it may be larger than the memory.
        """

        async def call() -> Seen:
            file = await self._client.files.create(file=(f"{key}.jsonl", content), purpose="batch")
            while file.status in _BEING_CHECKED:
                await asyncio.sleep(_CHECK_SECONDS)
                file = await self._client.files.retrieve(file.id)
            batch = await self._client.batches.create(
                input_file_id=file.id,
                # The client's type names the paths of one provider.
                endpoint=cast("Literal['/v1/chat/completions']", self._path),
                completion_window="24h",
                metadata={METADATA: key},
            )
            return _seen(batch)

        return await _guarded(call, _FILE_SECONDS)

    async def find(self, key: str, since: datetime) -> Seen | Failure | None:
        """Return the batch that carries `key`, made after `since`; None if there is none."""
        oldest = (since - _CLOCKS_APART).timestamp()

        async def call() -> Seen | None:
            async for batch in self._client.batches.list(limit=100):
                if (batch.metadata or {}).get(METADATA) == key:
                    return _seen(batch)
                if batch.created_at < oldest:
                    break
            return None

        return await _guarded(call, _FILE_SECONDS)

    async def look(self, provider_id: str) -> Seen | Failure:
        """How far a batch is."""

        async def call() -> Seen:
            return _seen(await self._client.batches.retrieve(provider_id))

        return await _guarded(call, self._timeout)

    async def cancel(self, provider_id: str) -> Seen | Failure:
        """Let the provider end a batch; what is finished stays and is billed."""

        async def call() -> Seen:
            return _seen(await self._client.batches.cancel(provider_id))

        return await _guarded(call, self._timeout)

    async def read(self, files: tuple[str, ...], into: BinaryIO) -> int | Failure:
        """Write the files with replies one after the other; return how many bytes they have."""

        async def call() -> int:
            into.seek(0)
            into.truncate()
            for name in files:
                async with self._client.files.with_streaming_response.content(name) as response:
                    async for part in response.iter_bytes():
                        into.write(part)
                # A file need not end with the end of a line.
                into.write(b"\n")
            return into.tell()

        return await _guarded(call, _FILE_SECONDS)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


async def _guarded(call: Callable[[], Awaitable[_Found]], seconds: float) -> _Found | Failure:
    try:
        async with asyncio.timeout(seconds):
            return await call()
    except (TimeoutError, openai.APITimeoutError):
        return Failure("timeout", f"no complete reply within {seconds:g} s")
    except openai.APIStatusError as error:
        response = error.response
        found = read_error(response.text, response.status_code, response.headers)
        if isinstance(found, Reply):
            return Failure("bad_request", "the content filter refused the batch", raw=found.raw)
        return found
    except openai.APIConnectionError as error:
        return Failure("connection", str(error.__cause__ or error))
    except (openai.OpenAIError, ValueError, TypeError, AttributeError) as error:
        return Failure("malformed", f"no answer of a batch interface ({type(error).__name__})")


def _seen(batch: OpenAIBatch) -> Seen:
    errors = (batch.errors.data or []) if batch.errors else []
    said = "; ".join(
        f"{error.code}: {error.message}" + (f" (line {error.line})" if error.line else "")
        for error in errors[:5]
    )
    files = tuple(file for file in (batch.output_file_id, batch.error_file_id) if file)
    # The client takes the endpoint's word for it, whatever it is.
    took = batch.usage
    counts = (took.input_tokens, took.output_tokens) if took else (None, None)
    usage = Usage(*(count if isinstance(count, int) and count >= 0 else None for count in counts))
    return Seen(str(batch.id), str(batch.status), files, said, usage)
