"""What an endpoint really honours, found out by asking once and stored with the panel.

Endpoints drop parameters without saying so. Six calls settle what matters, a few more where a
verdict would stop a panel or something is rejected: whether the parameters and a system message are
taken, whether a
schema is enforced, whether a seed repeats, whether log-probabilities and a fingerprint come back,
whether the context holds the longest session from its first word and, where a session shows
pictures, whether one is taken and counted.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from llm_respondents.conversation.prompts import Message
from llm_respondents.conversation.reading.finish_reasons import ending_of
from llm_respondents.conversation.typography import whole, without_thoughts
from llm_respondents.providers.base import Failure, Reply
from llm_respondents.providers.fitting import Accepted, accepted

# "absent": the interface has no place for it.
Finding = Literal["honoured", "ignored", "rejected", "absent", "unknown"]
Complete = Callable[[Mapping[str, Any]], Awaitable[Reply | Failure]]

_TRIES = 4
# Nobody waits longer before a panel has begun; the endpoint's wish is told instead. In seconds.
_LONGEST_WAIT = 30.0
_CODE_WORD = "heron 4711"
_HELLO = "Please say hello."
_NUMBERS = "Name ten random numbers from 1 to 1000."
_SEED = 4711
_SYSTEM: Message = {"role": "system", "content": "Reply in one short sentence."}
# Of the growth of the texts, so much must be found in the counts of tokens.
_READ_WHOLE = 0.85
_SCHEMA: Mapping[str, Any] = {
    "type": "json_schema",
    "json_schema": {
        "name": "answer",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"answer": {"type": "integer", "enum": [3, 4]}},
            "required": ["answer"],
            "additionalProperties": False,
        },
    },
}
_PASSING = frozenset({"rate_limit", "server", "timeout", "connection", "malformed"})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Findings of one probe. `context` is about the longest session.

    `left_out` are parameters that are rejected, `renamed` those taken by their other name only.
    `seconds` is how long a call took in the middle and at most; None if it was not measured.
    """

    response_format: Finding = "unknown"
    seed: Finding = "unknown"
    logprobs: Finding = "unknown"
    context: Finding = "unknown"
    usage: bool = False
    model: str = ""
    system_fingerprint: str = ""
    system: Finding = "unknown"
    left_out: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    seconds: tuple[float, float] | None = None
    # "absent": no session shows one.
    pictures: Finding = "absent"

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as stored with a panel."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Asks:
    """What an interface can be asked about beside the rest."""

    seed: bool = True
    logprobs: bool = True


class _Prober:
    """Sends the probes one after the other."""

    def __init__(self, complete: Complete, base: Mapping[str, Any], wait: float) -> None:
        self._complete = complete
        self.base = base
        self._wait = wait

    def with_base(self, base: Mapping[str, Any]) -> _Prober:
        """The same with other parameters."""
        return _Prober(self._complete, base, self._wait)

    async def say(self, messages: Sequence[Message], **parameters: Any) -> Reply | Failure:
        """One probe; what may pass is tried again a few times."""
        body = {**self.base, **parameters, "messages": list(messages)}
        for attempt in range(1, _TRIES + 1):
            reply = await self._complete(body)
            if isinstance(reply, Reply):
                return reply
            wanted = reply.retry_after or 0.0
            if reply.kind not in _PASSING or attempt == _TRIES or wanted > _LONGEST_WAIT:
                return reply
            await asyncio.sleep(max(self._wait * 2**attempt, wanted))
        raise AssertionError("unreachable: the last try returns")

    async def ask(self, text: str, **parameters: Any) -> Reply | Failure:
        """One probe of one user message."""
        return await self.say(_asking(text), **parameters)


async def probe(
    complete: Complete,
    *,
    base: Mapping[str, Any],
    longest_session: Sequence[Message],
    wait: float = 0.5,
    asks: Asks = Asks(),
) -> Capabilities | Failure:
    """Probe an endpoint with `base` parameters; a `Failure` if it cannot be reached at all.

    `longest_session` are the messages of the longest request that the panel will make.
    """
    prober = _Prober(complete, base, wait)
    taken = await _first(prober)
    first = taken.reply
    if isinstance(first, Failure):
        return first
    prober = prober.with_base(taken.rejected.without(base))
    schema = await _schema(prober)
    seed = await _seed(prober) if asks.seed else "absent"
    logprobs = await _logprobs(prober) if asks.logprobs else "unknown"
    pictures = await _pictures(prober, longest_session)
    # What holds a picture is rejected for that, however long it is.
    context = "unknown" if pictures == "rejected" else await _context(prober, longest_session)
    return Capabilities(
        response_format=schema,
        seed=seed,
        logprobs=logprobs,
        context=context,
        usage=first.usage.prompt_tokens is not None,
        model=first.model,
        system_fingerprint=first.system_fingerprint,
        system="honoured" if taken.system else "rejected",
        left_out=taken.rejected.left_out,
        renamed=taken.rejected.renamed,
        pictures=pictures,
    )


def planned(
    base: Mapping[str, Any], longest_session: Sequence[Message], asks: Asks
) -> list[dict[str, Any]]:
    """The bodies of all requests of a probe, if each is answered the first time."""
    hello, numbers = _asking(_HELLO), _asking(_NUMBERS)
    return [
        {**base, "messages": [_SYSTEM, *hello]},
        {**base, "messages": hello, "response_format": _SCHEMA},
        *({**base, "messages": numbers, "seed": _SEED} for _ in range(2 * asks.seed)),
        *({**base, "messages": hello, "logprobs": True} for _ in range(asks.logprobs)),
        *({**base, "messages": asked} for asked in _picture_asked(longest_session)),
        {**base, "messages": _remembering(longest_session)},
    ]


def _asking(text: str) -> list[Message]:
    return [{"role": "user", "content": text}]


async def _first(prober: _Prober) -> Accepted:
    """Whether there is anybody, and what a request may hold; not every template has a system."""

    async def say(body: Mapping[str, Any], system: bool) -> Reply | Failure:
        messages = [_SYSTEM, *_asking(_HELLO)] if system else _asking(_HELLO)
        return await prober.with_base(body).say(messages)

    return await accepted(say, prober.base)


async def _schema(prober: _Prober) -> Finding:
    """The question invites a word; only an enforced schema makes it a number of the enumeration.

    That it is ignored is said after two samples that agree.
    """
    found = await _one_schema(prober)
    return await _one_schema(prober) if found == "ignored" else found


async def _one_schema(prober: _Prober) -> Finding:
    reply = await prober.ask(_HELLO, response_format=_SCHEMA)
    if isinstance(reply, Failure):
        return _refused(reply)
    if reply.refusal or ending_of(reply.finish_reason) != "complete":
        # A model that thinks may have spent its tokens before the first word; and what was
        # withheld or went wrong has no form.
        return "unknown"
    try:
        found = json.loads(whole(without_thoughts(reply.text)))
    except (ValueError, RecursionError):
        return "ignored"
    return "honoured" if found in ({"answer": 3}, {"answer": 4}) else "ignored"


async def _seed(prober: _Prober) -> Finding:
    """Two equal requests with a seed; equal replies are evidence and no proof, silence neither."""
    texts = []
    for _ in range(2):
        reply = await prober.ask(_NUMBERS, seed=_SEED)
        if isinstance(reply, Failure):
            return _refused(reply)
        texts.append(reply.text)
    if not all(text.strip() for text in texts):
        return "unknown"
    return "honoured" if texts[0] == texts[1] else "ignored"


async def _logprobs(prober: _Prober) -> Finding:
    reply = await prober.ask(_HELLO, logprobs=True)
    if isinstance(reply, Failure):
        return _refused(reply)
    try:
        found = json.loads(reply.raw)["choices"][0].get("logprobs")
    except (ValueError, LookupError, AttributeError, TypeError):
        return "unknown"
    return "honoured" if found else "ignored"


def _picture_asked(longest: Sequence[Message]) -> list[list[Message]]:
    """A question with a picture of the session, and without it; nothing where it shows none."""
    shown = next((one["pictures"] for one in longest if one.get("pictures")), None)
    if not shown:
        return []
    return [[{"role": "user", "content": _HELLO, "pictures": shown[:1]}], _asking(_HELLO)]


async def _pictures(prober: _Prober, longest: Sequence[Message]) -> Finding:
    """Whether a picture is taken; one that is counted for nothing was dropped on the way."""
    asked = _picture_asked(longest)
    if not asked:
        return "absent"
    replies = [await prober.say(messages) for messages in asked]
    for reply in replies:
        if isinstance(reply, Failure):
            return _refused(reply)
    seen, blind = (one.usage.prompt_tokens for one in replies if isinstance(one, Reply))
    if not (seen and blind):
        return "unknown"
    return "honoured" if seen > blind else "ignored"


async def _context(prober: _Prober, longest: Sequence[Message]) -> Finding:
    """A word at the very beginning of the longest session is asked for at its end.

    A weak model may not find it although the whole was read. The provider's counts say whether it
    was, beside those of a session half as long; without counts a second sample has to agree.
    """
    full = await prober.say(_remembering(longest))
    if isinstance(full, Failure):
        return _refused(full)
    if _CODE_WORD in full.text.lower():
        return "honoured"
    half = await prober.say(_remembering(longest[: len(longest) // 2]))
    if isinstance(half, Failure):
        return "unknown"
    if full.usage.prompt_tokens and half.usage.prompt_tokens:
        grown = full.usage.prompt_tokens / half.usage.prompt_tokens
        longer = _characters(longest) / _characters(longest[: len(longest) // 2])
        return "honoured" if grown >= _READ_WHOLE * longer else "ignored"
    again = await prober.say(_remembering(longest))
    if isinstance(again, Failure):
        return "unknown"
    return "honoured" if _CODE_WORD in again.text.lower() else "ignored"


def _characters(longest: Sequence[Message]) -> int:
    return sum(len(message["content"]) for message in _remembering(longest))


def _remembering(longest: Sequence[Message]) -> list[Message]:
    return [
        {"role": "user", "content": f"Remember the code word: {_CODE_WORD}."},
        {"role": "assistant", "content": "I will."},
        *(message for message in longest if message["role"] != "system"),
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": "Which code word did I give you at the beginning?"},
    ]


def _refused(failure: Failure) -> Finding:
    return "rejected" if failure.kind in ("bad_request", "context_length") else "unknown"
