"""A spend cap that concurrency cannot exceed: reserve before each call, settle after it.

Amounts are whole billionths of the currency (nano), so that a million small sums add up exactly.
What is reserved is an upper bound: no tokeniser makes more tokens of a text than it has bytes.
What may have been billed without a reply (a timeout, a broken line, a worker that was killed)
stays counted as spent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_respondents.conversation.prompts import Message
from llm_respondents.endpoints.file import Price
from llm_respondents.providers.base import Failure, Reply, text_bytes

# Role, separators and whatever a chat template adds to each message, in tokens.
_MESSAGE_OVERHEAD = 24
# Where each interface has the schema of an answer.
_FORMS = ("response_format", "text", "output_config", "generationConfig")
# The endpoint did the work, or may have: nobody can tell.
_PERHAPS_BILLED = frozenset({"timeout", "connection", "malformed", "not_an_api"})


@dataclass(frozen=True, slots=True)
class Purse:
    """The price of a model, and the call by which the store keeps the account of all workers.

    `hold` holds an amount back and returns "", or the code of the cap that has no room for it.
    """

    price: Price
    longest_reply: int
    hold: Callable[[int], Awaitable[str]]

    def bound(self, messages: Sequence[Message], parameters: Mapping[str, Any]) -> int:
        """The most that a call can cost."""
        texts = sum(map(text_bytes, messages))
        return self.bound_of(texts, len(messages), parameters)

    def bound_of(self, text_bytes: int, messages: int, parameters: Mapping[str, Any]) -> int:
        """`bound` for a number of messages whose texts have so many bytes together."""
        forms = [parameters[name] for name in _FORMS if name in parameters]
        schema = json.dumps(forms[0] if forms else None)
        tokens = text_bytes + messages * _MESSAGE_OVERHEAD + len(schema.encode())
        return self.price.most(tokens, self.longest_reply)

    def settled(self, reserved: int, outcome: Reply | Failure) -> int:
        """What a call is taken to have cost once it is over."""
        if isinstance(outcome, Failure):
            return reserved if outcome.kind in _PERHAPS_BILLED else 0
        used = outcome.usage
        if used.prompt_tokens is None:
            return reserved
        return self.price.nano(
            used.prompt_tokens,
            used.completion_tokens or 0,
            used.cached_tokens or 0,
            used.written_tokens or 0,
        )


class Together:
    """Holds back for all calls that wait at the same time by one call of the store.

    Sessions whose turns were committed together ask their next questions together, and while the
    store is at it others gather. Who came first is served first.
    """

    def __init__(self, hold: Callable[[Sequence[int]], Awaitable[Sequence[str]]]) -> None:
        self._hold = hold
        self._waiting: list[tuple[int, asyncio.Future[str]]] = []
        self._serving: asyncio.Task[None] | None = None

    async def hold(self, amount: int) -> str:
        """Hold an amount back; "" or the code of the cap that has no room for it."""
        held: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((amount, held))
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve())
        return await held

    async def _serve(self) -> None:
        while self._waiting:
            served, self._waiting = self._waiting, []
            try:
                codes = await self._hold([amount for amount, _ in served])
            except Exception as error:  # noqa: BLE001 - it is raised by everybody who waits for it
                for held in _open(served):
                    held.set_exception(error)
                continue
            for (_, held), code in zip(served, codes, strict=True):
                if not held.done():
                    held.set_result(code)
        self._serving = None


def _open(served: Sequence[tuple[int, asyncio.Future[str]]]) -> list[asyncio.Future[str]]:
    return [held for _, held in served if not held.done()]
