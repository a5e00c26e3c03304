"""Requests without what an endpoint was found to reject: asked with a provider, tried by a probe.

An error may name what it does not take, and may not. What is named is left out first; what was
left out without being named is put back if the endpoint takes it. The limit of tokens is never left
out, but called by its other name.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_respondents.providers.base import Failure, Provider, Reply, Request

# What may be rejected, by the words of an error that name it; first what is most often refused
# without being named.
_SYSTEM = "system"
_TOKENS = "tokens"
_WORDS: Mapping[str, re.Pattern[str]] = {
    _SYSTEM: re.compile(r"\bsystem\b|\broles?\b", re.IGNORECASE),
    "temperature": re.compile(r"temperature", re.IGNORECASE),
    "top_p": re.compile(r"top[_-]?p\b", re.IGNORECASE),
    "reasoning_effort": re.compile(r"reasoning|effort", re.IGNORECASE),
    _TOKENS: re.compile(r"max[_ ](?:completion_)?tokens", re.IGNORECASE),
}
_OTHER_NAME: Mapping[str, str] = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
_LONGEST_SEARCHED = 2000

Say = Callable[[Mapping[str, Any], bool], Awaitable[Reply | Failure]]


@dataclass(frozen=True, slots=True)
class Rejected:
    """What is left out of every request, and which limit of tokens has to have its other name."""

    left_out: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()

    def without(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A request body, or the parameters of one, as the endpoint takes it."""
        return {
            _OTHER_NAME[name] if name in self.renamed else name: value
            for name, value in body.items()
            if name not in self.left_out
        }

    @classmethod
    def found(cls, findings: Mapping[str, Any]) -> Rejected:
        """By the findings of a probe, as they are stored with a panel."""
        left_out = list(findings.get("left_out", ()))
        left_out += [one for one in ("response_format", "seed") if findings.get(one) == "rejected"]
        return cls(tuple(left_out), tuple(findings.get("renamed", ())))


@dataclass(slots=True)
class FittedProvider:
    """A provider whose requests leave out what its endpoint rejects; what is sent is recorded."""

    inner: Provider
    rejected: Rejected
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.inner.name

    def parameters(self, request: Request) -> Mapping[str, Any]:
        """See `Provider.parameters`."""
        return self.rejected.without(self.inner.parameters(request))

    async def ask(self, request: Request, parameters: Mapping[str, Any]) -> Reply | Failure:
        """See `Provider.ask`."""
        return await self.inner.ask(request, parameters)

    async def aclose(self) -> None:
        """See `Provider.aclose`."""
        await self.inner.aclose()


def fitted(provider: Provider, findings: Mapping[str, Any]) -> Provider:
    """The provider, asking without what the findings of a probe say is rejected."""
    rejected = Rejected.found(findings)
    return FittedProvider(provider, rejected) if rejected != Rejected() else provider


@dataclass(frozen=True, slots=True)
class Accepted:
    """The first request that was taken, or why none is; `system` says whether it had a message."""

    reply: Reply | Failure
    rejected: Rejected = Rejected()
    system: bool = True


async def accepted(say: Say, base: Mapping[str, Any]) -> Accepted:
    """Find out with what of `base` an endpoint takes a request; `say` sends one, with or without a
    system message. At most ten requests are made, and one where all is taken.
    """
    first = await say(base, True)
    if not _is_refusal(first):
        return Accepted(first)
    taken, named = await _taken(say, base, first)
    if isinstance(taken.reply, Failure):
        # It may be down meanwhile; else nothing that can be left out is what it objects to.
        return Accepted(first if _is_refusal(taken.reply) else taken.reply)
    for name in _parts(taken) if len(_parts(taken)) > 1 else ():
        if name not in named:
            taken = await _with(say, base, taken, name)
    return taken


async def _taken(
    say: Say, base: Mapping[str, Any], refused: Reply | Failure
) -> tuple[Accepted, set[str]]:
    """Leave out one thing after the other until a request is taken; what errors named."""
    candidates = [_SYSTEM, *(name for name in _WORDS if name in base)]
    candidates += [_TOKENS] if _OTHER_NAME.keys() & base.keys() else []
    taken, named = Accepted(refused), set[str]()
    while candidates and _is_refusal(taken.reply):
        objected = [name for name in candidates if _names(taken.reply, name)]
        named.update(objected[:1])
        name = (objected or candidates)[0]
        candidates.remove(name)
        taken = await _tried(say, base, [*_parts(taken), name])
    return taken, named


async def _with(say: Say, base: Mapping[str, Any], taken: Accepted, name: str) -> Accepted:
    """What is taken with one of the things put back; as it was if it is not taken then."""
    again = await _tried(say, base, [part for part in _parts(taken) if part != name])
    return again if isinstance(again.reply, Reply) else taken


async def _tried(say: Say, base: Mapping[str, Any], parts: Sequence[str]) -> Accepted:
    tokens = tuple(name for name in _OTHER_NAME if name in base) if _TOKENS in parts else ()
    rejected = Rejected(tuple(one for one in parts if one not in (_SYSTEM, _TOKENS)), tokens)
    system = _SYSTEM not in parts
    return Accepted(await say(rejected.without(base), system), rejected, system)


def _parts(taken: Accepted) -> list[str]:
    """What is left out of a request."""
    parts = [] if taken.system else [_SYSTEM]
    parts += taken.rejected.left_out
    return [*parts, _TOKENS] if taken.rejected.renamed else parts


def _is_refusal(outcome: Reply | Failure) -> bool:
    return isinstance(outcome, Failure) and outcome.kind == "bad_request"


def _names(outcome: Reply | Failure, name: str) -> bool:
    if isinstance(outcome, Reply):
        return False
    said = f"{outcome.message} {outcome.raw[:_LONGEST_SEARCHED]}"
    return bool(_WORDS[name].search(said))
