"""Whether an endpoint still sees a session from its beginning, by its counts of prompt tokens.

Where a request contains an earlier one, prompt tokens rise. If they do not, the endpoint dropped
the beginning and said nothing. Every later request is longer still, so that later replies are no
better, even if their counts go up and down below the limit of a context that slides: until a count
is back where it would be with nothing left out. A turn that leaves no trace is contained in no
later request, and neither is what was said when a question was asked again.

Only differences between counts are used: what an endpoint adds to each of them does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from llm_respondents.providers.base import Usage


@dataclass(frozen=True, slots=True)
class Counted:
    """A request: the bytes of its texts, and its tokens as the provider counted them."""

    size: int
    prompt: int
    cached: int


class Remembering:
    """The counts of one session, turn by turn. They are all that its verdicts depend on."""

    def __init__(self) -> None:
        self._counted: dict[int, Counted] = {}

    def note(self, turn: int, size: int, usage: Usage) -> None:
        """Note the count of the first call of a turn that has one: the rest are asked again."""
        if usage.prompt_tokens:
            self._counted.setdefault(turn, _counted(size, usage))

    def forget(self, turn: int) -> None:
        """Later requests do not contain what was asked in this turn."""
        self._counted.pop(turn, None)

    def is_lost(self, turn: int, size: int, usage: Usage) -> bool:
        """Whether a reply to this turn was given without the beginning of the session.

        Without a count of its own it is taken to be as the one before.
        """
        seen = [self._counted[index] for index in sorted(self._counted) if index < turn]
        if usage.prompt_tokens:
            seen.append(_counted(size, usage))
        return _lost_at_the_end(seen)


def _counted(size: int, usage: Usage) -> Counted:
    return Counted(size, usage.prompt_tokens or 0, usage.cached_tokens or 0)


def _lost_at_the_end(seen: Sequence[Counted]) -> bool:
    # More cached than there were: this provider counts cached tokens apart, not among the rest.
    apart = any(one.cached > one.prompt for one in seen)
    whole: list[tuple[int, int]] = []
    too_long = 0
    for one in seen:
        tokens = one.prompt + (one.cached if apart else 0)
        if too_long:
            lost = not _is_back(whole, too_long, one.size, tokens)
        else:
            lost = tokens <= _most_of_shorter(whole, one.size)
        if not lost:
            whole.append((one.size, tokens))
            too_long = 0
        too_long = too_long or (one.size if lost else 0)
    return bool(too_long)


def _most_of_shorter(whole: Iterable[tuple[int, int]], size: int) -> int:
    return max((tokens for earlier, tokens in whole if earlier < size), default=0)


def _is_back(whole: Sequence[tuple[int, int]], too_long: int, size: int, tokens: int) -> bool:
    """Whether a request is counted as long as it must be if the whole of it was read.

    What the endpoint can take is less than the request that was too long. So a count is whole if
    it is nearer to that of this request than to that of the other.
    """
    (first, fewest), (last, most) = min(whole), max(whole)
    if last == first or size <= too_long:
        return False
    per_byte = (most - fewest) / (last - first)
    return tokens > most + per_byte * ((too_long + size) / 2 - last)
