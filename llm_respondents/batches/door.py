"""What can be done with batches at any provider, and what is seen of one.

A file of ours has a line for each request, in the form that OpenAI's files have, and so has one
with replies, whatever goes over the wire: a door writes and reads its provider's own form. A call
that fails is a `Failure`, never an exception.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Protocol, TypeVar

import httpx2

from llm_respondents.providers.apis.reading import read_error
from llm_respondents.providers.base import Failure, Reply, Usage

# A file of 200 MB takes its time.
FILE_SECONDS = 1800.0
# How far the clocks of two machines may be apart when a batch is looked for by its age.
CLOCKS_APART = timedelta(days=1)
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
    def expired(self) -> bool:
        """Whether the provider's time for the batch was up before it was done."""
        return self.status == "expired"

    @property
    def failed(self) -> bool:
        """Whether the provider did not accept the file; nothing was asked."""
        return self.status == "failed"


class Door(Protocol):
    """One endpoint's batches. Make it inside the loop that uses it."""

    async def submit(self, key: str, content: BinaryIO) -> Seen | Failure:
        """Make a batch of a file of requests that can be found again by `key`.

        The file is read as it is sent, so that it may be larger than the memory.
        """
        ...

    async def find(self, key: str, since: datetime) -> Seen | Failure | None:
        """Return the batch that carries `key`, made after `since`; None if there is none."""
        ...

    async def look(self, provider_id: str) -> Seen | Failure:
        """How far a batch is."""
        ...

    async def cancel(self, provider_id: str) -> Seen | Failure:
        """Let the provider end a batch; what is finished stays and is billed."""
        ...

    async def read(self, files: tuple[str, ...], into: BinaryIO) -> int | Failure:
        """Write the files with replies one after the other; return how many bytes they have."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


async def guarded(
    call: Callable[[], Awaitable[_Found]], seconds: float, errors: Any
) -> _Found | Failure:
    """Await a call of a client; `errors` is the module that has the client's exceptions."""
    try:
        async with asyncio.timeout(seconds):
            return await call()
    except (TimeoutError, errors.APITimeoutError):
        return Failure("timeout", f"no complete reply within {seconds:g} s")
    except errors.APIStatusError as error:
        return refused(error.response)
    except errors.APIConnectionError as error:
        return Failure("connection", str(error.__cause__ or error))
    except (errors.APIError, ValueError, TypeError, AttributeError, LookupError) as error:
        return malformed(error)


def refused(response: httpx2.Response) -> Failure:
    """What a response with an error says."""
    found = read_error(response.text, response.status_code, response.headers)
    if isinstance(found, Reply):
        return Failure("bad_request", "the content filter refused the batch", raw=found.raw)
    return found


def malformed(error: Exception) -> Failure:
    """A response that is none of a batch interface."""
    return Failure("malformed", f"no answer of a batch interface ({type(error).__name__})")
