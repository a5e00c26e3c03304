"""``/files`` and ``/batches`` of an endpoint, through the `openai` client.

A call that fails is a `Failure`, never an exception. Make a door inside the loop that uses it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import httpx2
import openai
from openai.types import Batch as OpenAIBatch

from llm_respondents.batches.files import PATH
from llm_respondents.providers.base import Failure, Reply, read_key
from llm_respondents.providers.bodies import read_error

# The name under which a batch carries our own key.
METADATA = "counterpart"
_CONNECT_SECONDS = 10.0
# A file of 200 MB takes its time.
_FILE_SECONDS = 1800.0
# How far the clocks of two machines may be apart when a batch is looked for by its age.
_CLOCKS_APART = timedelta(days=1)
_ENDED = frozenset({"completed", "expired", "cancelled"})

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Seen:
    """A batch as its provider describes it. `files` are the identifiers of those with replies."""

    provider_id: str
    status: str
    files: tuple[str, ...] = ()
    errors: str = ""

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
        self, *, base_url: str = "", api_key_env: str = "", timeout_seconds: float = 120.0
    ) -> None:
        self._timeout = timeout_seconds
        timeout = httpx2.Timeout(timeout_seconds, connect=_CONNECT_SECONDS)
        self._client = openai.AsyncOpenAI(
            api_key=read_key(api_key_env),
            base_url=base_url or None,
            max_retries=0,
            timeout=timeout,
            http_client=openai.DefaultAsyncHttpx2Client(timeout=timeout),
        )

    async def submit(self, key: str, content: bytes) -> Seen | Failure:
        """Upload a file of requests and make a batch of it that carries `key`."""

        async def call() -> Seen:
            file = await self._client.files.create(file=(f"{key}.jsonl", content), purpose="batch")
            batch = await self._client.batches.create(
                input_file_id=file.id,
                endpoint=PATH,
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

    async def read(self, files: tuple[str, ...]) -> list[str] | Failure:
        """The contents of the files with replies."""

        async def call() -> list[str]:
            contents = [await self._client.files.content(file) for file in files]
            return [content.content.decode("utf-8", "replace") for content in contents]

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
    return Seen(str(batch.id), str(batch.status), files, said)
