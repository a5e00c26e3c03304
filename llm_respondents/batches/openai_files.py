"""``/files`` and ``/batches`` of an endpoint, through the `openai` client."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import BinaryIO, Literal, cast

import httpx2
import openai
from openai.types import Batch as OpenAIBatch

from llm_respondents.batches.door import CLOCKS_APART, FILE_SECONDS, Seen, guarded
from llm_respondents.providers.base import Failure, Usage
from llm_respondents.providers.clients import CONNECT_SECONDS, openai_client

# The name under which a batch carries our own key.
METADATA = "counterpart"
# Azure looks through a file before a batch can be made of it.
_BEING_CHECKED = frozenset({"pending", "running"})
_CHECK_SECONDS = 1.0


class OpenAIDoor:
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
        """See `Door.submit`. The file is uploaded, and its batch has `key` as metadata."""

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

        return await guarded(call, FILE_SECONDS, openai)

    async def find(self, key: str, since: datetime) -> Seen | Failure | None:
        """See `Door.find`."""
        oldest = (since - CLOCKS_APART).timestamp()

        async def call() -> Seen | None:
            async for batch in self._client.batches.list(limit=100):
                if (batch.metadata or {}).get(METADATA) == key:
                    return _seen(batch)
                if batch.created_at < oldest:
                    break
            return None

        return await guarded(call, FILE_SECONDS, openai)

    async def look(self, provider_id: str) -> Seen | Failure:
        """See `Door.look`."""

        async def call() -> Seen:
            return _seen(await self._client.batches.retrieve(provider_id))

        return await guarded(call, self._timeout, openai)

    async def cancel(self, provider_id: str) -> Seen | Failure:
        """See `Door.cancel`."""

        async def call() -> Seen:
            return _seen(await self._client.batches.cancel(provider_id))

        return await guarded(call, self._timeout, openai)

    async def read(self, files: tuple[str, ...], into: BinaryIO) -> int | Failure:
        """See `Door.read`."""

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

        return await guarded(call, FILE_SECONDS, openai)

    async def aclose(self) -> None:
        """See `Door.aclose`."""
        await self._client.close()


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
